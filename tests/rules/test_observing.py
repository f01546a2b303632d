"""What an officer's reading is worth, whatever the hour: properties of clocks and cards."""

from datetime import UTC, datetime, timedelta

from hypothesis import given as for_all
from hypothesis import strategies as st

from ledger.calendar import local_date
from ledger.household.state import Departure, Holding, Household, Sighting
from ledger.rules import clock, observing
from ledger.rules.covering import VehicleFacts
from ledger.rules.observing import Paper, Seen
from tests.given import editions_of

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
