"""What an officer's reading is worth, whatever the hour: properties of clocks and cards."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from ledger.calendar import local_date
from ledger.household.state import Card, Departure, Holding, Household, Sighting
from ledger.rules import clock, observing
from ledger.rules.covering import VehicleFacts
from ledger.rules.observing import Paper, Reading, Seen
from tests.given import editions_of, instant

NORWICH = editions_of("norwich-2015").latest
START = datetime(2026, 1, 1, tzinfo=UTC)
ZONES = st.sampled_from(["CENTRE", "OUTER", "UEA"])
ARRIVALS = st.integers(0, 600 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))


def paper(product_id: str, zone: str) -> Paper:
    product = NORWICH.product(product_id)
    assert product is not None
    first = START - timedelta(days=30)
    last = START + timedelta(days=700)
    permit = Holding(
        holding_id="p",
        application_id="a",
        resident_id="res",
        product=product_id,
        zone=zone,
        units=1,
        units_used=0,
        packs=1,
        pence=0,
        slot=0,
        pools=(),
        bought_on=first.date(),
        starts_on=first.date(),
        last_day=last.date(),
        in_force_from=first,
        in_force_until=last,
        counted=(),
        edition=NORWICH.edition,
        issued_at=first,
    )
    return Paper(permit, product, NORWICH)


def seen(at: datetime, zone: str, **more: object) -> Seen:
    told: dict[str, object] = {
        "glyphs": "AB12CDE",
        "zone": zone,
        "at": at,
        "dates": (),
        "face": None,
        "altered": False,
        "serial": "",
        "facts": VehicleFacts(),
        **more,
    }
    return Seen(**told)  # type: ignore[arg-type]


@for_all(ARRIVALS, ZONES, st.floats(0, 0.999))
def test_a_clock_set_rightly_is_valid_for_all_of_its_stay(
    arrived: datetime, zone_id: str, part: float
) -> None:
    """From the arrival to the end of the stay, but for the night on which the clocks change."""
    read = paper("short-stay", zone_id)
    setting = clock.setting_for(read.product, NORWICH, NORWICH.zone(zone_id), arrived)
    at = arrived + (setting.until - arrived) * part
    if (
        arrived.astimezone(NORWICH.tz).utcoffset()
        != setting.until.astimezone(NORWICH.tz).utcoffset()
    ):
        return
    face = clock.read(clock.shown(setting.at, NORWICH))

    reading = observing.reading(Household(household_id="h"), read, seen(at, zone_id, face=face))
    assert reading.valid
    assert reading.reason in ("", "not_controlled")


@for_all(ARRIVALS)
def test_a_clock_is_no_good_once_its_stay_is_over(arrived: datetime) -> None:
    """At the very instant of its end, where the zone is always controlled."""
    read = paper("short-stay", "CENTRE")
    setting = clock.setting_for(read.product, NORWICH, NORWICH.zone("CENTRE"), arrived)
    face = clock.read(clock.shown(setting.at, NORWICH))

    reading = observing.reading(
        Household(household_id="h"), read, seen(setting.until, "CENTRE", face=face)
    )
    assert (reading.valid, reading.reason) == (False, "clock_expired")


@for_all(ARRIVALS, st.integers(15, 239))
def test_a_clock_set_on_within_the_time_away_is_found_out(arrived: datetime, later: int) -> None:
    """Whatever was noted first: unless the vehicle left, or can have left and come back."""
    read = paper("short-stay", "CENTRE")
    at = arrived + timedelta(minutes=later)
    first, then = (
        clock.shown(clock.setting_for(read.product, NORWICH, None, when).at, NORWICH)
        for when in (arrived, at)
    )
    if first == then or clock.setting_for(
        read.product, NORWICH, None, at
    ).at >= arrived + timedelta(hours=4):
        return
    household = Household(household_id="h")
    household.sightings.append(
        Sighting(
            holding_id="p",
            product="short-stay",
            glyphs="AB12CDE",
            zone="CENTRE",
            observed_at=arrived,
            observed_on=local_date(arrived, NORWICH.tz),
            clock=first,
        )
    )
    told = seen(at, "CENTRE", face=clock.read(then))
    assert observing.reading(household, read, told).reason == "clock_reset"

    household.departures.append(
        Departure(product="short-stay", glyphs="AB12CDE", zone="CENTRE", left_at=arrived)
    )
    assert observing.reading(household, read, told).reason == "no_return"


@for_all(ARRIVALS)
def test_a_card_is_good_on_the_day_it_bears_whatever_the_hour(at: datetime) -> None:
    """NOR-149."""
    today = local_date(at, NORWICH.tz)
    read = paper("day-scratchcard", "CENTRE")
    told = seen(at, "CENTRE", dates=(today,))
    assert observing.reading(Household(household_id="h"), read, told).valid


NOON = instant("2026-11-19 12:00")


def lasting(product_id: str, begins: datetime, ends: datetime) -> Paper:
    made = paper(product_id, "CENTRE")
    made.holding.in_force_from, made.holding.in_force_until = begins, ends
    return made


def test_of_several_valid_holdings_the_one_that_ends_last_is_the_answer() -> None:
    """A reading that is valid without an end, in hours of no control, is worth less than one."""
    read = paper("short-stay", "CENTRE")
    hour = timedelta(hours=1)
    short, long = (Reading(True, until=NOON + n * hour) for n in (1, 2))
    over = Reading(False, "ended")

    for readings in ([short, long, over], [over, long, short]):
        assert observing.best([(read, each) for each in readings], NOON)[1] is long
    endless = Reading(True, "not_controlled")
    assert observing.best([(read, endless), (read, short)], NOON)[1] is short


def test_of_holdings_that_are_not_valid_the_nearest_is_the_answer() -> None:
    """In force before over before to come, and of two alike the nearer one."""
    day = timedelta(days=1)
    now = lasting("short-stay", NOON - day, NOON + day)
    ended, long_over = (lasting("short-stay", NOON - 9 * day, NOON - n * day) for n in (0, 2))
    soon, later = (lasting("short-stay", NOON + n * day, NOON + 9 * day) for n in (1, 3))
    over = Reading(False, "ended")

    def nearest(*papers: Paper) -> Paper:
        return observing.best([(each, over) for each in papers], NOON)[0]

    assert nearest(later, soon, long_over, ended, now) is now
    assert nearest(later, soon, long_over, ended) is ended
    assert nearest(soon, long_over) is long_over
    assert nearest(later, soon) is soon


def used(card_id: str, on: date, hour: int, *, void: bool = False) -> Card:
    begins = datetime(on.year, on.month, on.day, hour, tzinfo=UTC)
    return Card(
        card_id=card_id,
        holding_id="p",
        product="day-scratchcard",
        used_on=on,
        glyphs="AB12CDE",
        covers_from=begins,
        covers_until=begins + timedelta(hours=4),
        void=void,
    )


@pytest.mark.parametrize(
    ("dates", "found"),
    [
        ((), "now"),
        ((date(2026, 11, 18),), "before"),
        ((date(2026, 11, 18), date(2026, 11, 19)), "now"),
        ((date(2026, 11, 20),), None),
        ((date(2026, 11, 17),), None),
    ],
)
def test_a_spoilt_card_is_the_use_that_covers_now_or_the_first_of_its_dates(
    dates: tuple[date, ...], found: str | None
) -> None:
    """A use that is void already is not found again."""
    household = Household(household_id="h")
    for card in (
        used("now", date(2026, 11, 19), 10),
        used("before", date(2026, 11, 18), 10),
        used("void", date(2026, 11, 17), 10, void=True),
    ):
        household.cards[card.card_id] = card
    read = paper("day-scratchcard", "CENTRE")

    card = observing.spoilt_card(household, read, seen(NOON, "CENTRE", dates=dates))
    assert (card.card_id if card else None) == found
    if not dates:
        ended = seen(NOON + timedelta(hours=2), "CENTRE")
        assert observing.spoilt_card(household, read, ended) is None


@pytest.mark.parametrize(
    ("exempt", "product", "expected"),
    [
        (False, "short-stay", "no_return"),
        (False, "another", "no_return"),
        (True, "short-stay", "no_return"),
        (True, "another", ""),
    ],
)
def test_a_departure_under_another_product_counts_where_the_scheme_says_so(
    exempt: bool, product: str, expected: str
) -> None:
    values = {"products.short-stay.no_return.other_products_exempt": exempt}
    scheme = editions_of("norwich-2015", values).latest
    terms = scheme.product("short-stay")
    assert terms is not None
    read = Paper(paper("short-stay", "CENTRE").holding, terms, scheme)
    household = Household(household_id="h")
    household.departures.append(
        Departure(
            product=product, glyphs="AB12CDE", zone="CENTRE", left_at=NOON - timedelta(hours=1)
        )
    )

    told = seen(NOON, "CENTRE", face=time(12))
    assert observing.reading(household, read, told).reason == expected


def test_a_card_is_void_in_a_vehicle_when_every_use_of_its_date_is() -> None:
    """One that was made good since, on the same date, is good."""
    today = date(2026, 11, 19)
    read, told = paper("day-scratchcard", "CENTRE"), seen(NOON, "CENTRE", dates=(today,))
    household = Household(household_id="h")
    household.cards["void"] = used("void", today, 10, void=True)
    assert observing.reading(household, read, told).reason == "card_void"

    household.cards["other"] = used("other", today, 10)
    assert observing.reading(household, read, told).valid


@pytest.mark.parametrize(
    ("glyphs", "zone", "minutes", "kept"),
    [
        ("AB12CDE", "CENTRE", 1, False),
        ("AB12CDE", "CENTRE", 0, False),
        ("AB12CDE", "CENTRE", -1, True),
        ("XY34ZZZ", "CENTRE", 1, True),
        ("AB12CDE", "OUTER", 1, True),
    ],
)
def test_a_clock_that_was_read_counts_until_that_vehicle_leaves_that_zone(
    glyphs: str, zone: str, minutes: int, kept: bool
) -> None:
    household = Household(household_id="h")
    household.sightings.append(
        Sighting(
            holding_id="p",
            product="short-stay",
            glyphs="AB12CDE",
            zone="CENTRE",
            observed_at=NOON,
            observed_on=NOON.date(),
            clock="12:00",
        )
    )
    left_at = NOON + timedelta(minutes=minutes)
    household.departures.append(
        Departure(product="short-stay", glyphs=glyphs, zone=zone, left_at=left_at)
    )

    assert (observing.last_clock(household, "AB12CDE", "CENTRE") is not None) == kept


def test_the_card_of_another_vehicle_or_holding_is_no_use_of_this_one() -> None:
    today = date(2026, 11, 19)
    read, told = paper("day-scratchcard", "CENTRE"), seen(NOON, "CENTRE", dates=(today,))
    household = Household(household_id="h")
    household.cards["a"] = used("a", today, 10, void=True)
    household.cards["a"].glyphs = "XY34ZZZ"
    household.cards["b"] = used("b", today, 10, void=True)
    household.cards["b"].holding_id = "another"

    assert observing.spoilt_card(household, read, told) is None
    assert observing.reading(household, read, told).valid
