"""Use a paper voucher: a card is dated (and timed) for one vehicle, as it is written on it.

One card for each vehicle and date; an hourly card may not overlap another of the same vehicle.

Source: NOR-085 to 087, NOR-104, NOR-145 to 153, RBW-025, RBW-031, RBW-032; A-116, A-117, A-139 to
A-143; X-015, X-054, X-068 to X-074.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct

from commands import vehicles_named
from commands.base import Command, Context, Values
from commands.finding import holding_of
from ledger.calendar import local_date
from ledger.events import AnyEvent, CardUsed, Cover, ListedVehicle
from ledger.household.state import Holding, Household
from ledger.refusals import Refusal, refuse_if
from ledger.rules import allowance, booking, cards, eligibility, lots, validity
from ledger.scheme.products import Product
from ledger.scheme.schema import Scheme


class UseCard(Command, frozen=True, kw_only=True, tag="use_card"):
    """`on` is the date of a card that lasts a day (today where none is given), `time` the local
    time of an hourly one (now where none is given).
    """

    vehicle: str
    product: str = ""
    holding: str = ""
    on: date | None = None
    time: str = ""


class Card(Struct, frozen=True):
    """The card that is used, the terms it was sold under, and when it begins to cover."""

    lot: Holding
    product: Product
    scheme: Scheme
    begins: datetime


def decide(command: UseCard, household: Household, context: Context) -> list[AnyEvent]:
    """Cover the vehicle. Raises Refused with `vehicle.mark_invalid`, `eligibility.not_resident`,
    and every `allowance.*`, `booking.*`, `permit.*` and `card.*` reason.
    """
    refuse_if(eligibility.scheme_refusal(context.scheme))
    vehicles = vehicles_named.listed([command.vehicle])
    card, others = _card(command, household, context, vehicles)
    refuse_if(
        *vehicles_named.refusals([command.vehicle]),
        context.stranger(household),
        *others,
    )
    assert card is not None
    return [_used(card, vehicles[0], context.new_id())]


def _card(
    command: UseCard,
    household: Household,
    context: Context,
    vehicles: tuple[ListedVehicle, ...],
) -> tuple[Card | None, list[Refusal]]:
    """The card to use, or why there is none."""

    def product_of(holding: Holding) -> Product | None:
        return context.edition(holding.edition).product(holding.product)

    held = cards.held(household, product_of)
    if command.holding:
        named = holding_of(household, command.holding)
        held = [holding for holding in held if holding.holding_id == named.holding_id]
    if command.product:
        held = [holding for holding in held if holding.product == command.product]
    in_hand = [holding for holding in held if holding.in_hand(context.at)]
    choices = lots.candidates(in_hand or held)
    if len(choices) > 1:
        return None, [
            Refusal("booking.product_unclear", f"say which of {', '.join(choices)} is used")
        ]
    held = [holding for holding in held if holding.product in choices]
    in_hand = [holding for holding in held if holding.in_hand(context.at)]
    if not held:
        return None, [Refusal("booking.no_units", "0 cards left, 1 needed")]
    newest = max(held, key=lambda holding: (holding.issued_at, holding.holding_id))
    scheme, product = context.edition(newest.edition), product_of(newest)
    assert product is not None
    begins, time_refusal = cards.begins(product, scheme, command.on, command.time, context.at)
    if time_refusal is not None:
        return None, [time_refusal]
    reasons = [
        *_why_none(held, product, scheme, begins, context),
        *_duplicates(household, product, scheme, begins, vehicles),
    ]
    lot = _lot(in_hand, product, scheme, begins)
    if lot is None:
        return None, reasons
    scheme = context.edition(lot.edition)
    card = Card(lot, scheme.product(lot.product) or product, scheme, begins)
    return card, [*reasons, *_allowance_refusals(card, household)]


def _allowance_refusals(card: Card, household: Household) -> Iterator[Refusal]:
    yield from allowance.use_refusals(
        household,
        card.product,
        card.scheme,
        card.lot.zone,
        card.lot.resident_id,
        units=card.product.use.units_per_vehicle,
        used_on=local_date(card.begins, card.scheme.tz),
        last_day=_last_day(card),
    )


def _last_day(card: Card) -> date:
    covered = cards.period(card.begins, card.lot, card.product, card.scheme)
    return local_date(max(covered.begins, covered.ends - timedelta(microseconds=1)), card.scheme.tz)


def _lot(held: list[Holding], product: Product, scheme: Scheme, begins: datetime) -> Holding | None:
    """The lot that the card is taken from: the first in order that holds the day and has one.

    `held` is in hand: a card of what was given up covers nobody.
    """
    day = local_date(begins, scheme.tz)
    needed = product.use.units_per_vehicle
    return next(
        (
            lot
            for lot in lots.in_order(held, product)
            if lot.units_left >= needed and validity.day_lies_in(lot, day, scheme)
        ),
        None,
    )


def _why_none(
    held: list[Holding], product: Product, scheme: Scheme, begins: datetime, context: Context
) -> Iterator[Refusal]:
    """Reasons in the time written on the card, and in how many are left."""
    past = cards.past_refusal(product, scheme, begins, context.at)
    if past is not None:
        yield past
    day = local_date(begins, scheme.tz)
    needed = product.use.units_per_vehicle
    in_hand = [lot for lot in held if lot.in_hand(context.at)]
    if not any(lot.units_left >= needed for lot in in_hand):
        yield Refusal("booking.no_units", f"0 cards left, {needed} needed")
    elif _lot(in_hand, product, scheme, begins) is None and cards.any_holds(held, day, scheme):
        yield Refusal("booking.no_units", f"0 cards left for {day}, {needed} needed")
    yield from cards.refusals(held, day, scheme, context.at)


def _duplicates(
    household: Household,
    product: Product,
    scheme: Scheme,
    begins: datetime,
    vehicles: tuple[ListedVehicle, ...],
) -> Iterator[Refusal]:
    whole = validity.use_period(begins, product, scheme, datetime.max.replace(tzinfo=begins.tzinfo))
    yield from booking.duplicate_refusals(
        household, [vehicle.glyphs for vehicle in vehicles], whole, product, scheme
    )
    in_use = booking.in_use_refusal(household, product, whole, len(vehicles))
    if in_use is not None:
        yield in_use


def _used(card: Card, vehicle: ListedVehicle, card_id: str) -> CardUsed:
    lot, product, scheme = card.lot, card.product, card.scheme
    covered = cards.period(card.begins, lot, product, scheme)
    cover = Cover(
        cover_id=card_id,
        kind="card",
        holding_id=lot.holding_id,
        product=product.id,
        typed=vehicle.typed,
        shown=vehicle.shown,
        glyphs=vehicle.glyphs,
        zone=lot.zone,
        covers_from=covered.begins,
        covers_until=covered.ends,
    )
    return CardUsed(
        card_id=card_id,
        holding_id=lot.holding_id,
        product=product.id,
        edition=scheme.edition,
        used_on=local_date(card.begins, scheme.tz),
        units=product.use.units_per_vehicle,
        covers=(cover,),
        address=lot.address,
        resident_id=lot.resident_id,
        counted=allowance.counted_use(
            product,
            scheme,
            lot.zone,
            units=product.use.units_per_vehicle,
            used_on=local_date(card.begins, scheme.tz),
            last_day=_last_day(card),
        ),
    )


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    used = events[0]
    assert isinstance(used, CardUsed)
    (cover,) = used.covers
    return {
        "card": used.card_id,
        "holding": used.holding_id,
        "from": cover.covers_from.isoformat(),
        "until": cover.covers_until.isoformat(),
        "remaining": household.units_left(used.product, context.at),
    }
