"""The household that a member of staff has open, and the one rule of it: nobody opens their own.

Source: issue "Pages", item 2; promises section 4 (insider: clerk); E10.
"""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from commands.base import Command, Context
from commands.handling import decided
from ledger.events import AnyEvent, Channel
from ledger.household.state import Application, Booking, Holding, Household, Property, Resident
from ledger.refusals import NotFound
from ledger.scheme.products import Product
from ledger.scheme.schema import Scheme
from services.council import working_days
from services.proposals import Person
from web.commanding import actor_of
from web.pages.framework import Visit
from web.pages.resident.own import Own
from web.problems import Wrong

OWN = "You live here yourself. Ask a colleague to do this."


class Case(Struct, frozen=True, kw_only=True):
    """A household as it is now. `subject` is what of it the page is about: an id, or empty."""

    visit: Visit
    household: Household
    home: Property
    subject: str

    @property
    def stream(self) -> UUID:
        return UUID(self.household.household_id)

    @property
    def path(self) -> str:
        """The household's page, within the council."""
        return f"/staff/households/{self.household.household_id}"

    @property
    def now(self) -> datetime:
        return self.visit.now

    @property
    def today(self) -> date:
        return self.visit.today

    @property
    def scheme(self) -> Scheme:
        return self.visit.scheme

    @property
    def living(self) -> list[Resident]:
        return self.household.living(self.now)

    @property
    def holding(self) -> Holding:
        """The one that the page is about. Raises NotFound."""
        found = self.household.holdings.get(self.subject)
        if found is None:
            raise NotFound("permit")
        return found

    @property
    def booking(self) -> Booking:
        """As holding."""
        found = self.household.bookings.get(self.subject)
        if found is None:
            raise NotFound("booking")
        return found

    @property
    def application(self) -> Application:
        """As holding."""
        found = self.household.applications.get(self.subject)
        if found is None:
            raise NotFound("application")
        return found

    @property
    def product(self) -> Product:
        """One that this address may have. Raises NotFound."""
        found = self.scheme.product(self.subject)
        if found is None or not found.offered_in(self.home.zone):
            raise NotFound("product")
        return found

    def name_of(self, product: str, edition: str = "") -> str:
        """A product's name, under the edition it was sold in."""
        scheme = self.visit.council.editions.edition(edition) if edition else self.scheme
        found = scheme.product(product)
        return found.name if found else product.replace("-", " ")

    def as_resident(self) -> Own:
        """What the resident's own forms are made of: what one living here would be asked."""
        if not self.living:
            raise NotFound("resident")
        return Own(
            household=self.household,
            home=self.home,
            resident=self.living[0],
            scheme=self.scheme,
            now=self.now,
            today=self.today,
        )


def opened(visit: Visit, subject: str = "") -> Case:
    """The household of the address, for looking. Raises NotFound, and Wrong for one's own."""
    if visit.by.own_household and visit.by.own_household == visit.params.get("household"):
        raise Wrong("not-allowed", OWN)
    return acted_on(visit, subject)


def acted_on(visit: Visit, subject: str = "") -> Case:
    """As opened, for an act: of one's own it is the ledger that refuses, and keeps the attempt."""
    household = visit.council.ledger.household(visit.household)
    if household.property is None:
        raise NotFound("household")
    return Case(
        visit=visit,
        household=household,
        home=household.property,
        subject=subject or visit.params.get("subject", ""),
    )


def tried(case: Case, command: Command, channel: Channel, on_behalf_of: str) -> list[AnyEvent]:
    """What a command would do now; nothing is done. Raises Refused with every reason, NotFound."""
    context = Context(
        at=case.now,
        by=actor_of(case.visit.by),
        channel=channel,
        on_behalf_of=on_behalf_of,
        command_key="tried",
        editions=case.visit.council.editions,
        working_days=working_days(),
    )
    return decided(command, case.household, context)


def person(visit: Visit) -> Person:
    """Who is signed in, as one of the two who do something together."""
    acting = actor_of(visit.by)
    return Person(role=acting.role, name=acting.name, own_household=visit.by.own_household)
