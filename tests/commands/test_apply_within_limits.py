"""Applying for so many: packs, and every cap that a purchase would pass."""

import pytest

from commands.apply_for_permit import ApplyForPermit
from commands.book_voucher import BookVoucher
from commands.move_out import MoveOut
from ledger.rules.ordering import Wanted
from tests.given import applied_for, bought, done, given, living

SETS = "virtual-visitor-vouchers"
PERMITS = "visitor-permits"
EPERMIT = "visitors-permit"


@pytest.mark.parametrize(
    ("quantity", "codes"),
    [
        (None, ()),
        (20, ()),
        (19, ("purchase.not_a_multiple", "purchase.below_minimum")),
        (21, ("purchase.not_a_multiple", "purchase.above_maximum")),
        (40, ("purchase.above_maximum",)),
        (0, ("purchase.below_minimum",)),
        (-1, ("purchase.not_a_multiple", "purchase.below_minimum")),
        (-20, ("purchase.below_minimum",)),
        (10**9, ("purchase.above_maximum",)),
    ],
)
def test_one_set_is_bought_at_a_time(quantity, codes):
    """A set is twenty, and a set an application (STV-077, STV-128)."""
    outcome = given().when(ApplyForPermit(product=SETS, quantity=quantity))

    if codes:
        outcome.then_refused(*codes)
    else:
        outcome.then_answers(pence=1000)


@pytest.mark.parametrize(
    ("quantity", "codes"),
    [
        (10, ()),
        (50, ()),
        (60, ("allowance.exceeded",)),
        (15, ("purchase.not_a_multiple",)),
        (65, ("purchase.not_a_multiple", "allowance.exceeded")),
        (0, ("purchase.below_minimum",)),
        (-10, ("purchase.below_minimum",)),
        (10**9, ("purchase.above_maximum", "allowance.exceeded")),
    ],
)
def test_permits_come_in_bundles_of_ten_up_to_the_years_number(quantity, codes):
    """Several bundles at once, within what the year allows (HAN-012, HAN-013, A-080, A-081)."""
    outcome = given(scheme="hampshire").when(ApplyForPermit(product=PERMITS, quantity=quantity))

    if codes:
        outcome.then_refused(*codes)
    else:
        outcome.then_answers(pence=quantity * 120, state="awaiting_payment")


@pytest.mark.parametrize(
    ("at", "refused"), [("2027-11-19 23:59:59.999999", True), ("2027-11-20 00:00", False)]
)
def test_what_was_bought_can_be_bought_again_on_that_date_next_year(at, refused):
    """From midnight, whatever the time of day of the purchase (HAN-016, X-034, A-082)."""
    outcome = given(bought(PERMITS, units=50, at="2026-11-20 15:00"), scheme="hampshire").when(
        ApplyForPermit(product=PERMITS), at=at
    )

    if refused:
        outcome.then_refused("allowance.exceeded")
    else:
        outcome.then_accepted()


@pytest.mark.parametrize(
    ("at", "refused"), [("2025-02-28 23:59:59", True), ("2025-03-01 00:00", False)]
)
def test_what_was_bought_on_a_leap_day_comes_back_on_the_first_of_march(at, refused):
    """28 February would put two purchases inside one twelve months (X-035)."""
    outcome = given(bought(PERMITS, units=50, at="2024-02-29 10:00"), scheme="hampshire").when(
        ApplyForPermit(product=PERMITS), at=at
    )

    if refused:
        outcome.then_refused("allowance.exceeded")
    else:
        outcome.then_accepted()


def test_a_household_has_one_permit_in_force_at_a_time():
    """One in force per household, whoever applies (X-032, A-077)."""
    held = (living("r2"), bought(EPERMIT, at="2026-11-19 09:00"))
    apply = ApplyForPermit(product=EPERMIT)

    given(*held, scheme="gravesham").when(apply).then_refused("allowance.in_force")
    given(*held, scheme="gravesham").when(apply, by="r2").then_refused("allowance.in_force")
    given(*held, scheme="gravesham").when(apply, at="2027-11-18 23:59:59").then_refused(
        "allowance.in_force"
    )
    given(*held, scheme="gravesham").when(apply, at="2027-11-19 00:00").then_accepted()


def test_an_application_that_is_not_issued_counts_for_nothing():
    """The count is of purchases (X-042): two may be asked for, one of them is issued."""
    given(applied_for(EPERMIT), scheme="gravesham").when(
        ApplyForPermit(product=EPERMIT)
    ).then_accepted()


def test_three_resident_permits_of_either_kind_are_the_most():
    """At most three Resident permits, paper and virtual together (STV-006, A-057)."""
    three = (
        bought("resident-permit-ot", name="p1", vehicles=("AA11AAA",)),
        bought("resident-permit-ot", name="p2", vehicles=("BB22BBB",)),
        bought("paper-resident-permit-ot", name="p3", vehicles=("CC33CCC",)),
    )
    fourth = ApplyForPermit(product="paper-resident-permit-ot", vehicles=("DD44DDD",))

    given(*three[:2]).when(fourth).then_accepted()
    given(*three).when(fourth).then_refused("allowance.exceeded")


def test_lines_of_one_order_count_together_against_a_shared_maximum():
    lines = (Wanted(product="resident-permit-ot"), Wanted(product="paper-resident-permit-ot"))
    held = bought("resident-permit-ot", vehicles=("AA11AAA",))

    order = ApplyForPermit(lines=lines, vehicles=("CC33CCC",))
    given(held).when(order).then_accepted()
    given(held, bought("resident-permit-ot", name="p2", vehicles=("BB22BBB",))).when(
        order
    ).then_refused("allowance.exceeded")


def test_a_permit_for_one_vehicle_is_not_applied_for_without_it():
    """The vehicle must be stated (CAM-002)."""
    permit = ApplyForPermit(product="five-day-permit")
    given(scheme="cambridge").when(permit).then_refused("vehicle.mark_invalid")


def test_where_there_is_no_scheme_nothing_can_be_booked():
    """No scheme, and no use of one (X-093)."""
    visit = BookVoucher(vehicles=("AA11AAA",))
    given(scheme="edinburgh").when(visit).then_refused("scheme.none")


def test_the_next_household_starts_afresh():
    """Allowances are reset on a change of household (X-104)."""
    given(
        bought(PERMITS, units=50),
        done(MoveOut(resident="res"), at="2026-12-01 12:00", by="staff"),
        living("r2"),
        scheme="hampshire",
    ).when(
        ApplyForPermit(product=PERMITS, quantity=50), at="2026-12-02 10:00", by="r2"
    ).then_accepted()


def test_the_same_household_keeps_its_count_when_one_of_it_leaves():
    """Counted per household, across its accounts (X-104)."""
    given(
        living("r2"),
        bought(PERMITS, units=50),
        done(MoveOut(resident="res"), at="2026-12-01 12:00", by="staff"),
        scheme="hampshire",
    ).when(ApplyForPermit(product=PERMITS), at="2026-12-02 10:00", by="r2").then_refused(
        "allowance.exceeded"
    )
