"""No rule of the catalogue is lost: each is carried by something that exists, or says why not."""

import re

import pytest

from tests.scheme.coverage import (
    MAP,
    OURS,
    faults,
    named_in,
    read_map,
    rule_ids,
    scenarios,
    stated,
)
from tests.scheme.files import SHARED

SHARED_EXAMPLES = SHARED / "scenarios"


def test_every_rule_is_carried_by_something_that_exists() -> None:
    carried = read_map(MAP.read_text(encoding="utf-8"))
    examples = scenarios([OURS])
    if SHARED_EXAMPLES.exists():
        examples |= scenarios([SHARED_EXAMPLES])
    else:
        carried = {rule: _without_shared(targets) for rule, targets in carried.items()}

    assert list(faults(carried, rule_ids(), examples)) == []


def _without_shared(targets: dict[str, list[str]]) -> dict[str, list[str]]:
    """The targets, less the worked examples that are not beside this checkout."""
    ours = [name for name in targets.get("scenario", []) if name.startswith("L-")]
    return {**targets, "scenario": ours}


def test_without_the_shared_examples_our_own_are_still_looked_up() -> None:
    carried = read_map('STV-037 = { scenario = ["A-001", "L-999"] }')["STV-037"]

    found = list(faults({"STV-037": _without_shared(carried)}, ["STV-037"], {}))

    assert found == ["STV-037: scenario 'L-999': no such worked example"]


def test_the_list_of_rules_is_that_of_the_catalogue() -> None:
    catalogue = SHARED / "reference" / "rules.md"
    if not catalogue.exists():
        pytest.skip("the catalogue of rules is not beside this checkout")
    rows = re.findall(r"^\| ((?:[A-Z]{3}|X)-\d{3}) \|", catalogue.read_text(), re.MULTILINE)

    assert rule_ids() == rows
    assert len([rule for rule in rows if not rule.startswith("X-")]) == 516


def test_the_map_is_in_the_order_of_the_catalogue() -> None:
    assert list(read_map(MAP.read_text(encoding="utf-8"))) == rule_ids()


HERE = "tests/scheme/test_coverage.py"


@pytest.mark.parametrize(
    ("targets", "problem"),
    [
        ("", "STV-037: nothing carries it"),
        ('colour = "red"', "STV-037: colour 'red': is none of scheme, scenario"),
        ('scheme = "ghost: products"', "no such scheme"),
        ('scheme = "stevenage"', "no such scheme"),
        ('scheme = "gravesham: products"', "a scheme of another council"),
        ('scheme = "stevenage: products.ghost"', "does not state this value"),
        ('scheme = "stevenage: misuse.days_over"', "does not state this value"),
        ('scenario = "A-999"', "no such worked example"),
        ('scenario = "G-1"', "an example of another council"),
        (f'test = "{HERE}::test_ghost"', "no such test in it"),
        (f'test = "{HERE}::named_in"', "no such test in it"),
        ('test = "tests/ghost.py::test_a"', "no such file of tests"),
        ('code = "ledger.rules.tariff:ghost"', "has no attribute 'ghost'"),
        ('code = "ledger.rules.ghost:cost"', "No module named 'ledger.rules.ghost'"),
        ('code = "os:system"', "no module of the program"),
        ('context = "because"', "no reason is given"),
        ('planned = "pages"', "say where, a colon, and what"),
    ],
)
def test_a_target_that_is_none_is_found(targets: str, problem: str) -> None:
    carried = read_map(f"STV-037 = {{ {targets} }}")

    found = list(faults(carried, ["STV-037"], {"S-1": "stevenage", "G-1": "gravesham"}))

    assert len(found) == 1
    assert problem in found[0]


@pytest.mark.parametrize(
    "targets",
    [
        'scheme = "stevenage: products.virtual-visitor-vouchers.price.pence"',
        'scenario = "S-1"',
        f'test = ["{HERE}::test_a_target_that_exists_is_accepted"]',
        'code = "ledger.household.state:Household.units_left"',
        'context = "a sentence of the report"',
        'planned = "pages: the price on the form"',
    ],
)
def test_a_target_that_exists_is_accepted(targets: str) -> None:
    carried = read_map(f"STV-037 = {{ {targets} }}")

    assert list(faults(carried, ["STV-037"], {"S-1": "stevenage"})) == []


def test_a_rule_that_is_missing_or_unknown_is_found() -> None:
    carried = read_map('STV-999 = { context = "no such rule at all" }')

    assert list(faults(carried, ["STV-001"], None)) == [
        "STV-001: nothing is said of it",
        "STV-999: no rule of the catalogue",
    ]


def test_a_value_of_a_rule_that_its_file_does_not_name_is_found() -> None:
    carried = read_map('STV-003 = { scheme = "stevenage: products" }')

    (found,) = faults(carried, ["STV-003"], None)

    assert "the file does not name the rule" in found


def test_rules_are_named_singly_and_in_ranges() -> None:
    text = "x = 1  # STV-022 to STV-024, X-065 to X-066; GRV-001"

    assert named_in(text) == {"STV-022", "STV-023", "STV-024", "X-065", "X-066", "GRV-001"}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("proof.reuse_months", True),
        ("proof.documents.utility_bill.max_age", True),
        ("proof.documents.max_age", False),
        ("products.a.price.tiers", True),
        ("products.b", False),
        ("products.a.price.pence", False),
    ],
)
def test_a_path_leads_to_what_a_file_writes_itself(path: str, found: bool) -> None:
    plain = {
        "proof": {
            "reuse_months": 6,
            "documents": [{"type": "licence"}, {"type": "utility_bill", "max_age": "3m"}],
        },
        "products": [{"id": "a", "price": {"tiers": []}}],
    }

    assert stated(plain, path) is found
