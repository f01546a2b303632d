"""The things of a household that a command names. What is not there, or is another's, is
NotFound.
"""

from ledger.household.desk import Case, Notice, Outage
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


def notice_of(household: Household) -> Notice:
    """The penalty charge notice that a stream is of. Raises NotFound."""
    if household.desk is None or household.desk.notice is None:
        raise NotFound("notice")
    return household.desk.notice


def case_of(household: Household, case_id: str) -> Case:
    found = notice_of(household).cases.get(case_id)
    if found is None:
        raise NotFound("case")
    return found


def outage_of(household: Household, outage_id: str) -> Outage:
    found = household.desk.outages.get(outage_id) if household.desk else None
    if found is None:
        raise NotFound("outage")
    return found
