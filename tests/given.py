"""Given what has happened, when a command is sent, then these are the facts or the refusals.

Pure: a household is folded in memory, schemes come from their files, ids can be read. Times are
written as a person would say them, local to the scheme ("2026-11-19 10:00"), or UTC with a final Z.

Every decision made here is checked for what a decision must be: it leaves the household alone,
decides the same twice, and what it says reads back from its stored form.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import date, datetime
from functools import cache
from types import MappingProxyType
from typing import Literal, Self
from zoneinfo import ZoneInfo

import msgspec

from commands.apply_for_permit import ApplyForPermit
from commands.base import Command, Context, Values
from commands.decide_application import DecideApplication
from commands.pay_for_applications import PayForApplications
from commands.registry import USE_CASES
from commands.upload_proof import UploadProof
from ledger.calendar import parse_local
from ledger.events import (
    Actor,
    AnyEvent,
    Channel,
    Cover,
    CoverKind,
    Entry,
    Event,
    ListedVehicle,
    PropertyListed,
    ResidentRegistered,
)
from ledger.household.evolve import evolve
from ledger.household.state import Household
from ledger.refusals import LedgerError, NotFound, Refused
from ledger.rules.working_days import WorkingDays
from ledger.scheme.editions import Editions, in_order
from ledger.scheme.loading import parse
from ledger.values import parse_mark
from tests.scheme.files import SCHEMES

NONE: Mapping[str, object] = MappingProxyType({})
BEGINNING = "2020-11-20 00:00"
"""When the default household is recorded: every scheme used in tests is in force."""

LONDON = ZoneInfo("Europe/London")
HOLIDAYS = WorkingDays([date(2026, 12, 25), date(2026, 12, 28)])

_decoder = msgspec.json.Decoder(Entry)
_parsed: dict[str, Editions] = {}


class Named(Context):
    """A context whose ids can be read: those given first, then `key#1`, `key#2` and so on."""

    def __init__(self, ids: tuple[str, ...], **facts: object) -> None:
        super().__init__(**facts)  # type: ignore[arg-type]
        self._ids = ids
        self._key = str(facts["command_key"])

    def new_id(self) -> str:
        self._given += 1
        if self._given <= len(self._ids):
            return self._ids[self._given - 1]
        return f"{self._key}#{self._given}"


class Story:
    """A household and what happens to it, one thing after another."""

    def __init__(self, editions: Editions) -> None:
        self.editions = editions
        self.household = Household(household_id="home")

    def context(self, key: str, at: str, by: str, channel: Channel, ids: tuple[str, ...]) -> Named:
        who, _, for_whom = by.partition(" for ")
        role, _, name = who.partition(":")
        staff = role in ("staff", "officer", "approver", "system")
        return Named(
            ids,
            at=parse_local(at, self.editions.latest.tz),
            by=Actor(role=role if staff else "resident", name=name if staff else role),  # type: ignore[arg-type]
            channel=channel,
            on_behalf_of=for_whom,
            command_key=key,
            editions=self.editions,
            working_days=HOLIDAYS,
        )

    def fact(self, event: AnyEvent, at: str = BEGINNING) -> None:
        evolve(self.household, event, parse_local(at, self.editions.latest.tz))
        self.household.version += 1

    def do(self, command: Command, context: Callable[[], Named]) -> tuple[list[AnyEvent], Values]:
        """Decide, check that the decision is pure, and let its facts happen."""
        use_case = USE_CASES[type(command)]
        before = deepcopy(self.household)
        events = use_case.decide(command, self.household, context())
        assert self.household == before, "a decision changed the household"
        assert use_case.decide(command, before, context()) == events, "decided otherwise"
        deciding = context()
        for event in events:
            entry = Entry(recorded_at=deciding.at, by=deciding.by, channel="website", event=event)
            assert _decoder.decode(msgspec.json.encode(entry)) == entry
            evolve(self.household, event, deciding.at)
        self.household.version += len(events)
        return events, use_case.answer(self.household, events, deciding)


Happening = Callable[[Story], object]


class Outcome:
    """What came of the command under test."""

    def __init__(
        self, story: Story, events: list[AnyEvent], answer: Values, error: LedgerError | None
    ) -> None:
        self.story = story
        self.household = story.household
        self.events = events
        self.answer = answer
        self.error = error

    def then(self, *events: Event) -> Self:
        """It was accepted with exactly these facts."""
        assert self.error is None, f"refused: {self.error}"
        assert self.events == list(events)
        return self

    def then_answers(self, **values: object) -> Self:
        """It was accepted and the sender is told at least this."""
        assert self.error is None, f"refused: {self.error}"
        assert {name: self.answer[name] for name in values} == values
        return self

    def then_accepted(self) -> Self:
        assert self.error is None, f"refused: {self.error}"
        return self

    def then_refused(self, *codes: str) -> Self:
        """It was refused for exactly these reasons, in this order, and nothing happened."""
        assert isinstance(self.error, Refused), f"accepted: {self.events}"
        assert self.error.codes == codes
        return self

    def then_not_found(self, kind: str) -> Self:
        assert isinstance(self.error, NotFound), f"accepted: {self.events} {self.error}"
        assert self.error.kind == kind
        return self


class Given:
    """A household with a past."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.household = story.household

    def when(
        self,
        command: Command,
        *,
        at: str = "2026-11-19 10:00",
        by: str = "res",
        channel: Channel = "website",
        ids: tuple[str, ...] = (),
    ) -> Outcome:
        """Send the command. `by` is a resident's id, or `staff`, `staff:ann`, `staff for res`."""
        try:
            events, answer = self.story.do(
                command, lambda: self.story.context("new", at, by, channel, ids)
            )
        except LedgerError as error:
            return Outcome(self.story, [], {}, error)
        return Outcome(self.story, events, answer, None)


def given(
    *past: Happening | AnyEvent, scheme: str = "stevenage", values: Mapping[str, object] = NONE
) -> Given:
    """The default household (`home`, with one verified resident `res`) and what happened then."""
    story = Story(editions_of(scheme, values))
    first_zone = next((zone.id for zone in story.editions.latest.zones), "anywhere")
    story.fact(PropertyListed(property_ref="home", zone=first_zone, council_tax_accounts=("CT-1",)))
    story.fact(living("res"))
    for happening in past:
        if isinstance(happening, Event):
            story.fact(happening)
        else:
            happening(story)
    return Given(story)


def editions_of(scheme: str, values: Mapping[str, object] = NONE) -> Editions:
    """A scheme file's edition with values replaced; read once for all tests of a process."""
    key = f"{scheme} {sorted(values.items(), key=lambda item: item[0])!r}"
    if key not in _parsed:
        loaded = parse(_text(scheme), f"{scheme}.toml", values)
        _parsed[key] = in_order([loaded.scheme])
    return _parsed[key]


@cache
def _text(scheme: str) -> str:
    return (SCHEMES / f"{scheme}.toml").read_text(encoding="utf-8")


def instant(text: str) -> datetime:
    """A local time in London, or UTC with a final Z."""
    return parse_local(text, LONDON)


def vehicle(typed: str) -> ListedVehicle:
    mark = parse_mark(typed)
    assert mark is not None
    return ListedVehicle(typed=mark.typed, shown=mark.shown, glyphs=mark.glyphs)


def cover(
    cover_id: str,
    typed: str,
    *,
    kind: CoverKind,
    holding: str,
    product: str,
    zone: str,
    begins: str,
    ends: str,
) -> Cover:
    """A vehicle's cover, with its period as local times."""
    named = vehicle(typed)
    return Cover(
        cover_id=cover_id,
        kind=kind,
        holding_id=holding,
        product=product,
        typed=named.typed,
        shown=named.shown,
        glyphs=named.glyphs,
        zone=zone,
        covers_from=instant(begins),
        covers_until=instant(ends),
    )


def living(resident_id: str, **facts: object) -> ResidentRegistered:
    """A verified resident of the property, born 1980."""
    told: dict[str, object] = {"verified": True, "born_on": date(1980, 1, 1), **facts}
    return ResidentRegistered(
        resident_id=resident_id,
        lives_from=date(1990, 1, 1),
        **told,  # type: ignore[arg-type]
    )


def home(zone: str, **facts: object) -> PropertyListed:
    """The property, in another zone or otherwise than by default."""
    return PropertyListed(property_ref="home", zone=zone, **facts)  # type: ignore[arg-type]


def done(
    command: Command,
    *,
    at: str = "2026-11-19 10:00",
    by: str = "res",
    channel: Channel = "website",
    key: str = "old",
    ids: tuple[str, ...] = (),
) -> Happening:
    """An earlier command, accepted at that time."""
    return lambda story: story.do(command, lambda: story.context(key, at, by, channel, ids))


def new_edition(values: Mapping[str, object], *, at: str) -> Happening:
    """The scheme with these values too, as an edition that begins at that time."""

    def change(story: Story) -> None:
        scheme = parse(_text(story.editions.latest.id), "scheme.toml", values).scheme
        begins = parse_local(at, scheme.tz)
        story.editions = story.editions.with_edition(scheme, begins)

    return change


def bought(
    product: str,
    *,
    units: int | None = None,
    at: str = "2026-11-19 10:00",
    name: str = "lot",
    by: str = "res",
    start: date | None = None,
    vehicles: tuple[str, ...] = (),
    months: int | None = None,
    slot: int | None = None,
) -> Happening:
    """Applied for and taken through all that the scheme asks for: the holding is called `name`,
    its application `name.application`, its proof `name.proof`, its payment `name.paid`."""

    def buy(story: Story) -> None:
        applied = ApplyForPermit(
            product=product,
            quantity=units,
            start=start,
            vehicles=vehicles,
            months=months,
            slot=slot,
        )
        _step(story, applied, at, by, name, (f"{name}.application", name))
        while (state := story.household.applications[f"{name}.application"].state) != "issued":
            command, ids = _next_step(story, state, name, at)
            _step(story, command, at, by, name, ids)

    return buy


def applied_for(
    product: str,
    *,
    at: str = "2026-11-19 10:00",
    name: str = "a1",
    by: str = "res",
    proved: bool = False,
    vehicles: tuple[str, ...] = (),
    start: date | None = None,
) -> Happening:
    """An application called `name`, with its proof (`name.proof`) where asked for."""

    def apply(story: Story) -> None:
        applied = ApplyForPermit(product=product, vehicles=vehicles, start=start)
        _step(story, applied, at, by, name, (name,))
        if proved:
            _step(story, _proof(story, name, at), at, by, name, (f"{name}.proof",))

    return apply


def _step(story: Story, command: Command, at: str, by: str, key: str, ids: tuple[str, ...]) -> None:
    story.do(command, lambda: story.context(key, at, by, "website", ids))


def _next_step(story: Story, state: str, name: str, at: str) -> tuple[Command, tuple[str, ...]]:
    application = f"{name}.application"
    match state:
        case "awaiting_proof":
            return _proof(story, application, at), (f"{name}.proof", name)
        case "awaiting_decision":
            offers = story.editions.latest.flow.kind == "offer_pay_issue"
            outcome: Literal["offer", "approve"] = "offer" if offers else "approve"
            return DecideApplication(application=application, outcome=outcome), (name,)
        case _:
            paid = PayForApplications(applications=(application,), result="authorised")
            return paid, (f"{name}.paid", name)


def _proof(story: Story, application: str, at: str) -> UploadProof:
    accepted = story.editions.latest.proof.documents[0].type
    return UploadProof(
        application=application, document=accepted, dated=date.fromisoformat(at[:10])
    )
