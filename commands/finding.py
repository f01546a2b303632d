"""The things of a household that a command names. What is not there, or is another's, is
NotFound.
"""

from ledger.household.state import Application, Booking, Document, Holding, Household
from ledger.refusals import NotFound


def application_of(household: Household, application_id: str) -> Application:
    found = household.applications.get(application_id)
    if found is None:
        raise NotFound("application")
    return found


def document_of(household: Household, document_id: str) -> Document:
    found = household.documents.get(document_id)
    if found is None:
        raise NotFound("document")
    return found


def holding_of(household: Household, holding_id: str) -> Holding:
    found = household.holdings.get(holding_id)
    if found is None:
        raise NotFound("holding")
    return found


def booking_of(household: Household, booking_id: str) -> Booking:
    found = household.bookings.get(booking_id)
    if found is None:
        raise NotFound("booking")
    return found
