"""Local time and whole months."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from ledger.calendar import (
    NoSuchLocalTime,
    add_months,
    age_on,
    at_local_time,
    end_of_month,
    local_date,
    local_instant,
    nearest_instant,
    next_day,
    parse_local,
    start_of_day,
)

LONDON = ZoneInfo("Europe/London")
SANTIAGO = ZoneInfo("America/Santiago")
"""A zone whose clocks jump at midnight: some days have no 00:00."""


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("wall", "instant"),
    [
        ("2026-11-19 10:00", "2026-11-19 10:00"),
        ("2026-06-19 10:00", "2026-06-19 09:00"),
        ("2026-03-29 00:59:59.999999", "2026-03-29 00:59:59.999999"),
        ("2026-03-29 02:00", "2026-03-29 01:00"),
        ("2026-10-25 00:59", "2026-10-24 23:59"),
        ("2026-10-25 01:00", "2026-10-25 00:00"),
        ("2026-10-25 01:30", "2026-10-25 00:30"),
        ("2026-10-25 02:00", "2026-10-25 02:00"),
    ],
)
def test_a_local_time_is_an_instant_and_one_that_occurs_twice_is_the_first(wall, instant):
    """01:30 on the last Sunday of October is taken as the first (X-103)."""
    assert parse_local(wall, LONDON) == at(instant)


@pytest.mark.parametrize(
    "wall", ["2026-03-29 01:00", "2026-03-29 01:30", "2026-03-29 01:59:59.999999"]
)
def test_a_local_time_that_the_clocks_skip_is_refused(wall):
    """01:30 on the last Sunday of March does not exist (X-103)."""
    with pytest.raises(NoSuchLocalTime):
        parse_local(wall, LONDON)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-10-25 01:30Z", "2026-10-25 01:30"),
        ("2026-10-25 01:30+00:00", "2026-10-25 01:30"),
        ("2026-10-25 01:30+01:00", "2026-10-25 00:30"),
        ("2026-03-29 01:30Z", "2026-03-29 01:30"),
    ],
)
def test_an_offset_says_which(text, instant):
    """Unless an offset is given (X-103)."""
    assert parse_local(text, LONDON) == at(instant)


@pytest.mark.parametrize(
    "text", ["", "now", "25:00", "2026-02-29 10:00", "2026-10-25 01:30+01:00Z"]
)
def test_what_is_no_time_is_no_time(text):
    with pytest.raises(ValueError):
        parse_local(text, LONDON)


@pytest.mark.parametrize("minute", [0, 1, 30, 59])
def test_the_nearest_instant_to_a_skipped_time_is_the_jump(minute):
    assert nearest_instant(datetime.fromisoformat(f"2026-03-29 01:{minute:02d}"), LONDON) == at(
        "2026-03-29 01:00"
    )


def test_a_day_without_midnight_begins_at_the_jump():
    """Not in London; the zone is the scheme's."""
    day = date(2026, 9, 6)

    assert start_of_day(day, SANTIAGO) == at("2026-09-06 04:00")
    assert local_date(start_of_day(day, SANTIAGO), SANTIAGO) == day


@for_all(st.dates(date(1990, 1, 1), date(2037, 12, 31)), st.sampled_from([LONDON, SANTIAGO]))
def test_days_follow_each_other_without_gap(day, zone):
    """A local day is one of 23, 24 or 25 hours, and holds its own date."""
    begins, ends = start_of_day(day, zone), start_of_day(next_day(day), zone)

    assert ends - begins in (timedelta(hours=23), timedelta(hours=24), timedelta(hours=25))
    assert local_date(begins, zone) == day
    assert local_date(ends - timedelta(microseconds=1), zone) == day


FIRST, LAST = datetime.fromisoformat("1990-01-01"), datetime.fromisoformat("2037-12-31")


@for_all(st.datetimes(FIRST, LAST))
def test_a_wall_time_exists_or_is_refused(wall):
    try:
        instant = local_instant(wall, LONDON)
    except NoSuchLocalTime:
        assert nearest_instant(wall, LONDON).astimezone(LONDON).replace(tzinfo=None) > wall
    else:
        assert instant.astimezone(LONDON).replace(tzinfo=None) == wall
        assert nearest_instant(wall, LONDON) == instant


def test_a_time_of_day_is_that_days():
    assert at_local_time(date(2026, 3, 29), time(10), LONDON) == at("2026-03-29 09:00")
    assert at_local_time(date(2026, 10, 25), time(10), LONDON) == at("2026-10-25 10:00")


@pytest.mark.parametrize(
    ("day", "months", "missing_day", "expected"),
    [
        (date(2026, 11, 19), 12, "next", date(2027, 11, 19)),
        (date(2024, 2, 29), 12, "next", date(2025, 3, 1)),
        (date(2024, 2, 29), 12, "last", date(2025, 2, 28)),
        (date(2024, 2, 29), 48, "next", date(2028, 2, 29)),
        (date(2026, 8, 31), 6, "next", date(2027, 3, 1)),
        (date(2026, 8, 31), 6, "last", date(2027, 2, 28)),
        (date(2026, 1, 31), 1, "next", date(2026, 3, 1)),
        (date(2026, 1, 31), 1, "last", date(2026, 2, 28)),
        (date(2026, 1, 31), 2, "next", date(2026, 3, 31)),
        (date(2026, 3, 31), 1, "next", date(2026, 5, 1)),
        (date(2026, 12, 31), 1, "next", date(2027, 1, 31)),
        (date(2026, 12, 1), 1, "next", date(2027, 1, 1)),
        (date(2026, 11, 30), 3, "next", date(2027, 3, 1)),
        (date(2026, 11, 30), 0, "next", date(2026, 11, 30)),
    ],
)
def test_months_are_counted_to_the_same_day_or_the_next_first(day, months, missing_day, expected):
    """A day that the month lacks is the first of the next, or the last of it (X-035)."""
    assert add_months(day, months, missing_day) == expected


@for_all(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(0, 36))
def test_later_days_never_come_back_earlier(day, months):
    assert add_months(day, months, "next") <= add_months(next_day(day), months, "next")
    assert add_months(day, months, "last") <= add_months(day, months, "next")


@pytest.mark.parametrize(
    ("day", "last"),
    [
        (date(2026, 2, 1), 28),
        (date(2028, 2, 10), 29),
        (date(2026, 4, 30), 30),
        (date(2026, 12, 31), 31),
    ],
)
def test_the_end_of_a_month_is_its_last_day(day, last):
    assert end_of_month(day) == day.replace(day=last)


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(1959, 11, 20), date(2026, 11, 19), 66),
        (date(1959, 11, 20), date(2026, 11, 20), 67),
        (date(1960, 2, 29), date(2027, 2, 28), 66),
        (date(1960, 2, 29), date(2027, 3, 1), 67),
        (date(1960, 2, 29), date(2028, 2, 29), 68),
    ],
)
def test_a_birthday_counts_from_its_first_instant(born, day, age):
    """The 67th birthday is included (X-046); 29 February comes on 1 March."""
    assert age_on(born, day) == age
