"""How a parking clock is set, and how long it allows."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from ledger.calendar import local_instant, parse_local
from ledger.rules import clock
from ledger.rules.hours import control_from, controlled
from ledger.scheme.products import Product
from ledger.scheme.schema import Scheme
from tests.given import editions_of
from tests.rules.schemes import scheme_of

NORWICH = editions_of("norwich-2015").latest


def product_of(scheme: Scheme, product_id: str = "short-stay") -> Product:
    product = scheme.product(product_id)
    assert product is not None
    return product


def set_on(arrived: str, zone: str = "OUTER", scheme: Scheme = NORWICH) -> tuple[str, str]:
    """What the clock shows, and the local end of the stay."""
    shown, until = clock.clock_for(
        product_of(scheme), scheme, scheme.zone(zone), parse_local(arrived, scheme.tz)
    )
    return shown, f"{until.astimezone(scheme.tz):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("arrived", "shown", "until"),
    [
        ("2026-11-23 10:00", "10:00", "2026-11-23 14:00"),
        ("2026-11-23 10:01", "10:15", "2026-11-23 14:15"),
        ("2026-11-23 10:14", "10:15", "2026-11-23 14:15"),
        ("2026-11-23 10:15", "10:15", "2026-11-23 14:15"),
        ("2026-11-23 10:15:59", "10:15", "2026-11-23 14:15"),
        ("2026-11-23 10:16", "10:30", "2026-11-23 14:30"),
        ("2026-11-23 23:50", "00:00", "2026-11-24 04:00"),
    ],
)
def test_the_clock_is_set_to_the_next_quarter_and_seconds_are_dropped(
    arrived: str, shown: str, until: str
) -> None:
    """NOR-160, X-065: 10:01 gives 10:15; a quarter itself stays."""
    assert set_on(arrived, "CENTRE") == (shown, until)


@pytest.mark.parametrize(
    ("arrived", "shown", "until"),
    [
        ("2026-11-23 14:14", "14:15", "2026-11-23 18:15"),
        ("2026-11-23 14:15", "14:15", "2026-11-23 18:15"),
        ("2026-11-23 14:30", "14:30", "2026-11-24 08:00"),
        ("2026-11-23 16:00", "16:00", "2026-11-24 08:00"),
        ("2026-11-23 18:20", "18:30", "2026-11-24 08:00"),
        ("2026-11-23 18:29:59", "18:30", "2026-11-24 08:00"),
        ("2026-11-23 18:30", "08:00", "2026-11-24 12:00"),
        ("2026-11-24 07:40", "08:00", "2026-11-24 12:00"),
        ("2026-11-24 07:59:59", "08:00", "2026-11-24 12:00"),
        ("2026-11-28 14:30", "14:30", "2026-11-30 08:00"),
        ("2026-11-28 18:30", "08:00", "2026-11-30 12:00"),
        ("2026-11-29 11:00", "08:00", "2026-11-30 12:00"),
    ],
)
def test_the_limit_holds_while_the_zone_is_not_controlled(
    arrived: str, shown: str, until: str
) -> None:
    """NOR-074, NOR-075, X-066, X-067, in a zone from 08:00 to 18:30, Monday to Saturday."""
    assert set_on(arrived) == (shown, until)


def test_a_friday_afternoon_lasts_over_the_weekend_where_control_is_on_working_days() -> None:
    """NOR-041: Monday to Friday, 10:00 to 16:00."""
    assert set_on("2026-11-27 12:00", "UEA") == ("12:00", "2026-11-30 10:00")
    assert set_on("2026-11-27 11:45", "UEA") == ("11:45", "2026-11-27 15:45")
    assert set_on("2026-11-27 16:00", "UEA") == ("10:00", "2026-11-30 14:00")


def test_hours_are_elapsed_hours_across_a_clock_change() -> None:
    """X-054: four hours from 23:00 on the night the clocks go back end at 02:00."""
    assert set_on("2026-10-24 23:00", "CENTRE") == ("23:00", "2026-10-25 02:00")
    assert set_on("2026-03-28 23:00", "CENTRE") == ("23:00", "2026-03-29 04:00")


def test_hours_are_wall_hours_where_the_scheme_says_so() -> None:
    wall = editions_of("norwich-2015", {"products.short-stay.use.measure": "wall"}).latest
    assert set_on("2026-10-24 23:00", "CENTRE", wall) == ("23:00", "2026-10-25 03:00")


def test_a_limit_may_count_controlled_time_alone() -> None:
    """clock.counts = "controlled": unused minutes carry to the morning."""
    counted = editions_of("norwich-2015", {"products.short-stay.clock.counts": "controlled"}).latest
    assert set_on("2026-11-23 16:30", "OUTER", counted) == ("16:30", "2026-11-24 10:00")
    assert set_on("2026-11-28 16:30", "OUTER", counted) == ("16:30", "2026-11-30 10:00")
    assert set_on("2026-11-23 14:30", "OUTER", counted) == ("14:30", "2026-11-24 08:00")
    assert set_on("2026-11-23 16:30", "CENTRE", counted) == ("16:30", "2026-11-23 20:30")


@pytest.mark.parametrize(
    ("face", "seen", "set_at"),
    [
        ("10:15", "2026-11-23 14:14", "2026-11-23 10:15"),
        ("10:15", "2026-11-23 10:01", "2026-11-23 10:15"),
        ("10:15", "2026-11-23 10:00", "2026-11-22 10:15"),
        ("14:30", "2026-11-24 07:59", "2026-11-23 14:30"),
        ("08:00", "2026-11-23 18:30", "2026-11-24 08:00"),
        ("08:00", "2026-11-23 18:29", "2026-11-23 08:00"),
        ("08:00", "2026-11-28 20:00", "2026-11-30 08:00"),
    ],
)
def test_a_clock_is_read_as_the_last_time_it_can_have_been_set_to(
    face: str, seen: str, set_at: str
) -> None:
    read = clock.read(face)
    assert read is not None
    tz = NORWICH.tz
    found = clock.latest_setting(
        product_of(NORWICH), NORWICH, NORWICH.zone("OUTER"), read, parse_local(seen, tz)
    )
    assert found == parse_local(set_at, tz)


@pytest.mark.parametrize("text", ["", "25:00", "10", "10:60", "ten", "10:15:00"])
def test_a_text_that_is_no_time_is_read_as_none(text: str) -> None:
    assert clock.read(text) is None


NINE_YEARS = 9 * 365 * 24 * 3600
instants = st.integers(0, NINE_YEARS).map(
    lambda seconds: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
) | st.integers(-7200, 7200).map(
    lambda seconds: datetime(2026, 10, 25, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


@for_all(instants, st.sampled_from(["CENTRE", "OUTER", "UEA"]))
def test_a_clock_never_runs_back_nor_further_ahead_than_it_must(
    arrived: datetime, zone_id: str
) -> None:
    """The setting is a quarter of an hour, in control, and the first such from the arrival on."""
    zone, product = NORWICH.zone(zone_id), product_of(NORWICH)
    setting = clock.setting_for(product, NORWICH, zone, arrived)
    minute = arrived.replace(second=0, microsecond=0)

    assert setting.at >= minute
    assert setting.at.astimezone(NORWICH.tz).minute % 15 == 0
    if controlled(zone, NORWICH, minute):
        assert setting.at - minute < timedelta(minutes=15)
    else:
        assert controlled(zone, NORWICH, setting.at)
        assert not controlled(zone, NORWICH, setting.at - timedelta(minutes=1))
    assert setting.until >= setting.at + timedelta(hours=4)
    assert controlled(zone, NORWICH, setting.until)
    if setting.until > setting.at + timedelta(hours=4):
        assert not controlled(zone, NORWICH, setting.at + timedelta(hours=4))


@for_all(instants, instants)
def test_who_arrives_later_never_has_to_leave_sooner(one: datetime, other: datetime) -> None:
    earlier, later = sorted((one, other))
    zone, product = NORWICH.zone("OUTER"), product_of(NORWICH)
    first = clock.setting_for(product, NORWICH, zone, earlier)
    second = clock.setting_for(product, NORWICH, zone, later)

    assert first.at <= second.at
    assert first.until <= second.until


@for_all(st.dates(date(2024, 1, 1), date(2032, 12, 31)), st.integers(0, 95))
def test_a_right_clock_is_read_back_as_it_was_set(day: date, quarter: int) -> None:
    """Where no clock change lies between: an officer reads the instant that was meant."""
    at = local_instant(
        datetime.combine(day, time(12)) + timedelta(minutes=15 * (quarter % 40)), NORWICH.tz
    )
    zone, product = NORWICH.zone("CENTRE"), product_of(NORWICH)
    setting = clock.setting_for(product, NORWICH, zone, at)
    face = clock.read(clock.shown(setting.at, NORWICH))
    assert face is not None
    assert clock.latest_setting(product, NORWICH, zone, face, at) == setting.at


@pytest.mark.parametrize(("hours", "begins", "ends"), [
    (10, "2026-11-23 08:00", "2026-11-23 18:00"),
    (11, "2026-11-23 08:00", "2026-11-24 08:30"),
    (1, "2026-11-23 17:30", "2026-11-24 08:00"),
])  # fmt: skip
def test_controlled_time_is_used_up_at_the_end_of_control_or_the_morning_after(
    hours: int, begins: str, ends: str
) -> None:
    """In a zone from 08:00 to 18:30: exactly to its end, the stay holds overnight (X-066)."""
    scheme = editions_of(
        "norwich-2015",
        {
            "products.short-stay.clock.counts": "controlled",
            "products.short-stay.use.end": {"hours": hours},
        },
    ).latest
    found = clock.until(
        product_of(scheme), scheme, scheme.zone("OUTER"), parse_local(begins, scheme.tz)
    )
    assert found == parse_local(ends, scheme.tz)


def test_a_limit_longer_than_all_the_hours_looked_at_ends_with_the_last_of_them() -> None:
    """Sixty weeks are looked at: an hour on each Monday is sixty hours and no more."""
    scheme = scheme_of(
        'id = "v"\nprice = { model = "flat", pence = 1 }\nuse = { start = "clock",'
        ' end = { hours = 72 } }\nclock = { counts = "controlled" }',
        head='[[zones]]\nid = "H"\nhours = [ { days = "mon", from = "08:00", to = "09:00" } ]\n',
    )
    begins = parse_local("2026-11-23 08:00", scheme.tz)
    zone = scheme.zone("H")

    found = clock.until(scheme.products[0], scheme, zone, begins)

    last = parse_local("2026-11-23 09:00", scheme.tz) + timedelta(weeks=59)
    assert found == control_from(zone, scheme, last)
    assert last < found <= last + timedelta(weeks=1)


def test_without_a_clock_of_its_own_steps_a_stay_begins_with_its_minute() -> None:
    """The step is the scheme's; where it has none, nothing is rounded."""
    scheme = scheme_of('id = "v"\nprice = { model = "flat", pence = 1 }')
    product = scheme.products[0]
    assert product.clock is None
    arrived = parse_local("2026-11-23 10:01:59", scheme.tz)

    assert clock.setting_for(product, scheme, None, arrived).at == parse_local(
        "2026-11-23 10:01", scheme.tz
    )


def test_steps_that_divide_no_hour_are_counted_from_midnight() -> None:
    """At 02:10 the next of 45 minutes each is 02:15, the third (X-065)."""
    scheme = editions_of("norwich-2015", {"products.short-stay.clock.step_min": 45}).latest

    assert set_on("2026-11-23 02:10", "CENTRE", scheme) == ("02:15", "2026-11-23 06:15")
    assert set_on("2026-11-23 02:16", "CENTRE", scheme) == ("03:00", "2026-11-23 07:00")
