"""Paper vouchers: which holding a card is of, when it covers, and for which days it may be used.

A card covers from 00:00 of the date exposed on it, or from the time scratched. Its date must lie
in its holding; a tail to the next morning belongs to the use and outlasts the holding's last day,
but not an end that came early.

Source: NOR-085 to 087, NOR-148 to 152, RBW-031 to 033; X-054, X-068 to X-073.
"""

from collections.abc import Iterator
from datetime import date, datetime

from ledger.calendar import NoSuchLocalTime, local_date, occurs_twice, parse_local, start_of_day
from ledger.household.state import Holding, Household
from ledger.refusals import Refusal
from ledger.rules import validity
from ledger.rules.booking import FARTHEST
from ledger.rules.lots import ProductOf
from ledger.scheme.products import Product
from ledger.scheme.schema import Scheme
from ledger.values import Period


def held(household: Household, product_of: ProductOf) -> list[Holding]:
    """The holdings of cards: paper whose units are used one by one, over or not."""
    found = []
    for holding in household.holdings.values():
        product = product_of(holding)
        if product is not None and product.medium == "paper" and product.draws_units:
            found.append(holding)
    return found


def timed(product: Product) -> bool:
    """True where a time is scratched on the card, not only a date."""
    return product.use.start != "start_of_day" and product.use.end.kind == "hours"


def begins(
    product: Product, scheme: Scheme, on: date | None, at_time: str, now: datetime
) -> tuple[datetime, Refusal | None]:
    """The instant a card covers from, as it is written, and why it cannot be."""
    if on is not None and abs(on - local_date(now, scheme.tz)) > FARTHEST:
        return now, Refusal("booking.no_such_time", "a date lies within a hundred years")
    if not timed(product):
        return _day_begins(scheme, on, at_time, now)
    if not at_time:
        if on is not None and on != local_date(now, scheme.tz):
            return now, Refusal("booking.no_such_time", "this card needs a time as well as a date")
        return now.replace(second=0, microsecond=0), None
    return _read(at_time, scheme, now)


def _day_begins(
    scheme: Scheme, on: date | None, at_time: str, now: datetime
) -> tuple[datetime, Refusal | None]:
    if on is None and at_time:
        at, refusal = _read(at_time, scheme, now)
        if refusal is not None:
            return now, refusal
        on = local_date(at, scheme.tz)
    return start_of_day(on or local_date(now, scheme.tz), scheme.tz), None


def _read(text: str, scheme: Scheme, now: datetime) -> tuple[datetime, Refusal | None]:
    try:
        at = parse_local(text, scheme.tz)
        twice = scheme.calendar.fold == "offset" and occurs_twice(text, scheme.tz)
    except NoSuchLocalTime as error:
        return now, Refusal("booking.no_such_time", str(error))
    except (ValueError, OverflowError):
        return now, Refusal("booking.no_such_time", "a time is YYYY-MM-DD HH:MM")
    if abs(at - now) > FARTHEST:
        return now, Refusal("booking.no_such_time", "a time lies within a hundred years")
    if twice:
        return now, Refusal(
            "booking.no_such_time", "that time occurs twice: give its offset, +01:00 or +00:00"
        )
    return at, None


def past_refusal(
    product: Product, scheme: Scheme, begins_at: datetime, now: datetime
) -> Refusal | None:
    """`booking.start_in_past`: a card dated back would undo a penalty (X-015)."""
    if product.use.backdate:
        return None
    if timed(product):
        past = begins_at < now.replace(second=0, microsecond=0)
    else:
        past = local_date(begins_at, scheme.tz) < local_date(now, scheme.tz)
    return Refusal("booking.start_in_past", "a card cannot be dated back") if past else None


def any_holds(lots: list[Holding], day: date, scheme: Scheme) -> bool:
    """True where a card of one of these lots may bear that date."""
    return any(validity.day_lies_in(lot, day, scheme) for lot in lots)


def refusals(lots: list[Holding], day: date, scheme: Scheme, now: datetime) -> Iterator[Refusal]:
    """Reasons why no card of these lots may bear that date now."""
    if not any_holds(lots, day, scheme):
        first = min(lot.starts_on for lot in lots)
        last = max(lot.last_day for lot in lots)
        yield Refusal("card.date_outside_holding", f"{day} is not between {first} and {last}")
    if all(lot.ended_why and not lot.in_hand(now) for lot in lots):
        why = lots[0].ended_why.replace("_", " ")
        yield Refusal("card.void", f"the cards ended before their last day: {why}")


def period(begins_at: datetime, lot: Holding, product: Product, scheme: Scheme) -> Period:
    """What one card of this lot covers."""
    whole = validity.use_period(begins_at, product, scheme, lot.in_force_until)
    if not lot.ended_why:
        return whole
    return Period(whole.begins, max(whole.begins, min(whole.ends, lot.in_force_until)))
