"""Take a step of the misuse procedure: a letter, the holder's reply, or the decision after it.

Only a person's decision ends a permit, and only after the holder could explain.

Source: NOR-023 to 026, NOR-155, A-200; X-096.
"""

from collections.abc import Sequence
from typing import Literal

from commands import ending as early
from commands.base import Command, Context, Values
from commands.finding import holding_of
from ledger.events import AnyEvent, MisuseStep
from ledger.household.state import Household
from ledger.refusals import Refusal, refuse_if
from ledger.rules import ending, misuse


class TakeMisuseStep(Command, frozen=True, kw_only=True, tag="take_misuse_step"):
    """`text`: what was written; an empty reply says that none came. `rescind` goes with a
    decision.
    """

    holding: str
    step: Literal["letter", "reply", "decide"]
    text: str = ""
    rescind: bool = False


def decide(command: TakeMisuseStep, household: Household, context: Context) -> list[AnyEvent]:
    """Record it, and end the permit where it is rescinded. Raises Refused with `permit.*`
    reasons.
    """
    holding = holding_of(household, command.holding)
    scheme = context.edition(holding.edition)
    text = command.text.strip()
    refuse_if(
        Refusal("permit.decided_by_people", "a person takes each step")
        if context.by.role == "system"
        else None,
        *misuse.refusals(household, holding.holding_id, scheme.misuse, command.step),
        early.over_refusal(holding, context) if command.step != "reply" else None,
        Refusal("permit.reason_missing", "say what is written to the holder")
        if command.step != "reply" and not text
        else None,
        Refusal("permit.step_missing", "only a decision rescinds a permit")
        if command.rescind and command.step != "decide"
        else None,
    )
    step = MisuseStep(
        holding_id=holding.holding_id, step=command.step, text=text, rescinded=command.rescind
    )
    if not command.rescind:
        return [step]
    caps = ending.concurrent_caps(holding)
    return [
        step,
        early.ended(household, holding, "rescinded", caps, context),
        *early.dependants(household, (holding.holding_id,), context.at, context),
    ]


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    taken = events[0]
    assert isinstance(taken, MisuseStep)
    return {"holding": taken.holding_id, "step": taken.step, "rescinded": taken.rescinded}
