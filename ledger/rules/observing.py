"""What an officer's reading of a paper permit is worth, from the paper and what is known of it.

A fault of the paper itself comes first: altered, two dates, void already. Then the place, the
vehicle, and the time. Outside controlled hours nobody needs a permit, whatever its time says.

A clock that differs from the one noted before was set on while the vehicle stood, unless a
departure was recorded, or the vehicle can have left and come back as the scheme allows since it
was noted. What is shown in good order is taken to be legitimate.

Source: NOR-048, NOR-050, NOR-073, NOR-145, NOR-148 to 154, NOR-159 to 165, RBW-017, RBW-019,
RBW-045, RBW-046; A-125, A-128, A-142, A-146, A-158, G-050; X-059, X-064 to X-073.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from msgspec import Struct

from ledger.calendar import at_local_time, local_date, start_of_day
from ledger.events import Cover
from ledger.household.state import Card, Holding, Household, Sighting
from ledger.rules import cards, clock, stays, validity, vehicles
from ledger.rules.covering import VehicleFacts, excluded_by
from ledger.rules.hours import control_from, controlled
from ledger.scheme.products import Product
from ledger.scheme.schema import Scheme

FAULTS_OF_PAPER = frozenset({"card_void", "two_dates", "clock_reset"})
"""A permit may be missing while nobody needs one; spoilt paper is spoilt at any hour."""


class Paper(Struct, frozen=True):
    """A holding whose paper may be what the officer reads, with the terms it was sold under."""

    holding: Holding
    product: Product
    scheme: Scheme


class Seen(Struct, frozen=True, kw_only=True):
    """What the officer saw. `face` is the clock's time, or the time scratched on an hourly card."""

    glyphs: str
    zone: str
    at: datetime
    dates: tuple[date, ...]
    face: time | None
    altered: bool
    serial: str
    facts: VehicleFacts


class Reading(Struct, frozen=True):
    """The verdict: a reason where it is not valid (or why none is needed), and its end."""

    valid: bool
    reason: str = ""
    until: datetime | None = None


def reading(household: Household, paper: Paper, seen: Seen) -> Reading:
    """What the officer is told of this paper in this vehicle."""
    found = _reading(household, paper, seen)
    zone = paper.scheme.zone(seen.zone)
    if found.valid or found.reason in FAULTS_OF_PAPER or controlled(zone, paper.scheme, seen.at):
        return found
    return Reading(True, "not_controlled", control_from(zone, paper.scheme, seen.at))


def best(readings: Sequence[tuple[Paper, Reading]], at: datetime) -> tuple[Paper, Reading]:
    """Of several holdings of one product: the valid one that ends last, else the nearest one."""
    valid = [each for each in readings if each[1].valid]
    if valid:
        return max(valid, key=lambda each: each[1].until or at)
    return min(readings, key=lambda each: _distance(each[0].holding, at))


def spoilt_card(household: Household, paper: Paper, seen: Seen) -> Card | None:
    """The recorded use of the card that was found spoilt: the one that covers now, else the
    first.
    """
    known = [
        card
        for card in _recorded(household, paper, seen)
        if not card.void and (not seen.dates or card.used_on in seen.dates)
    ]
    now = [card for card in known if card.covers_from <= seen.at < card.covers_until]
    if not now and not seen.dates:
        return None
    return min(now or known, key=lambda card: (card.used_on, card.card_id), default=None)


def last_clock(household: Household, glyphs: str, zone: str) -> Sighting | None:
    """The latest reading of a clock in this vehicle since it last left the zone."""
    found = [
        each
        for each in household.sightings
        if each.clock
        and each.glyphs == glyphs
        and zone in ("", each.zone)
        and not _left_since(household, glyphs, each.zone, each.observed_at)
    ]
    return found[-1] if found else None


def _reading(household: Household, paper: Paper, seen: Seen) -> Reading:
    holding, product = paper.holding, paper.product
    if seen.altered or (seen.serial and seen.serial in holding.void_serials):
        return Reading(False, "card_void")
    if product.draws_units and len(set(seen.dates)) > 1:
        return Reading(False, "two_dates")
    if product.draws_units and _void_already(household, paper, seen):
        return Reading(False, "card_void")
    if seen.zone != holding.zone:
        return Reading(False, "wrong_zone")
    if _excluded(household, paper, seen):
        return Reading(False, "vehicle_excluded")
    if product.draws_units:
        return _card(household, paper, seen)
    if seen.at < holding.in_force_from:
        return Reading(False, "not_started")
    if seen.at >= holding.in_force_until:
        return Reading(False, "ended")
    if product.use.start == "clock":
        return _clock(household, paper, seen)
    # A permit that was granted for one vehicle is good in that one alone (NOR-053).
    if product.vehicles.binding != "at_use" or not holding.application_id:
        return _over(_covers(paper, seen), seen.at, "no_right")
    return Reading(True, until=holding.in_force_until)


def _excluded(household: Household, paper: Paper, seen: Seen) -> bool:
    if excluded_by(seen.facts, paper.scheme.vehicle_limits) is not None:
        return True
    own = paper.product.vehicles.excludes_own
    return own and seen.glyphs in vehicles.own_marks(household, seen.at)


def _card(household: Household, paper: Paper, seen: Seen) -> Reading:
    holding, product, scheme = paper.holding, paper.product, paper.scheme
    begins = _card_begins(paper, seen)
    if begins is None:
        return _over(_card_covers(household, paper, seen), seen.at, "not_displayed")
    day = local_date(begins, scheme.tz)
    if day < holding.starts_on:
        return Reading(False, "no_right")
    if not validity.day_lies_in(holding, day, scheme):
        return Reading(False, "ended")
    covered = cards.period(begins, holding, product, scheme)
    if seen.at < covered.begins:
        return Reading(False, "not_started")
    if seen.at >= covered.ends:
        return Reading(False, "ended")
    return Reading(True, until=covered.ends)


def _card_begins(paper: Paper, seen: Seen) -> datetime | None:
    """The instant a card covers from, as it is read; None where it shows too little."""
    tz = paper.scheme.tz
    if not cards.timed(paper.product):
        return start_of_day(seen.dates[0], tz) if seen.dates else None
    if seen.face is None:
        return None
    if seen.dates:
        return at_local_time(seen.dates[0], seen.face, tz)
    day = local_date(seen.at, tz)
    today = at_local_time(day, seen.face, tz)
    return today if today <= seen.at else at_local_time(day - timedelta(days=1), seen.face, tz)


def _clock(household: Household, paper: Paper, seen: Seen) -> Reading:
    holding, product, scheme = paper.holding, paper.product, paper.scheme
    if seen.face is None:
        return Reading(False, "not_displayed")
    zone = scheme.zone(seen.zone)
    set_at = clock.latest_setting(product, scheme, zone, seen.face, seen.at)
    if any(set_at < back for back in _kept_until(household, paper, seen)):
        return Reading(False, "clock_reset")
    until = min(clock.until(product, scheme, zone, set_at), holding.in_force_until)
    if seen.at >= until:
        return Reading(False, "clock_expired")
    if product.no_return is not None:
        left = [
            departure.left_at
            for departure in household.departures
            if (departure.glyphs, departure.zone) == (seen.glyphs, seen.zone)
            and (departure.product == product.id or not product.no_return.other_products_exempt)
        ]
        if left and set_at < stays.may_return_at(max(left), product.no_return):
            return Reading(False, "no_return")
    return Reading(True, until=until)


def _kept_until(household: Household, paper: Paper, seen: Seen) -> Iterator[datetime]:
    """For each clock noted before that shows another time and whose vehicle is not known to have
    left since: the first instant to which a new clock can rightly be set.
    """
    product, scheme = paper.product, paper.scheme
    zone = scheme.zone(seen.zone)
    for noted_at, shown in _noted(household, paper, seen):
        face = clock.read(shown)
        if face is None or face == seen.face:
            continue
        if _left_since(household, seen.glyphs, seen.zone, noted_at):
            continue
        if product.no_return is not None:
            yield stays.may_return_at(noted_at, product.no_return)
        else:
            earlier = clock.latest_setting(product, scheme, zone, face, noted_at)
            yield clock.until(product, scheme, zone, earlier)


def _noted(household: Household, paper: Paper, seen: Seen) -> Iterator[tuple[datetime, str]]:
    """When a clock of this product was noted in the vehicle here, and what it showed."""
    wanted = (seen.glyphs, seen.zone, paper.product.id)
    for sighting in household.sightings:
        if sighting.clock and (sighting.glyphs, sighting.zone, sighting.product) == wanted:
            yield sighting.observed_at, sighting.clock
    for stay in household.stays.values():
        if (stay.glyphs, stay.zone, stay.product) == wanted:
            yield stay.began_at, stay.clock


def _left_since(household: Household, glyphs: str, zone: str, since: datetime) -> bool:
    return any(
        (departure.glyphs, departure.zone) == (glyphs, zone) and departure.left_at >= since
        for departure in household.departures
    )


def _void_already(household: Household, paper: Paper, seen: Seen) -> bool:
    """True where every recorded use of this card's date in this vehicle is void."""
    same = [card for card in _recorded(household, paper, seen) if card.used_on in seen.dates]
    return bool(same) and all(card.void for card in same)


def _recorded(household: Household, paper: Paper, seen: Seen) -> list[Card]:
    return [
        card
        for card in household.cards.values()
        if card.glyphs == seen.glyphs and card.holding_id == paper.holding.holding_id
    ]


def _card_covers(household: Household, paper: Paper, seen: Seen) -> list[Cover]:
    """What was recorded of cards with the dates exposed, or of any card where none is."""
    return [
        card.cover
        for card in _recorded(household, paper, seen)
        if card.cover and not card.void and (not seen.dates or card.used_on in seen.dates)
    ]


def _covers(paper: Paper, seen: Seen) -> list[Cover]:
    """The covers recorded for this vehicle on a permit."""
    found = [cover for cover in paper.holding.covers.values() if cover.kind != "listed"]
    return [cover for cover in found if cover.glyphs == seen.glyphs]


def _over(covers: list[Cover], at: datetime, none: str) -> Reading:
    """The reading of what was recorded; `none` where nothing was."""
    now = [cover.covers_until for cover in covers if cover.covers_from <= at < cover.covers_until]
    if now:
        return Reading(True, until=max(now))
    if any(cover.covers_until <= at for cover in covers):
        return Reading(False, "ended")
    return Reading(False, "not_started" if covers else none)


def _distance(holding: Holding, at: datetime) -> tuple[int, timedelta]:
    if holding.in_force(at):
        return 0, timedelta()
    if holding.in_force_until <= at:
        return 1, at - holding.in_force_until
    return 2, holding.in_force_from - at
