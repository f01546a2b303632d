"""How cards, stays and the covers of uses change: the larger cases of `evolve`."""

from collections.abc import Iterable
from datetime import datetime

from ledger.events import (
    CardUsed,
    Cover,
    HoldingRefunded,
    MisuseStep,
    PermitObserved,
    StayBegan,
    StayEnded,
)
from ledger.household.state import Card, Departure, Household, MisuseTaken, Stay


def covers_changed(household: Household, covers: Iterable[Cover]) -> None:
    """Each cover replaces the one of the same id, whichever use it belongs to."""
    for cover in covers:
        cover_id = cover.cover_id
        holding = household.holdings.get(cover.holding_id)
        if holding is not None and cover_id in holding.covers:
            holding.covers[cover_id] = cover
        if cover_id in household.bookings:
            household.bookings[cover_id].cover = cover
        if cover_id in household.cards:
            card = household.cards[cover_id]
            card.cover = cover
            card.glyphs = cover.glyphs
            card.covers_from, card.covers_until = cover.covers_from, cover.covers_until
        if cover_id in household.stays:
            stay = household.stays[cover_id]
            stay.cover, stay.glyphs = cover, cover.glyphs


def covers_taken(household: Household, cover_ids: Iterable[str]) -> None:
    """Cards whose cover was taken back before it began are worth nothing any more."""
    for cover_id in cover_ids:
        if cover_id in household.cards:
            household.cards[cover_id].void = True


def card_used(household: Household, event: CardUsed) -> None:
    household.holdings[event.holding_id].units_used += event.units
    cover = event.covers[0]
    household.cards[event.card_id] = Card(
        card_id=event.card_id,
        holding_id=event.holding_id,
        product=event.product,
        used_on=event.used_on,
        glyphs=cover.glyphs,
        covers_from=cover.covers_from,
        covers_until=cover.covers_until,
        cover=cover,
        void=event.void,
        resident_id=event.resident_id,
        counted=event.counted,
    )


def cards_voided(household: Household, event: PermitObserved) -> None:
    """A spoilt card covers nobody any more; it stays one card used."""
    covers_changed(household, event.covers)
    covers_taken(household, event.void_cards)


def stay_began(household: Household, event: StayBegan) -> None:
    cover = event.covers[0]
    household.stays[event.stay_id] = Stay(
        stay_id=event.stay_id,
        holding_id=event.holding_id,
        product=event.product,
        glyphs=cover.glyphs,
        zone=cover.zone,
        began_at=event.began_at,
        clock=event.clock,
        cover=cover,
        resident_id=event.resident_id,
        counted=event.counted,
    )


def stay_ended(household: Household, event: StayEnded) -> None:
    stay = household.stays.get(event.stay_id)
    if stay is not None:
        stay.left_at = event.left_at
    household.departures.append(
        Departure(
            product=event.product, glyphs=event.glyphs, zone=event.zone, left_at=event.left_at
        )
    )
    covers_changed(household, event.covers)


def misuse_step(household: Household, event: MisuseStep, at: datetime) -> None:
    household.misuse.append(MisuseTaken(holding_id=event.holding_id, step=event.step, taken_at=at))


def refunded(household: Household, event: HoldingRefunded) -> None:
    application = household.applications.get(event.application_id)
    if application is not None:
        application.refunded_pence += event.pence
    payment = household.payments.get(event.payment_id)
    if payment is not None:
        payment.refunded_pence = event.payment_refunded_pence
