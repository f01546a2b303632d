"""A household after one of its steps: what was held, used, covered and left, as it stood then."""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from ledger.calendar import local_date
from ledger.events import Cover
from ledger.household.state import Household
from ledger.rules import allowance
from ledger.scheme.schema import Scheme
from replay.schemes.selling import SCOPES, WINDOWS
from replay.schemes.words import capital, spoken
from replay.wording import end, moment
from web.pages.audit.household import product_name


class HoldingThen(Struct, frozen=True, kw_only=True):
    """`left` of `units`; `active` and `listed` are marks; `over` says why it is, empty if not."""

    name: str
    units: int
    left: int
    begins: str
    until: str
    over: str
    active: str
    listed: tuple[str, ...]


class VisitThen(Struct, frozen=True, kw_only=True):
    """A booking, a card or a stay that is not over."""

    mark: str
    name: str
    what: str
    begins: datetime
    period: str


class LimitThen(Struct, frozen=True, kw_only=True):
    """One allowance of which something counts. `whose`: a resident's id where each has an own."""

    name: str
    terms: str
    whose: str
    used: int
    most: int
    left: int


class Then(Struct, frozen=True, kw_only=True):
    """The whole of it at an instant."""

    people: int
    applications: tuple[tuple[str, str, str], ...]
    holdings: tuple[HoldingThen, ...]
    visits: tuple[VisitThen, ...]
    limits: tuple[LimitThen, ...]


def then(household: Household, scheme: Scheme, at: datetime) -> Then:
    """What the household's facts up to an instant come to, under the edition in force then."""
    return Then(
        people=len(household.living(at)),
        applications=tuple(
            (each.number, product_name(each.product, scheme), capital(spoken(each.state)))
            for each in household.applications.values()
        ),
        holdings=tuple(_holdings(household, scheme, at)),
        visits=tuple(sorted(_visits(household, scheme, at), key=lambda each: each.begins)),
        limits=tuple(_limits(household, scheme, at)),
    )


def _holdings(household: Household, scheme: Scheme, at: datetime) -> Iterator[HoldingThen]:
    for each in household.holdings.values():
        active = each.vehicles.get(each.active)
        over = "" if each.in_hand(at) else capital(spoken(each.ended_why or "expired"))
        yield HoldingThen(
            name=product_name(each.product, scheme),
            units=each.units,
            left=each.units_left,
            begins=moment(each.in_force_from, scheme.tz),
            until=end(each.in_force_until, scheme.tz),
            over=over,
            active=active.shown if active else "",
            listed=tuple(one.shown for one in each.vehicles.values()),
        )


def _visits(household: Household, scheme: Scheme, at: datetime) -> Iterator[VisitThen]:
    for booking in household.bookings.values():
        if booking.cancelled_at is None and booking.cover.covers_until > at:
            yield _visit("Booked", booking.product, booking.cover, scheme)
    for card in household.cards.values():
        if card.cover is not None and not card.void and card.cover.covers_until > at:
            yield _visit("Paper voucher", card.product, card.cover, scheme)
    for stay in household.stays.values():
        if stay.left_at is None and stay.cover.covers_until > at:
            yield _visit("Stay", stay.product, stay.cover, scheme)


def _visit(what: str, product: str, cover: Cover, scheme: Scheme) -> VisitThen:
    tz = scheme.tz
    return VisitThen(
        mark=cover.shown,
        name=product_name(product, scheme),
        what=what,
        begins=cover.covers_from,
        period=f"{moment(cover.covers_from, tz)} until {end(cover.covers_until, tz)}",
    )


def _limits(household: Household, scheme: Scheme, at: datetime) -> Iterator[LimitThen]:
    home = household.property
    if home is None:
        return
    today = local_date(at, scheme.tz)
    living = [each.resident_id for each in household.living(at)]
    for product in scheme.products:
        if not product.offered_in(home.zone):
            continue
        for cap in allowance.caps(product, home.zone):
            for whose in living if cap.scope == "resident" else [""]:
                stands = allowance.standing(household, product, cap, whose, today, at)
                if stands.used or stands.granted:
                    yield LimitThen(
                        name=product.name,
                        terms=f"{SCOPES[cap.scope]} {WINDOWS[cap.window]}",
                        whose=whose,
                        used=stands.used,
                        most=stands.max + stands.granted,
                        left=stands.available,
                    )
