"""What is a resident's own: their household as it is now, and of its applications theirs."""

from datetime import date, datetime

from msgspec import Struct

from commands.base import Command, Context
from commands.handling import decided
from ledger.events import Actor, AnyEvent
from ledger.household.state import Application, Household, Property, Resident
from ledger.refusals import NotFound
from ledger.scheme.products import Product
from ledger.scheme.schema import Scheme
from services.council import working_days
from web.pages.framework import Visit


class Own(Struct, frozen=True, kw_only=True):
    """A resident at home, under the edition in force now. `today` is the local date."""

    household: Household
    home: Property
    resident: Resident
    scheme: Scheme
    now: datetime
    today: date

    def product(self, product_id: str) -> Product:
        """A product that this address may have. Raises NotFound for any other."""
        found = self.scheme.product(product_id)
        if found is None or not found.offered_in(self.home.zone):
            raise NotFound("product")
        return found

    def application(self, application_id: str) -> Application:
        """One of the resident's own. Raises NotFound, also for a flatmate's."""
        found = self.household.applications.get(application_id)
        if found is None or found.resident_id != self.resident.resident_id:
            raise NotFound("application")
        return found

    @property
    def applications(self) -> list[Application]:
        """The resident's own, the latest first."""
        mine = self.resident.resident_id
        found = [a for a in self.household.applications.values() if a.resident_id == mine]
        return sorted(found, key=lambda each: each.submitted_at, reverse=True)


def own(visit: Visit) -> Own:
    """The signed-in resident's. Raises NotFound."""
    household = visit.council.ledger.household(visit.household)
    resident = household.residents.get(visit.by.resident_id)
    if household.property is None or resident is None:
        raise NotFound("household")
    return Own(
        household=household,
        home=household.property,
        resident=resident,
        scheme=visit.scheme,
        now=visit.now,
        today=visit.today,
    )


def tried(visit: Visit, mine: Own, command: Command) -> list[AnyEvent]:
    """What a command would do now; nothing is done. Raises Refused with every reason."""
    context = Context(
        at=mine.now,
        by=Actor("resident", mine.resident.resident_id),
        channel="website",
        on_behalf_of="",
        command_key="tried",
        editions=visit.council.editions,
        working_days=working_days(),
    )
    return decided(command, mine.household, context)
