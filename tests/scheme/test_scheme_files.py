"""The scheme files of the program: they load, they are whole, they name their sources."""

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

from ledger.scheme.faults import SchemeRejected
from ledger.scheme.loading import NOT_SCHEMES, built_in, load, parse
from ledger.scheme.measures import MaxAge, UseEnd
from ledger.scheme.schema import Scheme
from tests.scheme.files import SCHEMES, SHARED

FILES = sorted(path for path in SCHEMES.glob("*.toml") if path.name not in NOT_SCHEMES)
RULE = re.compile(r"\b(?:[A-Z]{3}|X)-\d{3}\b")
STRING = re.compile(r'"[^"]*"')
NUMBER = re.compile(r"(?<![\w-])\d")


def scheme_of(scheme_id: str) -> Scheme:
    return load(SCHEMES / f"{scheme_id}.toml").scheme


def unexplained(text: str) -> list[str]:
    """The lines that hold a number and name no rule, nor say that the source is silent.

    A comment of its own line speaks for the lines below it, as far as the next empty line.
    """
    found, above = [], ""
    for line in text.splitlines():
        before, _, comment = STRING.sub('""', line).partition("#")
        if not line.strip():
            above = ""
        elif not before.strip():
            above += comment
        explained = RULE.search(comment + above) or "silent" in comment + above
        if NUMBER.search(before.partition("=")[2]) and not explained and line != "schema = 1":
            found.append(line)
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_scheme_file_loads_and_is_named_by_its_id(path: Path) -> None:
    scheme = load(path).scheme

    assert scheme.id == path.stem
    assert scheme.edition == f"{scheme.id}@{scheme.effective_from}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_number_names_its_rule(path: Path) -> None:
    assert unexplained(path.read_text()) == []


def test_a_number_without_its_rule_is_found() -> None:
    assert unexplained("pence = 5\npence = 6  # X-041\n# silent\nmax = 7\n\nmin = 8") == [
        "pence = 5",
        "min = 8",
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_rules_that_a_file_names_exist(path: Path) -> None:
    catalogue = SHARED / "reference" / "rules.md"
    if not catalogue.exists():
        pytest.skip("the catalogue of rules is not beside this checkout")
    known = set(RULE.findall(catalogue.read_text()))

    assert set(RULE.findall(path.read_text())) <= known


@pytest.mark.parametrize(
    ("scheme_id", "placeholders"), [("stevenage", 5), ("gravesham", 0), ("hampshire", 2)]
)
def test_each_placeholder_is_warned_of_once(scheme_id: str, placeholders: int) -> None:
    assert len(load(SCHEMES / f"{scheme_id}.toml").warnings) == placeholders


def test_stevenage_sells_six_products_in_the_old_town_and_none_elsewhere() -> None:
    """An Old Town address is offered exactly six types (STV-016)."""
    scheme = scheme_of("stevenage")

    assert {each.id for each in scheme.products if each.offered_in("OT")} == {
        "virtual-visitor-vouchers",
        "paper-visitor-vouchers",
        "caring-visitors",
        "paper-caring-visitors",
        "resident-permit-ot",
        "paper-resident-permit-ot",
    }
    assert [each for each in scheme.products if each.offered_in("NT")] == []
    assert scheme.zones[0].id == "OT"


def test_a_stevenage_set_is_twenty_vouchers_for_ten_pounds_to_the_end_of_a_month() -> None:
    """STV-024, STV-037, STV-077, X-003."""
    product = scheme_of("stevenage").product("virtual-visitor-vouchers")

    assert product is not None
    assert (product.pack.size, product.pack.max, product.price.pence) == (20, 1, 1000)
    assert (product.price.model, product.price.per) == ("flat", "pack")
    assert (product.holding.months, product.holding.round) == (12, "month_end")
    assert product.use.end == UseEnd(kind="end_of_day")
    assert product.allowance == ()
    assert product.draws_units


def test_stevenage_accepts_six_documents_of_different_ages() -> None:
    """STV-046 to STV-051."""
    documents = scheme_of("stevenage").proof.documents

    assert {each.type: (each.age_test, each.max_age) for each in documents} == {
        "full_uk_driving_licence": ("none", None),
        "council_tax_bill": ("current_tax_year", None),
        "utility_bill": ("less_than", MaxAge(months=3)),
        "bank_statement": ("less_than", MaxAge(months=3)),
        "tenancy_agreement": ("within", MaxAge(days=28)),
        "purchase_completion": ("within", MaxAge(days=28)),
    }


def test_both_resident_permits_of_stevenage_share_one_cap_of_three() -> None:
    """At most three resident permits a household, paper and virtual together (STV-006)."""
    scheme = scheme_of("stevenage")

    for product_id in scheme.allowance_groups["resident-permits-ot"].products:
        product = scheme.product(product_id)
        assert product is not None
        assert [(cap.max, cap.window, cap.group) for cap in product.allowance] == [
            (3, "concurrent", "resident-permits-ot")
        ]


@pytest.mark.parametrize(("pence", "accepted"), [(1000, False), (1001, True)])
def test_stevenage_paper_vouchers_are_dearer_than_virtual_ones(pence: int, accepted: bool) -> None:
    """STV-019."""
    text = (SCHEMES / "stevenage.toml").read_text()
    replacements = {"products.paper-visitor-vouchers.price.pence": pence}

    if accepted:
        assert len(parse(text, "stevenage.toml", replacements).warnings) == 4
    else:
        with pytest.raises(SchemeRejected, match="price"):
            parse(text, "stevenage.toml", replacements)


def test_gravesham_has_the_permit_in_seventeen_zones() -> None:
    """GRV-001."""
    scheme = scheme_of("gravesham")
    product = scheme.product("visitors-permit")

    assert product is not None
    offered = [zone.id for zone in scheme.zones if product.offered_in(zone.id)]
    assert len(offered) == 17
    assert scheme.zones[0].id in offered
    assert {zone.id for zone in scheme.zones} - {*offered} == {"M04", "TC11"}


def test_a_gravesham_permit_lists_ninety_nine_vehicles_with_one_active() -> None:
    """GRV-003, GRV-006, GRV-009, X-025."""
    product = scheme_of("gravesham").products[0]

    assert (product.price.per, product.price.pence) == ("holding", 1500)
    assert (product.vehicles.listed_max, product.vehicles.active_max) == (99, 1)
    assert (product.use.start, product.use.end.kind) == ("on_switch", "until_switched")
    assert not product.draws_units


def test_hampshire_books_fourteen_days_ahead_on_three_channels_and_at_once_by_text() -> None:
    """HAN-020, HAN-021, X-039, X-040."""
    channels = scheme_of("hampshire").products[0].channels

    assert {name: terms.max_days for name, terms in channels.items()} == {
        "website": 14,
        "app": 14,
        "phone": 14,
        "text": None,
    }
    assert {name: terms.future for name, terms in channels.items()} == {
        "website": True,
        "app": True,
        "phone": True,
        "text": False,
    }
    assert channels["text"].effective == "on_confirmation"


def test_hampshire_wants_its_price_and_its_cap_from_the_council() -> None:
    """Neither is in the source (X-041)."""
    text = (SCHEMES / "hampshire.toml").read_text()
    given: dict[str, object] = {
        "products.carer-permits": "visitor-permits",
        "products.visitor-permits.price.pence": 1300,
        "products.visitor-permits.allowance.max": 60,
    }

    loaded = parse(text, "hampshire.toml", given)

    assert [each.price.pence for each in loaded.scheme.products] == [1300, 1200]
    assert [each.allowance[0].max for each in loaded.scheme.products] == [60, 50]
    assert [warning.split(": ")[1] for warning in loaded.warnings] == [
        "products.carer-permits.price",
        "products.carer-permits.allowance",
    ]


def test_the_examples_of_the_reference_load_as_they_stand() -> None:
    reference = SHARED / "reference" / "schemes.md"
    if not reference.exists():
        pytest.skip("the reference is not beside this checkout")
    texts = re.findall(r"```toml\n(.*?)```", reference.read_text(), re.DOTALL)

    schemes = [parse(text, "example.toml").scheme for text in texts]

    assert [scheme.id for scheme in schemes] == ["stevenage", "norwich-2015", "windsor-maidenhead"]
    norwich = schemes[1]
    assert norwich.zones[1].hours[0].days == (0, 1, 2, 3, 4, 5)
    assert norwich.eligibility[0].built_from == date(2000, 1, 1)


def test_every_set_of_a_worked_example_loads() -> None:
    folder = SHARED / "scenarios"
    if not folder.exists():
        pytest.skip("the worked examples are not beside this checkout")
    library, tried = built_in(), 0
    for path in sorted(folder.glob("*.toml")):
        for scenario in tomllib.loads(path.read_text())["scenario"]:
            if scenario["scheme"] not in library.ids:
                continue
            file = library.file_of(scenario["scheme"])
            values = scenario.get("set", {})
            for step in ({"set": {}}, *scenario["steps"]):
                if "set" in step and "rejected" not in step.get("expect", {}):
                    parse(file.text, file.file, {**values, **step["set"]})
                    tried += 1

    assert tried > 60
