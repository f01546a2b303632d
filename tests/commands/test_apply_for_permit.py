"""Applying: the figures an application is given, and every reason why it is not taken."""

from datetime import date

import pytest

from commands.apply_for_permit import ApplyForPermit
from commands.cancel_application import CancelApplication
from commands.move_out import MoveOut
from ledger.events import ApplicationSubmitted, HoldingIssued, Line
from ledger.rules.ordering import Wanted
from tests.given import bought, cover, done, given, home, instant, living, vehicle

SETS = "virtual-visitor-vouchers"
PERMITS = "visitor-permits"
EPERMIT = "visitors-permit"


def test_an_application_is_given_its_number_and_its_figures():
    """Number, dates, period and price; next comes the proof (STV-035, STV-038, A-001)."""
    (
        given()
        .when(ApplyForPermit(product=SETS, confirm=("vehicle_limits",)), ids=("617436abcdef99",))
        .then(
            ApplicationSubmitted(
                application_id="617436abcdef99",
                number="617436ABCDEF",
                resident_id="res",
                lines=(Line(product=SETS, units=20, packs=1, pence=1000, months=12),),
                pence=1000,
                starts_on=date(2026, 11, 19),
                start_chosen=False,
                last_day=date(2027, 11, 30),
                zone="OT",
                edition="stevenage@2020-11-19",
                state="awaiting_proof",
                confirmed=("vehicle_limits",),
            )
        )
        .then_answers(state="awaiting_proof", pence=1000, starts="2026-11-19", holdings=[])
    )


@pytest.mark.parametrize(
    ("today", "start", "last_day"),
    [
        ("2026-11-19", None, "2027-11-30"),
        ("2026-11-19", date(2026, 12, 1), "2027-11-30"),
        ("2026-11-19", date(2026, 12, 2), "2027-12-31"),
        ("2024-02-29", None, "2025-02-28"),
        ("2024-03-01", None, "2025-02-28"),
        ("2026-12-31", None, "2027-12-31"),
    ],
)
def test_a_set_lasts_to_the_end_of_the_month_a_year_on(today, start, last_day):
    """The last day is rounded up to the end of its month (X-003, A-021, A-023; X-035)."""
    given().when(ApplyForPermit(product=SETS, start=start), at=f"{today} 10:00").then_answers(
        last_day=last_day
    )


@pytest.mark.parametrize(
    ("today", "last_day"), [("2026-11-19", "2027-11-18"), ("2024-02-29", "2025-02-28")]
)
def test_with_exact_terms_it_ends_the_day_before_its_anniversary(today, last_day):
    """The rounding is the scheme's choice (X-003, A-022)."""
    given(values={f"products.{SETS}.holding.round": "exact"}).when(
        ApplyForPermit(product=SETS), at=f"{today} 10:00"
    ).then_answers(last_day=last_day)


def test_today_is_the_local_date():
    """Half past eleven at night in UTC is the next day in summer."""
    given().when(ApplyForPermit(product=SETS), at="2026-06-30 23:30Z").then_answers(
        starts="2026-07-01"
    )


def test_a_set_cannot_start_yesterday_and_can_start_today():
    """The start is today or later (STV-022, STV-023, A-024)."""
    given().when(ApplyForPermit(product=SETS, start=date(2026, 11, 18))).then_refused(
        "application.start_in_past"
    )
    given().when(ApplyForPermit(product=SETS, start=date(2026, 11, 19))).then_accepted()
    given().when(ApplyForPermit(product=SETS, start=date.max)).then_refused(
        "application.start_too_far"
    )


@pytest.mark.parametrize(("product", "scheme"), [(EPERMIT, "gravesham"), (PERMITS, "hampshire")])
def test_a_start_that_follows_from_the_purchase_cannot_be_chosen(product, scheme):
    """These begin with the issue or the purchase (HAN-018): another day is refused, since who
    names one would not get it, and that day itself is what they get."""
    past = given(scheme=scheme)

    past.when(ApplyForPermit(product=product, start=date(2027, 3, 1))).then_refused(
        "application.start_fixed"
    )
    outcome = past.when(ApplyForPermit(product=product, start=date(2026, 11, 19)))
    outcome.then_answers(starts="2026-11-19", last_day="2027-11-18")
    assert isinstance(outcome.events[0], ApplicationSubmitted)
    assert outcome.events[0].start_chosen is False


@pytest.mark.parametrize(("start", "refused"), [(19, False), (20, True)])
def test_where_a_start_cannot_be_postponed_it_is_today(start, refused):
    """holding.postpone = false (STV-022, STV-023)."""
    outcome = given(values={f"products.{SETS}.holding.postpone": False}).when(
        ApplyForPermit(product=SETS, start=date(2026, 11, start))
    )

    if refused:
        outcome.then_refused("application.start_fixed")
    else:
        outcome.then_answers(starts="2026-11-19", last_day="2027-11-30")


AGED = {"concession": "pension-support", "product": "scratch-2h"}


@pytest.mark.parametrize(
    ("each_claim", "by", "refused"),
    [(True, "old", True), (False, "old", False), (False, "other", True)],
)
def test_evidence_of_a_reduced_price_is_shown_each_time_or_once(each_claim, by, refused):
    """Status changes: with each claim, unless the scheme says that once is enough (X-057)."""
    pensioner = {"born_on": date(1950, 1, 1), "receives": ("council_tax_support",)}
    outcome = given(
        living("old", **pensioner),
        living("other", **pensioner),
        done(ApplyForPermit(**AGED, evidence=True), by="old", ids=("a1",)),
        scheme="windsor-maidenhead",
        values={"concessions.pension-support.each_claim": each_claim},
    ).when(ApplyForPermit(**AGED), by=by)

    if refused:
        outcome.then_refused("eligibility.evidence_missing")
    else:
        outcome.then_answers(pence=250)


def test_evidence_of_a_claim_that_was_refused_or_withdrawn_was_not_shown():
    pensioner = {"born_on": date(1950, 1, 1), "receives": ("council_tax_support",)}
    given(
        living("old", **pensioner),
        done(ApplyForPermit(**AGED, evidence=True), by="old", ids=("a1",)),
        done(CancelApplication(application="a1"), by="old", key="cancel"),
        scheme="windsor-maidenhead",
        values={"concessions.pension-support.each_claim": False},
    ).when(ApplyForPermit(**AGED), by="old").then_refused("eligibility.evidence_missing")


def test_the_statement_must_be_ticked_and_says_nothing_where_all_are():
    """Over-size vehicles: without the tick Next is refused (STV-027, A-019)."""
    given().when(ApplyForPermit(product=SETS, confirm=())).then_refused(
        "application.confirmation_missing"
    )
    given().when(ApplyForPermit(product=SETS, confirm=("other",))).then_refused(
        "application.confirmation_missing"
    )


def test_the_zone_follows_from_the_address():
    """Prefilled and not to be edited (STV-021, A-020)."""
    given().when(ApplyForPermit(product=SETS, zone="NT")).then_refused("eligibility.zone")
    given().when(ApplyForPermit(product=SETS, zone="OT")).then_accepted()


@pytest.mark.parametrize(
    ("zone", "offered"), [("H01", True), ("TC10", True), ("TC11", False), ("M04", False)]
)
def test_a_product_is_for_the_zones_that_have_it(zone, offered):
    """Seventeen zones have the e-permit (GRV-001, A-072)."""
    outcome = given(home(zone), scheme="gravesham").when(ApplyForPermit(product=EPERMIT))

    if offered:
        outcome.then_answers(pence=1500)
    else:
        outcome.then_refused("eligibility.zone")


@pytest.mark.parametrize("product", ["", "day-scratchcard", "Virtual-Visitor-Vouchers"])
def test_what_the_scheme_has_not_cannot_be_applied_for(product):
    """An unavailable product cannot be applied for (STV-009, STV-017)."""
    given().when(ApplyForPermit(product=product)).then_refused("eligibility.product_not_offered")


def test_an_order_is_refused_for_the_product_that_is_not_offered():
    given().when(
        ApplyForPermit(lines=(Wanted(product=SETS), Wanted(product="no-such")))
    ).then_refused("eligibility.product_not_offered")


def test_a_council_without_a_scheme_refuses_everything():
    """Represented with no products (X-093)."""
    given(scheme="edinburgh").when(ApplyForPermit(product=SETS)).then_refused("scheme.none")


@pytest.mark.parametrize("months", [11, 13, 0, -1, 10**9])
def test_a_fixed_period_is_not_chosen(months):
    """The issue period of a set is twelve months (STV-024)."""
    given().when(ApplyForPermit(product=SETS, months=months)).then_refused("application.months")


def test_there_is_no_permit_number_where_there_is_no_ladder():
    given().when(ApplyForPermit(product=SETS, slot=1)).then_refused("application.slot")


def test_any_number_of_vehicles_up_to_the_maximum_is_named_none_among_them():
    """Zero vehicles is a valid application; the hundredth is refused (GRV-007 to GRV-009)."""
    marks = tuple(f"AB{n:02d}AAA" for n in range(1, 100))

    given(scheme="gravesham").when(ApplyForPermit(product=EPERMIT)).then_accepted()
    given(scheme="gravesham").when(ApplyForPermit(product=EPERMIT, vehicles=marks)).then_accepted()
    given(scheme="gravesham").when(
        ApplyForPermit(product=EPERMIT, vehicles=(*marks, "ZZ99ZZZ"))
    ).then_refused("vehicle.list_full")


def test_a_vehicle_is_named_once_glyph_for_glyph():
    """O and 0 are one glyph (X-101)."""
    given(scheme="gravesham").when(
        ApplyForPermit(product=EPERMIT, vehicles=("AB01CDE", "abo1 cde"))
    ).then_refused("vehicle.already_listed")


def test_an_excluded_property_is_refused_and_an_unverified_resident_too():
    """Eligibility is the council's decision on the property (X-080); registration verifies."""
    given(home("HANTS", excluded=True), living("r2", verified=False), scheme="hampshire").when(
        ApplyForPermit(product=PERMITS), by="r2"
    ).then_refused("eligibility.not_verified", "eligibility.property_excluded")


def test_only_who_lives_here_applies():
    moved = done(MoveOut(resident="res"), at="2026-11-19 10:00", by="staff")

    given(living("r2"), moved).when(ApplyForPermit(product=SETS)).then_refused(
        "eligibility.not_resident"
    )
    given().when(ApplyForPermit(product=SETS), by="stranger").then_refused(
        "eligibility.not_resident"
    )


def test_staff_apply_for_a_resident():
    """An application by post is entered by staff for the person who signed it."""
    outcome = given(living("r2")).when(
        ApplyForPermit(product=SETS), by="staff for r2", channel="post"
    )

    assert isinstance(outcome.then_accepted().events[0], ApplicationSubmitted)
    assert outcome.events[0].resident_id == "r2"


def test_staff_say_for_whom_where_several_live():
    """Which of them is never guessed at."""
    apply = ApplyForPermit(product=SETS)

    given().when(apply, by="staff").then_accepted()
    given(living("r2")).when(apply, by="staff").then_refused("eligibility.not_resident")


def test_every_reason_is_given_in_the_order_of_topics():
    """Vehicle, eligibility, application, purchase, allowance (scenario language)."""
    given(
        bought(EPERMIT),
        home("TC11"),
        living("r2", verified=False),
        scheme="gravesham",
    ).when(
        ApplyForPermit(
            product=EPERMIT,
            vehicles=("?", "AA11AAA", "aa11aaa"),
            start=date(2026, 11, 18),
            months=6,
            quantity=2,
        ),
        by="r2",
    ).then_refused(
        "vehicle.mark_invalid",
        "vehicle.already_listed",
        "eligibility.not_verified",
        "eligibility.zone",
        "application.start_in_past",
        "application.months",
        "purchase.above_maximum",
        "allowance.in_force",
    )


def test_what_costs_nothing_and_needs_no_proof_is_issued_at_once():
    """What costs nothing is never waited for; the first vehicle named is active (GRV-018)."""
    outcome = given(
        scheme="hampshire",
        values={f"products.{PERMITS}.price.pence": 0},
    ).when(ApplyForPermit(product=PERMITS), ids=("a1", "h1"))

    outcome.then_answers(state="issued", pence=0, holdings=["h1"])
    assert [type(event) for event in outcome.events] == [ApplicationSubmitted, HoldingIssued]


def test_a_free_list_permit_covers_its_first_vehicle_from_the_issue():
    """The active vehicle and the listed ones, to the end of the last day (A-061, A-070)."""
    outcome = given(
        bought("caring-visitors", at="2026-11-19 12:00", vehicles=("AA11AAA", "BB22BBB"))
    )

    holding = outcome.household.holdings["lot"]

    def covering(cover_id: str, kind, mark: str):
        return cover(
            cover_id,
            mark,
            kind=kind,
            holding="lot",
            product="caring-visitors",
            zone="OT",
            begins="2026-11-19 12:00",
            ends="2027-12-01 00:00",
        )

    assert holding.active == vehicle("AA11AAA").glyphs
    assert (holding.in_force_from, holding.in_force_until) == (
        instant("2026-11-19 12:00"),
        instant("2027-12-01 00:00"),
    )
    assert list(holding.covers.values()) == [
        covering("lot#3", "listed", "AA11AAA"),
        covering("lot#4", "listed", "BB22BBB"),
        covering("lot#5", "active", "AA11AAA"),
    ]
