"""One act as the ledger holds it, and what is needed to ask for the same again elsewhere.

An act is an accepted command: the facts that it was decided to be, of which the last carries its
receipt. The ids of things follow from a command's key, so that a thing is mostly called the same
under any terms; where it is not, `Names` knows what it is called there.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from msgspec import Struct

from ledger.events import (
    AnyEvent,
    ApplicationSubmitted,
    CardUsed,
    ProofUploaded,
    Recorded,
    StayBegan,
    VoucherBooked,
)
from ledger.events.base import Actor, Answer, Channel
from ledger.household.state import Household
from ledger.scheme.schema import Scheme


class Missing(Exception):
    """Something that an act names is not there under these terms."""


class Act(Struct, frozen=True, kw_only=True):
    """An accepted command. `answer` is None for facts without a receipt; `body` is the digest of
    what was sent.
    """

    command: str
    at: datetime
    by: Actor
    channel: Channel
    on_behalf_of: str
    key: str
    body: str
    answer: Answer | None
    version: int
    events: tuple[AnyEvent, ...]


def acts(facts: Iterable[Recorded]) -> Iterator[Act]:
    """The acts of one household, in order."""
    facts_of_one: list[Recorded] = []
    for fact in facts:
        facts_of_one.append(fact)
        if fact.entry.receipt is not None:
            yield _act(facts_of_one)
            facts_of_one = []
    if facts_of_one:
        yield _act(facts_of_one)


def _act(facts: list[Recorded]) -> Act:
    last = facts[-1].entry
    receipt = last.receipt
    return Act(
        command=receipt.answer.command if receipt else "",
        at=last.recorded_at,
        by=last.by,
        channel=last.channel,
        on_behalf_of=last.on_behalf_of,
        key=receipt.key if receipt else "",
        body=receipt.body if receipt else "",
        answer=receipt.answer if receipt else None,
        version=facts[-1].originator_version,
        events=tuple(fact.event for fact in facts),
    )


class Names:
    """What the things of the ledger are called under other terms: `there` is the household as it
    would be, `here` as it was. Both go on changing.
    """

    def __init__(self, here: Household, there: Household) -> None:
        self._here = here
        self._there = there
        self._called: dict[str, str] = {}

    def learn(self, here: Iterable[AnyEvent], there: Iterable[AnyEvent]) -> None:
        """What an act made here, and what it made there, kind by kind in the same order."""
        made = _made(there)
        for place, real in _made(here).items():
            if made.get(place, real) != real:
                self._called[real] = made[place]

    def application(self, real: str) -> str:
        """Raises Missing, as each of these."""
        return self._found(real, self._there.applications)

    def document(self, real: str) -> str:
        return self._found(real, self._there.documents)

    def booking(self, real: str) -> str:
        return self._found(real, self._there.bookings)

    def use(self, real: str) -> str:
        """A booking, a card or a stay."""
        there = self._there
        return self._found(real, {**there.bookings, **there.cards, **there.stays})

    def holding(self, real: str) -> str:
        """The holding of the same line of the same application; a granted one is its own name."""
        held = self._here.holdings.get(real)
        if held is None or not held.application_id:
            return self._found(real, self._there.holdings)
        application = self._called.get(held.application_id, held.application_id)
        place = _issued(self._here, held.application_id).index(real)
        issued = _issued(self._there, application)
        if place >= len(issued):
            raise Missing("holding")
        return issued[place]

    def holding_if_any(self, real: str) -> str:
        """As holding; empty where there is none."""
        try:
            return self.holding(real)
        except Missing:
            return ""

    def mark_of_stay(self, real: str) -> str:
        """As it was typed when the stay began; empty where only officers saw it."""
        stay = self._here.stays.get(real)
        return stay.cover.typed if stay else ""

    def _found(self, real: str, things: Iterable[str]) -> str:
        name = self._called.get(real, real)
        if name not in things:
            raise Missing(real)
        return name


def _issued(household: Household, application: str) -> list[str]:
    return [
        holding.holding_id
        for holding in household.holdings.values()
        if holding.application_id == application
    ]


def _made(events: Iterable[AnyEvent]) -> dict[tuple[str, int], str]:
    """The ids of the things that these facts made, by their kind and their place in it."""
    made: dict[tuple[str, int], str] = {}
    for event in events:
        match event:
            case ApplicationSubmitted():
                kind, name = "application", event.application_id
            case VoucherBooked():
                kind, name = "booking", event.booking_id
            case CardUsed():
                kind, name = "card", event.card_id
            case StayBegan():
                kind, name = "stay", event.stay_id
            case ProofUploaded():
                kind, name = "document", event.document_id
            case _:
                continue
        made[kind, sum(each == kind for each, _ in made)] = name
    return made


class Asked(Struct, frozen=True, kw_only=True):
    """An act to be asked again: under which scheme, and how its things are called there."""

    act: Act
    scheme: Scheme
    names: Names
