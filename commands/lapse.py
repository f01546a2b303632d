"""Record that something has lapsed: units and permits at their end, offers that nobody took up.

Validity never waits for this: it is computed from instants. The worker only records the fact, once.
What was ended before its time (surrendered, rescinded, refunded, moved out) does not lapse as well.

Source: HAN-019, X-028, X-036; design, sections 5 and 7.
"""

from collections.abc import Sequence
from typing import Literal

from commands.base import Command, Context, Values
from commands.finding import application_of, holding_of
from ledger.events import AnyEvent, HoldingExpired, OfferLapsed
from ledger.household.state import Household
from ledger.refusals import Refusal, refuse_if
from ledger.rules import flow


class Lapse(Command, frozen=True, kw_only=True, tag="lapse"):
    """`subject` is a holding or an application."""

    kind: Literal["holding", "offer"]
    subject: str


def decide(command: Lapse, household: Household, context: Context) -> list[AnyEvent]:
    """Record it. Raises Refused with `permit.not_lapsed` where it is not due, or was recorded."""
    if command.kind == "offer":
        application = application_of(household, command.subject)
        refuse_if(
            None
            if flow.lapsed(application, context.at)
            else Refusal("permit.not_lapsed", "the offer has not lapsed")
        )
        assert application.lapses_at is not None
        return [
            OfferLapsed(application_id=application.application_id, lapsed_at=application.lapses_at)
        ]
    holding = holding_of(household, command.subject)
    refuse_if(
        Refusal("permit.not_lapsed", "the holding has not lapsed")
        if holding.expired or holding.ended_why or holding.in_hand(context.at)
        else None
    )
    return [
        HoldingExpired(
            holding_id=holding.holding_id,
            expired_at=holding.in_force_until,
            units_lapsed=holding.units_left,
        )
    ]


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    return {}
