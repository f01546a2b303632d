"""Every council's file does what the source says of it: terms, caps and who may have what.

What a household does here it does through the real commands, folded in memory.
"""

import tomllib
from datetime import date
from functools import cache

import pytest

from commands.apply_for_permit import ApplyForPermit
from ledger.rules import eligibility
from ledger.rules.ordering import Wanted
from ledger.scheme.editions import SchemeLibrary
from ledger.scheme.loading import built_in
from ledger.scheme.measures import UseEnd
from ledger.scheme.products import Product
from ledger.scheme.schema import Scheme
from services.councils import chosen
from tests.given import bought, given, home, living
from tests.scheme.coverage import OURS
from tests.scheme.files import SCHEMES, SHARED

WITHOUT_SCHEME = ("edinburgh", "kensington-chelsea", "manchester")
REFERENCE = (
    "bath",
    "brighton",
    "bristol",
    "cambridge",
    "canterbury",
    "chester",
    "ipswich",
    "oxford",
    "st-albans",
    "winchester",
    "york",
)
FIRST = "2026-02-01 10:00"


@cache
def library() -> SchemeLibrary:
    return built_in()


def scheme_of(scheme_id: str) -> Scheme:
    return library().scheme(scheme_id)


def product_of(scheme_id: str, product_id: str) -> Product:
    product = scheme_of(scheme_id).product(product_id)
    assert product is not None
    return product


def test_twenty_one_councils_have_a_file() -> None:
    assert len(library().ids) == 21
    assert {each.scheme.id for each in library().read if each.scheme.status == "none"} == {
        *WITHOUT_SCHEME
    }
    assert {each.scheme.id for each in library().read if each.scheme.status == "reference"} == {
        *REFERENCE
    }


@pytest.mark.parametrize("scheme_id", WITHOUT_SCHEME)
def test_a_council_without_a_scheme_refuses_every_application(scheme_id: str) -> None:
    """EDI-001, KEN-001, MAN-001, X-093."""
    applied = ApplyForPermit(product="day-permit")

    given(scheme=scheme_id).when(applied).then_refused("scheme.none")


@pytest.mark.parametrize("scheme_id", sorted({*library().ids} - {*WITHOUT_SCHEME}))
def test_what_a_scheme_offers_in_its_first_zone_can_be_applied_for(scheme_id: str) -> None:
    """A scenario's default property lies in the first zone of the file."""
    home_of = given(scheme=scheme_id).household
    scheme = scheme_of(scheme_id)

    assert eligibility.offered(home_of, scheme) == [product.id for product in scheme.products]


def test_the_clock_permit_needs_an_own_vehicle_permit_in_force() -> None:
    """IPS-004, X-092."""
    wanted = ApplyForPermit(product="clock-permit")
    own = bought("own-vehicle-permit", vehicles=("AA11AAA",), at=FIRST)

    given(scheme="ipswich").when(wanted, at="2026-02-01 11:00").then_refused(
        "eligibility.prerequisite_missing"
    )
    given(own, scheme="ipswich").when(wanted, at="2026-02-01 11:00").then_answers(pence=0)
    given(own, scheme="ipswich").when(wanted, at="2027-02-01 00:00").then_refused(
        "eligibility.prerequisite_missing"
    )


def test_a_five_day_permit_covers_its_vehicle_from_the_stated_day() -> None:
    """CAM-001, CAM-002, X-088."""
    story = given(
        bought("five-day-permit", vehicles=("AB12CDE",), start=date(2026, 11, 20)),
        scheme="cambridge",
    )
    (cover,) = story.household.holdings["lot"].covers.values()

    assert (cover.shown, cover.covers_from.isoformat(), cover.covers_until.isoformat()) == (
        "AB12CDE",
        "2026-11-20T00:00:00+00:00",
        "2026-11-25T00:00:00+00:00",
    )


@pytest.mark.parametrize("zone", list("ABCDEFGHIJKL"))
def test_twelve_zones_have_cards_and_no_visitor_permit(zone: str) -> None:
    """RBW-041, X-051."""
    story = given(home(zone), scheme="windsor-maidenhead")

    story.when(ApplyForPermit(product="visitor-permit", slot=1)).then_refused("eligibility.zone")
    story.when(ApplyForPermit(product="scratch-2h")).then_answers(pence=750)


@pytest.mark.parametrize(
    ("quantity", "code"),
    [
        (25, None),
        (30, "purchase.above_maximum"),
        (7, "purchase.not_a_multiple"),
    ],
)
def test_cards_are_sold_in_fives_and_twenty_five_at_a_time(quantity: int, code: str | None) -> None:
    """RBW-026, RBW-027, X-044, X-048."""
    outcome = given(scheme="windsor-maidenhead").when(
        ApplyForPermit(product="scratch-24h", quantity=quantity)
    )

    assert outcome.error is None if code is None else code in str(outcome.error)


def test_twenty_five_are_counted_over_all_durations_of_an_order() -> None:
    """X-044, X-048."""
    lines = (
        Wanted(product="scratch-2h", quantity=15),
        Wanted(product="scratch-6h", quantity=10),
    )
    story = given(scheme="windsor-maidenhead")

    story.when(ApplyForPermit(lines=lines)).then_answers(pence=5250)
    story.when(
        ApplyForPermit(lines=(*lines, Wanted(product="scratch-24h", quantity=5)))
    ).then_refused("purchase.above_maximum")


@pytest.mark.parametrize(
    ("facts", "refused"),
    [
        ({"zone": "OUTER", "built_on": date(2004, 6, 30)}, False),
        ({"zone": "OUTER", "built_on": date(2004, 7, 1)}, True),
        (
            {"zone": "OUTER", "built_on": date(2004, 7, 1), "built_with_own_scheme": True},
            False,
        ),
        ({"zone": "OUTER", "built_on": date(1930, 1, 1), "converted": True}, True),
        (
            {"zone": "CENTRE", "areas": ("city-centre",), "built_on": date(1999, 12, 31)},
            False,
        ),
        ({"zone": "CENTRE", "areas": ("city-centre",), "built_on": date(2000, 1, 1)}, True),
        ({"zone": "OUTER", "areas": ("castle",), "built_on": date(2000, 1, 1)}, True),
        ({"zone": "OUTER", "built_on": date(2000, 1, 1)}, False),
    ],
)
def test_recent_properties_have_no_entitlement(facts: dict[str, object], refused: bool) -> None:
    """NOR-123 to NOR-125, NOR-127, X-080."""
    story = given(home(**facts), scheme="norwich-2015")  # type: ignore[arg-type]

    outcome = story.when(ApplyForPermit(product="day-scratchcard"))

    if refused:
        assert "eligibility.property_excluded" in str(outcome.error)
    else:
        outcome.then_accepted()


def test_the_term_of_a_clock_is_four_two_or_one_hours() -> None:
    """NOR-072, NOJ-001, NOR-047, IPS-001, X-060, X-078."""
    clocks = [
        ("norwich-2015", "short-stay"),
        ("norwich-2014-july", "short-stay"),
        ("norwich-2015", "care-worker-2h"),
        ("ipswich", "clock-permit"),
    ]

    assert [product_of(*each).use.end.hours for each in clocks] == [4, 2, 2, 1]
    assert {product_of(*each).use.start for each in clocks} == {"clock"}


def test_a_day_card_lasts_to_ten_the_next_morning() -> None:
    """NOR-086, NOR-115, X-068."""
    end = product_of("norwich-2015", "day-scratchcard").use.end

    assert end.kind == "next_day"
    assert end.until_time is not None
    assert end.until_time.isoformat() == "10:00:00"


@pytest.mark.parametrize(
    ("product_id", "hours"), [("scratch-2h", 2), ("scratch-6h", 6), ("scratch-24h", 24)]
)
def test_a_scratch_card_lasts_elapsed_hours(product_id: str, hours: int) -> None:
    """RBW-029, X-054."""
    use = product_of("windsor-maidenhead", product_id).use

    assert (use.end, use.measure) == (UseEnd(kind="hours", hours=hours), "elapsed")


def test_six_of_fourteen_authorities_allow_more_than_sixty_permits_a_year() -> None:
    """NOR-036, X-083: which settles that eleven at St Albans are books."""
    most = {}
    for scheme_id in (*REFERENCE, *WITHOUT_SCHEME):
        caps = [
            cap.max * (product.pack.size if cap.unit == "pack" else 1) * _times_a_year(cap.window)
            for product in scheme_of(scheme_id).products
            for cap in product.allowance
            if product.kind in ("day_voucher", "multi_day_permit")
        ]
        most[scheme_id] = max(caps, default=0)

    assert len(most) == 14
    assert {name for name, number in most.items() if number > 60} == {
        "bath",
        "chester",
        "york",
        "st-albans",
        "canterbury",
        "bristol",
    }


def _times_a_year(window: str) -> int:
    return 12 if window == "calendar_month" else 1


def test_a_visitor_permit_is_one_for_a_household_under_the_old_scheme() -> None:
    """NOC-002, NOC-006."""
    story = given(living("r2"), bought("visitor-permit", at=FIRST), scheme="norwich-existing")

    story.when(
        ApplyForPermit(product="visitor-permit"), by="r2", at="2026-02-02 10:00"
    ).then_refused("allowance.in_force")


def test_what_was_sold_under_the_scheme_before_keeps_its_terms() -> None:
    """NOR-010, X-060: one council goes on from its old scheme to the new one."""
    norwich = library().editions("norwich-2015")

    assert [scheme.edition for scheme in norwich.ordered] == [
        "norwich-existing@2013-10-01",
        "norwich-2015@2015-01-01",
    ]
    assert norwich.in_force(date(2014, 12, 31)).product("visitor-permit") is not None
    assert norwich.in_force(date(2015, 1, 1)).product("visitor-permit") is None
    old = norwich.edition("norwich-existing@2013-10-01").product("visitor-permit")
    assert old is not None
    assert old.price.pence == 3100
    assert norwich.latest.id == "norwich-2015"
    assert [each.id for each in library().editions("norwich-existing").ordered] == [
        "norwich-existing"
    ]
    served = chosen(library(), ["norwich-2015"])["norwich-2015"]
    assert served.ordered == norwich.ordered


@pytest.mark.parametrize(
    ("scheme_id", "placeholders"),
    [
        ("windsor-maidenhead", 1),
        ("norwich-2015", 2),
        ("norwich-2014-july", 1),
        ("norwich-existing", 0),
        ("brighton", 3),
        ("bath", 1),
        *((scheme_id, 0) for scheme_id in REFERENCE if scheme_id not in ("brighton", "bath")),
    ],
)
def test_only_an_amount_that_nobody_gave_is_marked(scheme_id: str, placeholders: int) -> None:
    """X-041, X-085, X-091."""
    assert len(library().file_of(scheme_id).warnings) == placeholders


def test_a_file_is_short_where_the_source_is_silent() -> None:
    """Most councils of the survey have one line in the source, and need little more than a page."""
    for scheme_id in (*REFERENCE, *WITHOUT_SCHEME):
        assert len((SCHEMES / f"{scheme_id}.toml").read_text().splitlines()) < 60


def test_a_product_is_paper_where_its_name_says_so_and_nowhere_else() -> None:
    """STV-008."""
    for product in scheme_of("stevenage").products:
        assert ("paper" in product.name.lower()) == (product.medium == "paper")


def test_every_zone_of_a_worked_example_is_one_of_its_scheme() -> None:
    """A property can be listed in a zone of the scheme alone. Where products name their zones, an
    example may have a home in another one, to see it refused."""
    folders = [OURS, *([SHARED / "scenarios"] if SHARED.exists() else [])]
    named = 0
    for path in sorted(path for folder in folders for path in folder.glob("*.toml")):
        for scenario in tomllib.loads(path.read_text(encoding="utf-8"))["scenario"]:
            scheme = scheme_of(scenario["scheme"])
            if any(each.zones_only or each.zones_excluded for each in scheme.products):
                continue
            zones = {zone.id for zone in scheme.zones}
            for facts in (scenario.get("home", {}), *scenario["steps"]):
                named += "zone" in facts
                assert facts.get("zone", next(iter(zones))) in zones, scenario["id"]

    assert named > 20
