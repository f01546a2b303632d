"""The council decides that a property is eligible though a rule of the scheme excludes it.

"Most" of the newer properties of an area are not eligible: which are is the council's decision,
case by case and with its reason. Only a rule that names its override can be set aside so.

Source: scheme TOML `eligibility[].override`; NOR-123, NOR-124; X-080.
"""

from collections.abc import Sequence

from commands.base import Command, Context, Values
from ledger.events import AnyEvent, EligibilityOverridden
from ledger.household.state import Household
from ledger.refusals import NotFound, refuse_if
from ledger.rules import eligibility


class OverrideEligibility(Command, frozen=True, kw_only=True, tag="override_eligibility"):
    """`override` is the name that the scheme's rule gives it."""

    override: str
    reason: str


def decide(command: OverrideEligibility, household: Household, context: Context) -> list[AnyEvent]:
    """Record it. Raises Refused with every `grant.*` reason."""
    home = household.property
    if home is None:
        raise NotFound("property")
    refuse_if(
        *eligibility.override_refusals(
            home, context.scheme, command.override, context.by, command.reason
        )
    )
    return [
        EligibilityOverridden(
            override=command.override, reason=command.reason.strip(), approver=context.by.name
        )
    ]


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    assert household.property is not None
    return {"overrides": list(household.property.overrides)}
