"""What an officer's reading is worth at the edges: of terms, of cards, and of what was recorded."""

from datetime import date, datetime, time, timedelta

import msgspec
import pytest

from ledger.events import Cover
from ledger.household.state import Card, Departure, Household, Sighting, Stay
from ledger.rules import observing
from ledger.rules.observing import Paper, Reading
from tests.given import cover, editions_of, instant
from tests.rules.test_observing import NOON, NORWICH, paper, seen, used

TICK = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
TODAY = date(2026, 11, 19)
WINDSOR = editions_of("windsor-maidenhead").latest


def empty() -> Household:
    return Household(household_id="h")


def hourly() -> Paper:
    product = WINDSOR.product("scratch-6h")
    assert product is not None
    lot = paper("day-scratchcard", "CENTRE").holding
    lot.product, lot.edition = product.id, WINDSOR.edition
    return Paper(lot, product, WINDSOR)


def covered(name: str, begins: datetime, ends: datetime, holding: str = "p") -> Cover:
    made = cover(
        name, "AB12CDE", kind="booking", holding=holding, product="v", zone="CENTRE",
        begins="2026-11-19 00:00", ends="2026-11-19 01:00",
    )  # fmt: skip
    return msgspec.structs.replace(made, covers_from=begins, covers_until=ends)


@pytest.mark.parametrize("product", ["short-stay", "long-stay-care"])
def test_a_permit_is_good_from_its_first_instant_to_its_last(product: str) -> None:
    read = paper(product, "CENTRE")
    begins, ends = NOON, NOON + timedelta(days=30)
    read.holding.in_force_from, read.holding.in_force_until = begins, ends

    def said(at: datetime) -> tuple[bool, str]:
        face = at.astimezone(NORWICH.tz).time().replace(second=0, microsecond=0)
        found = observing.reading(empty(), read, seen(at, "CENTRE", face=face))
        return found.valid, found.reason

    assert said(begins - TICK) == (False, "not_started")
    assert said(begins) == (True, "")
    assert said(ends - TICK) == (True, "")
    assert said(ends) == (False, "ended")


@pytest.mark.parametrize(
    ("face", "valid", "until"),
    [
        (time(12), True, "2026-11-19 18:00"),
        (time(10), True, "2026-11-19 16:00"),
        (time(6), False, None),
        (time(12, 1), False, None),
        (time(6, 1), True, "2026-11-19 12:01"),
    ],
)
def test_a_time_without_a_date_is_the_last_such_time(
    face: time, valid: bool, until: str | None
) -> None:
    """Scratched today, or yesterday where today's is still to come (RBW-032)."""
    found = observing.reading(empty(), hourly(), seen(NOON, "CENTRE", face=face))

    assert found.valid is valid
    assert found.until == (None if until is None else instant(until))


def test_a_time_that_is_still_to_come_was_yesterdays() -> None:
    """At one in the night, 22:00 is three hours ago and covers until four."""
    at = instant("2026-11-19 01:00")

    found = observing.reading(empty(), hourly(), seen(at, "CENTRE", face=time(22)))
    assert found == Reading(True, until=instant("2026-11-19 04:00"))


def test_of_a_card_with_one_date_shown_twice_the_date_counts() -> None:
    read = paper("day-scratchcard", "CENTRE")
    told = seen(NOON, "CENTRE", dates=(TODAY, TODAY))
    assert observing.reading(empty(), read, told).valid

    two = seen(NOON, "CENTRE", dates=(TODAY, TODAY + timedelta(days=1)))
    assert observing.reading(empty(), read, two).reason == "two_dates"


@pytest.mark.parametrize(
    ("hours_ago", "reason"),
    [((4,), ""), ((9, 4), ""), ((4, 9), ""), ((3,), "no_return"), ((3, 9), "no_return")],
)
def test_the_last_departure_is_the_one_that_counts(hours_ago: tuple[int, ...], reason: str) -> None:
    """Four hours away are counted from the latest, and exactly four are enough (X-064)."""
    household = empty()
    household.departures += [
        Departure(
            product="short-stay", glyphs="AB12CDE", zone="CENTRE", left_at=NOON - hours * HOUR
        )
        for hours in hours_ago
    ]

    told = seen(NOON, "CENTRE", face=time(12))
    assert observing.reading(household, paper("short-stay", "CENTRE"), told).reason == reason


@pytest.mark.parametrize(
    ("glyphs", "zone", "product", "reason"),
    [
        ("AB12CDE", "CENTRE", "short-stay", "clock_reset"),
        ("XY34ZZZ", "CENTRE", "short-stay", ""),
        ("AB12CDE", "OUTER", "short-stay", ""),
        ("AB12CDE", "CENTRE", "care-worker-2h", ""),
    ],
)
def test_the_clock_of_a_stay_here_under_this_permit_is_compared(
    glyphs: str, zone: str, product: str, reason: str
) -> None:
    """What a resident recorded is a reading as well as an officer's is (NOR-162)."""
    household = empty()
    household.stays["s"] = Stay(
        stay_id="s",
        holding_id="p",
        product=product,
        glyphs=glyphs,
        zone=zone,
        began_at=NOON - HOUR,
        clock="11:00",
        cover=covered("s", NOON - HOUR, NOON + 3 * HOUR),
    )

    told = seen(NOON, "CENTRE", face=time(12))
    assert observing.reading(household, paper("short-stay", "CENTRE"), told).reason == reason


def test_what_was_recorded_of_a_card_is_read_from_its_first_instant_to_its_last() -> None:
    """Of those that are not void, in this vehicle: the cover that lasts longest is told."""
    household, read = empty(), hourly()

    def dated(name: str, hours: int, **facts: object) -> None:
        card = used(name, TODAY, 8)
        card.cover = covered(name, NOON, NOON + hours * HOUR)
        household.cards[name] = msgspec.structs.replace(card, **facts)

    def said(at: datetime) -> Reading:
        return observing.reading(household, read, seen(at, "CENTRE"))

    assert said(NOON) == Reading(False, "not_displayed")
    dated("long", 2)
    dated("short", 1)
    dated("void", 8, void=True)
    dated("bare", 8, cover=None)
    dated("in another vehicle", 8, glyphs="XY34ZZZ")
    dated("of another holding", 8, holding_id="another")
    assert said(NOON - TICK) == Reading(False, "not_started")
    assert said(NOON) == Reading(True, until=NOON + 2 * HOUR)
    assert said(NOON + 2 * HOUR - TICK) == Reading(True, until=NOON + 2 * HOUR)
    assert said(NOON + 2 * HOUR) == Reading(False, "ended")


def test_the_latest_clock_of_several_is_the_last_one() -> None:
    household = empty()
    for hours, shown in ((0, "12:00"), (1, "13:00")):
        household.sightings.append(
            Sighting(
                holding_id="p",
                product="short-stay",
                glyphs="AB12CDE",
                zone="CENTRE",
                observed_at=NOON + hours * HOUR,
                observed_on=TODAY,
                clock=shown,
            )
        )

    for zone in ("CENTRE", ""):
        found = observing.last_clock(household, "AB12CDE", zone)
        assert found is not None
        assert found.clock == "13:00"
    assert observing.last_clock(household, "AB12CDE", "OUTER") is None


def test_of_two_cards_that_cover_now_the_one_of_the_earlier_date_is_spoilt() -> None:
    """At the first instant of its cover it covers, at the last no longer."""
    household = empty()
    before, now = used("b", TODAY - timedelta(days=1), 10), used("a", TODAY, 10)
    before.covers_until = now.covers_until
    household.cards = {each.card_id: each for each in (now, before)}

    def found(at: datetime, *dates: date) -> Card | None:
        read = paper("day-scratchcard", "CENTRE")
        return observing.spoilt_card(household, read, seen(at, "CENTRE", dates=dates))

    assert found(now.covers_from) is before
    assert found(before.covers_from) is before
    assert found(now.covers_until) is None
    assert found(now.covers_from, TODAY) is now
    before.covers_until = now.covers_from
    assert found(now.covers_from) is now


@pytest.mark.parametrize(("excludes", "glyphs", "reason"), [
    (True, "AB12CDE", "vehicle_excluded"),
    (True, "XY34ZZZ", ""),
    (False, "AB12CDE", ""),
])  # fmt: skip
def test_a_visitors_paper_in_the_residents_own_vehicle_is_no_good_where_the_scheme_says_so(
    excludes: bool, glyphs: str, reason: str
) -> None:
    """The vehicle that a permit of the household is bound to (RBW-045)."""
    scheme = editions_of(
        "norwich-2015", {"products.day-scratchcard.vehicles.excludes_own": excludes}
    ).latest
    product = scheme.product("day-scratchcard")
    assert product is not None
    household, own = empty(), paper("short-stay", "CENTRE").holding
    own.covers = {
        "c": msgspec.structs.replace(
            covered("c", own.in_force_from, own.in_force_until), kind="holding"
        )
    }
    household.holdings["own"] = own
    read = Paper(paper("day-scratchcard", "CENTRE").holding, product, scheme)

    told = seen(NOON, "CENTRE", dates=(TODAY,), glyphs=glyphs)
    assert observing.reading(household, read, told).reason == reason
