"""List a property, or record anew what the council knows of it. It founds the household."""

from collections.abc import Sequence
from datetime import date

from commands.base import Command, Context, Values
from ledger.events import AnyEvent, PropertyListed
from ledger.household.state import Household
from ledger.refusals import Refusal, refuse_if

FOUNDS = True


class ListProperty(Command, frozen=True, kw_only=True, tag="list_property"):
    property_ref: str
    zone: str
    areas: tuple[str, ...] = ()
    built_on: date | None = None
    council_tax_from: date | None = None
    converted: bool = False
    built_with_own_scheme: bool = False
    excluded: bool = False
    council_tax_accounts: tuple[str, ...] = ()
    address: str = ""


def decide(command: ListProperty, household: Household, context: Context) -> list[AnyEvent]:
    """Record the property. Raises Refused with `eligibility.zone` for a zone the scheme has not."""
    known = [zone.id for zone in context.scheme.zones]
    unknown = known and command.zone not in known
    refuse_if(
        Refusal("eligibility.zone", f"the scheme has no such zone; it has {len(known)}")
        if unknown
        else None
    )
    areas = {
        *command.areas,
        *(a for z in context.scheme.zones if z.id == command.zone for a in z.areas),
    }
    return [
        PropertyListed(
            property_ref=command.property_ref,
            zone=command.zone,
            areas=tuple(sorted(areas)),
            built_on=command.built_on,
            council_tax_from=command.council_tax_from,
            converted=command.converted,
            built_with_own_scheme=command.built_with_own_scheme,
            excluded=command.excluded,
            council_tax_accounts=command.council_tax_accounts,
            address=command.address,
        )
    ]


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    return {"household": household.household_id}
