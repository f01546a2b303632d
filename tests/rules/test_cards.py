"""What one card covers, and what an end that came early takes of it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from ledger.household.state import Holding
from ledger.rules import cards
from ledger.scheme.products import Product
from ledger.scheme.schema import Scheme
from tests.given import editions_of, instant
from tests.rules.schemes import product_of
from tests.rules.test_refund import holding

NORWICH = editions_of("norwich-2015").latest
ST_ALBANS = editions_of("st-albans").latest
BEGINS = datetime(2026, 11, 21, tzinfo=UTC)


def sold(scheme: Scheme, product_id: str) -> Product:
    product = scheme.product(product_id)
    assert product is not None
    return product


DAILY, HOURLY = sold(NORWICH, "day-scratchcard"), sold(ST_ALBANS, "four-hour-voucher")


@pytest.mark.parametrize(
    ("ended_why", "after", "hours"),
    [("", 6, None), ("surrendered", 6, 6), ("surrendered", 0, 0), ("surrendered", -5, 0)],
)
def test_an_end_that_came_early_ends_the_cover_of_a_card(
    ended_why: str, after: int, hours: int | None
) -> None:
    """The tail to the next morning outlasts the last day, and not an early end (X-071)."""
    lot = holding(1000, 10, 0, 365)
    lot.ended_why = ended_why
    lot.in_force_until = BEGINS + timedelta(hours=after)

    found = cards.period(BEGINS, lot, DAILY, NORWICH)
    assert found.begins == BEGINS
    if hours is None:
        assert found.ends > BEGINS + timedelta(hours=24)
    else:
        assert found.ends == BEGINS + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("on", "begins"),
    [
        (date(2026, 11, 21), "2026-11-21 10:05"),
        (None, "2026-11-21 10:05"),
        (date(2026, 11, 20), ""),
    ],
)
def test_an_hourly_card_without_a_time_begins_now_and_only_today(
    on: date | None, begins: str
) -> None:
    """The current minute; a card for another day needs its time (X-068)."""
    now = instant("2026-11-21 10:05:40.5")

    found, refusal = cards.begins(HOURLY, ST_ALBANS, on, "", now)

    if begins:
        assert (found, refusal) == (instant(begins), None)
    else:
        assert found == now
        assert refusal is not None
        assert refusal.code == "booking.no_such_time"
        assert refusal.detail == "this card needs a time as well as a date"


@pytest.mark.parametrize(
    ("on", "time", "begins"),
    [
        (None, "", "2026-11-21 00:00"),
        (date(2026, 11, 23), "", "2026-11-23 00:00"),
        (date(2026, 11, 23), "2026-11-25 09:00", "2026-11-23 00:00"),
        (None, "2026-11-25 09:00", "2026-11-25 00:00"),
    ],
)
def test_a_day_card_begins_with_its_date_or_the_date_of_its_time(
    on: date | None, time: str, begins: str
) -> None:
    """From 00:00 of the date exposed; today where none is given (NOR-149)."""
    now = instant("2026-11-21 10:05")

    assert cards.begins(DAILY, NORWICH, on, time, now) == (instant(begins), None)


def test_a_day_card_whose_time_is_none_is_refused() -> None:
    now = instant("2026-11-21 10:05")

    found, refusal = cards.begins(DAILY, NORWICH, None, "25:00", now)

    assert found == now
    assert refusal is not None
    assert refusal.detail == "a time is YYYY-MM-DD HH:MM"


@pytest.mark.parametrize(("days", "refused"), [(36_525, False), (36_526, True)])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_card_lies_within_a_hundred_years(days: int, refused: bool, sign: int) -> None:
    """A slipped key: that far exactly is taken, for a date and for a time."""
    now = instant("2026-11-21 10:05")
    that = now + sign * timedelta(days=days)

    _, of_date = cards.begins(DAILY, NORWICH, that.date(), "", now)
    _, of_time = cards.begins(HOURLY, ST_ALBANS, None, f"{that:%Y-%m-%d %H:%MZ}", now)
    assert [of_date is not None, of_time is not None] == [refused, refused]


def test_what_is_wrong_with_a_date_is_told_with_the_days_of_all_the_cards() -> None:
    """From the first day of any of them to the last; void cards say of what they ended."""
    first, second = holding(1000, 10, 0, 10), holding(1000, 10, 0, 20)
    second.starts_on = first.starts_on + timedelta(days=3)
    first.ended_why, second.ended_why = "moved_out", "surrendered"
    now = second.in_force_until
    day = second.last_day + timedelta(days=1)

    for lots in ([first, second], [second, first]):
        reasons = list(cards.refusals(lots, day, NORWICH, now))
        assert [each.code for each in reasons] == ["card.date_outside_holding", "card.void"]
        assert reasons[0].detail == f"{day} is not between 2026-11-20 and 2026-12-09"
        why = lots[0].ended_why.replace("_", " ")
        assert reasons[1].detail == f"the cards ended before their last day: {why}"


def test_cards_are_void_once_every_lot_of_them_was_given_up() -> None:
    """One that is in hand still, or that ran its term, is not (X-055)."""
    given_up, kept = holding(1000, 10, 0, 10), holding(1000, 10, 0, 10)
    given_up.ended_why = "surrendered"
    over = given_up.in_force_until
    day = given_up.last_day

    def codes(*lots: Holding, now: datetime) -> list[str]:
        return [each.code for each in cards.refusals(list(lots), day, NORWICH, now)]

    assert codes(given_up, now=over) == ["card.void"]
    assert codes(given_up, now=over - timedelta(microseconds=1)) == []
    assert codes(given_up, kept, now=over) == []


@pytest.mark.parametrize(
    ("use", "timed"),
    [
        ('{ start = "scratched_time", end = { hours = 2 } }', True),
        ('{ start = "start_of_day", end = { hours = 24 } }', False),
        ('{ start = "on_display", end = "end_of_day" }', False),
        ('{ start = "start_of_day", end = "end_of_day" }', False),
    ],
)
def test_a_time_is_scratched_on_a_card_for_hours_that_do_not_begin_with_the_day(
    use: str, timed: bool
) -> None:
    product = product_of(f'id = "v"\nprice = {{ model = "flat", pence = 1 }}\nuse = {use}')

    assert cards.timed(product) is timed
