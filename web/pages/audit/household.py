"""A household as the auditor opens it: its facts in order, and the words that its pages share."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from ledger.events import Actor, Recorded
from ledger.household.evolve import fold
from ledger.household.state import Household
from ledger.refusals import NotFound
from ledger.scheme.schema import Scheme
from replay.schemes.selling import SCOPES, WINDOWS
from replay.schemes.words import capital, spoken
from replay.wording import named
from web.pages.forms import Form
from web.pages.framework import Visit

ROLES_SAID = {
    "resident": "A resident",
    "staff": "Staff",
    "officer": "Officer",
    "approver": "Approver",
    "auditor": "Auditor",
    "system": "The service itself",
    "dispute": "Dispute desk",
    "editor": "Scheme editor",
}
CHANNELS_SAID = {
    "website": "The website",
    "app": "The app",
    "phone": "By telephone",
    "text": "By text message",
    "post": "By post",
}


def asked_in(visit: Visit) -> Form:
    """What a page's own address asks, as the form that asked it."""
    return Form(fields={name: [value] for name, value in visit.query.items()})


class Opened(Struct, frozen=True, kw_only=True):
    """A household's facts from the first to the last, and what they come to."""

    stream: UUID
    facts: list[Recorded]
    household: Household

    @property
    def title(self) -> str:
        """Its address, or its reference where no address is known."""
        home = self.household.property
        assert home is not None, "a household that was opened has a property"
        return home.address or home.property_ref

    def path(self, page: str) -> str:
        """Of one of its pages, within the council."""
        return f"/audit/households/{self.stream}/{page}"


def opened(visit: Visit) -> Opened:
    """The household of the address. Raises NotFound, also for what is no household's stream."""
    stream = visit.household
    facts = list(visit.council.ledger.facts(stream))
    household = fold(Household(household_id=str(stream)), facts)
    if household.property is None:
        raise NotFound("household")
    return Opened(stream=stream, facts=facts, household=household)


def scheme_at(visit: Visit, at: datetime) -> Scheme:
    """The edition in force at an instant; before the first one, the first."""
    try:
        return visit.council.scheme_at(at)
    except NotFound:
        return visit.council.editions.ordered[0]


def product_name(product: str, scheme: Scheme) -> str:
    """As it is sold; its id in words where this edition does not sell it."""
    sold = scheme.product(product)
    return sold.name if sold is not None else capital(named(product))


def cap_name(key: str, scheme: Scheme) -> str:
    """`Visitor vouchers, for each household in any 12 months`, of the key of an allowance."""
    parts = key.split("/")
    if len(parts) < 4:
        return capital(spoken(key))
    of, scope, window, *_ = parts
    where, when = SCOPES.get(scope, spoken(scope)), WINDOWS.get(window, spoken(window))
    return f"{product_name(of, scheme)}, {where} {when}"


def who(by: Actor) -> str:
    """`Staff: pat`. A resident's id tells residents of one household apart, and says no more."""
    said = ROLES_SAID.get(by.role, by.role)
    return f"{said}: {by.name}" if by.name and by.role != "system" else said
