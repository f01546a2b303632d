"""What is held may be given up before its end."""

from datetime import date

from commands.apply_for_permit import ApplyForPermit
from commands.book_voucher import BookVoucher
from commands.surrender_holding import SurrenderHolding
from ledger.calendar import parse_local
from ledger.events import HoldingEnded
from tests.given import bought, done, editions_of, given

TZ = editions_of("stevenage").latest.tz
LOT = bought("virtual-visitor-vouchers", at="2026-11-19 10:00", name="lot")


def test_it_ends_now_and_its_visits_with_it() -> None:
    """One that runs ends, one to come is void; no money and no purchase comes back."""
    past = given(
        LOT,
        done(BookVoucher(vehicles=("AA11AAA",), start="2026-11-20 09:00"), ids=("b1",), key="1"),
        done(BookVoucher(vehicles=("BB22BBB",), start="2026-11-21 09:00"), ids=("b2",), key="2"),
    )
    running = past.household.bookings["b1"].cover
    at = parse_local("2026-11-20 12:00", TZ)
    given_up = past.when(SurrenderHolding(holding="lot"), at="2026-11-20 12:00")

    (ended,) = given_up.events
    assert isinstance(ended, HoldingEnded)
    assert (ended.why, ended.ended_at, ended.ended_on) == (
        "surrendered",
        at,
        date(2026, 11, 20),
    )
    assert [(c.cover_id, c.covers_from, c.covers_until) for c in ended.covers] == [
        ("b1", running.covers_from, at)
    ]
    assert ended.uncovers == ended.void_bookings == ("b2",)
    given_up.then_answers(state="cancelled", remaining=0)


def test_a_permit_that_is_given_up_makes_room_for_another() -> None:
    """X-032: one in force for a household."""
    permit = bought("visitors-permit", at="2026-11-20 08:00", name="p")
    kept = given(permit, scheme="gravesham")
    kept.when(ApplyForPermit(product="visitors-permit"), at="2026-11-21 09:00").then_refused(
        "allowance.in_force"
    )
    given_up = given(
        permit, done(SurrenderHolding(holding="p"), at="2026-11-21 08:00"), scheme="gravesham"
    )
    given_up.when(ApplyForPermit(product="visitors-permit"), at="2026-11-21 09:00").then_accepted()


def test_what_is_over_cannot_be_given_up() -> None:
    past = given(LOT, done(SurrenderHolding(holding="lot"), at="2026-11-20 12:00"))
    past.when(SurrenderHolding(holding="lot"), at="2026-11-20 12:00").then_refused(
        "permit.not_in_force"
    )
    past.when(SurrenderHolding(holding="other")).then_not_found("holding")
