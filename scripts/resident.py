"""`permit-ledger resident`: what staff record for a resident who telephones, writes or comes by."""

import sys
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

if TYPE_CHECKING:
    from commands.handling import Sender

resident = App(name="resident", help="Record what a resident says of themselves, as staff.")

Property = Annotated[str, Parameter(name="--property")]


@resident.command
def email(address: str, /, *, council: str, property_ref: Property, whose: str, by: str) -> int:
    """Change the e-mail address at which a resident is reached. Say it only of an address that
    was shown to be theirs.

    Parameters
    ----------
    address
        The new address.
    council
        The id of its scheme.
    property_ref
        The reference of the property.
    whose
        The resident's id.
    by
        The name of the member of staff.
    """
    from scripts.asking import asked_council, household_of
    from services import contacts

    with asked_council(council) as asked:
        stream = asked.ledger.household_id(property_ref)
        household_of(asked, stream)
        contacts.change(asked, stream, whose, address, _sender(by, whose), None)
    return _said("changed; nothing is sent from here: tell the old address")


@resident.command
def moved_out(*, council: str, property_ref: Property, whose: str, by: str) -> int:
    """Record that a resident has moved out, now: what they hold ends.

    Parameters
    ----------
    council
        The id of its scheme.
    property_ref
        The reference of the property.
    whose
        The resident's id.
    by
        The name of the member of staff.
    """
    from commands.move_out import MoveOut
    from scripts.asking import asked_council, household_of

    with asked_council(council) as asked:
        stream = asked.ledger.household_id(property_ref)
        household_of(asked, stream)
        answer = asked.handle(stream, MoveOut(resident=whose), _sender(by, whose))
        ended = answer.values["ended"]
    return _said(f"moved out; {len(ended) if isinstance(ended, list) else 0} holdings ended")


@resident.command
def forget_visitor(
    mark: str, /, *, council: str, property_ref: Property, whose: str, by: str
) -> int:
    """Take a saved visitor off the list. Visits that are booked stay.

    Parameters
    ----------
    mark
        The visitor's registration mark.
    council
        The id of its scheme.
    property_ref
        The reference of the property.
    whose
        The resident's id.
    by
        The name of the member of staff.
    """
    from commands.forget_visitor import ForgetVisitor
    from scripts.asking import asked_council, household_of

    with asked_council(council) as asked:
        stream = asked.ledger.household_id(property_ref)
        household_of(asked, stream)
        asked.handle(stream, ForgetVisitor(vehicle=mark), _sender(by, whose))
    return _said("forgotten")


def _sender(by: str, whose: str) -> "Sender":
    from secrets import token_hex

    from commands.handling import Sender
    from ledger.events import Actor

    return Sender(
        by=Actor("staff", by),
        key=f"staff/{by}/cli/{token_hex(16)}",
        channel="phone",
        on_behalf_of=whose,
    )


def _said(what: str) -> int:
    sys.stdout.write(f"{what}\n")
    return 0
