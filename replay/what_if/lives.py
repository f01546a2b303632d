"""One household's period, lived again: under the terms it had, and under each proposal.

Under the terms it had every act is asked again of the household that it met, and what is decided
is compared with what was: that checks the replay itself. Under a proposal the household goes its
own way from the first instant of the period on.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct, field, structs

from commands.base import Command, Context
from commands.handling import decided
from ledger.events import (
    AnyEvent,
    ApplicationSubmitted,
    CardUsed,
    Cover,
    HoldingIssued,
    PropertyListed,
    StayBegan,
    VehicleSwitched,
    VoucherBooked,
)
from ledger.household.state import Household
from ledger.refusals import NotFound, Refused
from replay.what_if.asked import Act, Asked, Missing, Names, acts
from replay.what_if.course import Course, Outcome, Terms, happen
from replay.what_if.figures import GONE, WAITING, Figures, Lost, Place, Till, band, share
from replay.what_if.requests import (
    APPLYING,
    AS_RECORDED,
    REQUESTS,
    STEPS,
    VISITING,
    as_sent,
)
from replay.what_if.streams import Attempt, Stream

MINUTE: Final = timedelta(minutes=1)
LISTED_MAX: Final = 20


class Differing(Struct, frozen=True, kw_only=True, order=True):
    """An act that was not decided again as it was: where it is, and what came instead."""

    household_id: str
    version: int
    command: str
    now: str


class Check(Struct, kw_only=True):
    """The acts under the terms they had: how many were asked again, accepted again, decided to the
    very same facts, and sent again byte for byte; the first that differ. `attempts` is what was
    refused and asked again, `refused` how much of it was refused again for the same reasons.
    """

    acts: int = 0
    accepted: int = 0
    same: int = 0
    exact: int = 0
    attempts: int = 0
    refused: int = 0
    differing: tuple[Differing, ...] = ()

    def add(self, other: "Check") -> None:
        for name in ("acts", "accepted", "same", "exact", "attempts", "refused"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.differing = tuple(sorted((*self.differing, *other.differing))[:LISTED_MAX])


class Seen(Struct, kw_only=True):
    """What was read, whatever the proposals: `now` is what was sold, the counters go by command."""

    households: int = 0
    now: Till = field(default_factory=Till)
    check: Check = field(default_factory=Check)
    by_command: Counter[str] = field(default_factory=Counter)
    as_recorded: Counter[str] = field(default_factory=Counter)
    not_asked: Counter[str] = field(default_factory=Counter)
    attempts_not_asked: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Seen") -> None:
        self.households += other.households
        self.now.add(other.now)
        self.check.add(other.check)
        for name in ("by_command", "as_recorded", "not_asked", "attempts_not_asked"):
            getattr(self, name).update(getattr(other, name))


class Setting(Struct, frozen=True, kw_only=True):
    """The period `[begins, ends)`, the terms that were, and those that are proposed."""

    begins: datetime
    ends: datetime
    terms: Terms
    proposed: tuple[Terms, ...]


class Visit(Struct, frozen=True):
    """A visit that was made. `use` is its booking, card or stay; empty for a switch."""

    use: str
    place: Place
    codes: tuple[str, ...]
    had: bool


class Side:
    """One proposal's household beside the real one, with what is counted of it."""

    def __init__(self, here: Household, terms: Terms) -> None:
        self.figures = Figures()
        self.course = Course(here, terms, self.figures.till.ring)
        self.reasons: dict[str, str] = {}
        self.visits: list[Visit] = []
        self.wider: set[str] = set()

    def again(self, act: Act, here: Household) -> None:
        outcome = self.course.again(act)
        if act.command == APPLYING or act.command in STEPS:
            self._note_reason(act, outcome)
        elif act.command in VISITING:
            self.visits += _visits(act, outcome, here)
        elif outcome.fate == "refused":
            self.figures.other[f"{act.command}: {outcome.codes[0]}"] += 1

    def _note_reason(self, act: Act, outcome: Outcome) -> None:
        if outcome.fate != "refused":
            return
        for event in act.events:
            for name in (getattr(event, "application_id", ""), *getattr(event, "applications", ())):
                if name:
                    self.reasons.setdefault(name, outcome.codes[0])

    def wish(self, attempt: Attempt) -> None:
        """What was refused then: would it be sold now? Once a household and product."""
        assert attempt.wanted is not None
        if attempt.wanted.product in self.wider:
            return
        context = _context(self.course.terms, attempt)
        known = context.scheme.concession(attempt.wanted.concession)
        command = structs.replace(
            attempt.wanted, confirm=None, concession=known.id if known else ""
        )
        events = _accepted(command, self.course.household, self.course.terms, attempt)
        submitted = events[0] if events else None
        if isinstance(submitted, ApplicationSubmitted):
            self.wider.add(attempt.wanted.product)
            for line in submitted.lines:
                place = Place(submitted.zone, submitted.concession, line.product)
                sold = self.figures.wider.at(place)
                sold.pence += line.pence
                sold.units += line.units
                sold.sales += 1


def lived(stream: Stream, setting: Setting) -> tuple[Seen, list[Figures]] | None:
    """What one household counts for, under each proposal in turn; None where nothing of it lies in
    the period.
    """
    if not stream.facts or not isinstance(stream.facts[0].event, PropertyListed):
        return None
    life = _Life(stream, setting)
    for act in acts(stream.facts):
        if act.at >= setting.ends:
            break
        life.meet(act)
    life.wish_until(setting.ends)
    return life.counted()


class _Life:
    def __init__(self, stream: Stream, setting: Setting) -> None:
        self.setting = setting
        self.here = Household(household_id=stream.household_id)
        self.names = Names(self.here, self.here)
        self.sides = [Side(self.here, terms) for terms in setting.proposed]
        self.seen = Seen(households=1)
        self.bought: dict[str, Place] = {}
        self.attempts = stream.attempts[::-1]
        self.is_met = False

    def meet(self, act: Act) -> None:
        """One act: checked under its own terms, asked under the others, and then it happens."""
        if act.at < self.setting.begins:
            for side in self.sides:
                side.course.take(act)
            happen(self.here, act.events, act.at)
            return
        self.is_met = True
        self.wish_until(act.at)
        if act.command in AS_RECORDED:
            self.seen.as_recorded[act.command] += 1
        elif act.command not in REQUESTS:
            self.seen.not_asked[act.command or "without a receipt"] += 1
        else:
            self.seen.by_command[act.command] += 1
            self.seen.check.add(_checked(act, self.here, self.names, self.setting.terms))
        for side in self.sides:
            side.again(act, self.here)
        happen(self.here, act.events, act.at)
        self.seen.now.ring(self.here, act.events)
        for event in act.events:
            if isinstance(event, HoldingIssued) and event.application_id:
                concession = self.here.applications[event.application_id].concession
                place = Place(event.zone, concession, event.product)
                self.bought.setdefault(event.application_id, place)

    def wish_until(self, at: datetime) -> None:
        """What was asked for in vain before that instant."""
        while self.attempts and self.attempts[-1].at < at:
            attempt = self.attempts.pop()
            self.is_met = True
            if attempt.wanted is None or self.here.property is None:
                self.seen.attempts_not_asked[attempt.command] += 1
                continue
            self.seen.check.attempts += 1
            codes = _refused(attempt.wanted, self.here, self.setting.terms, attempt)
            self.seen.check.refused += codes == attempt.codes
            for side in self.sides:
                side.wish(attempt)

    def counted(self) -> tuple[Seen, list[Figures]] | None:
        if not self.is_met:
            return None
        for side in self.sides:
            _count(side, self.here, self.bought, self.seen.now.pence)
        return self.seen, [side.figures for side in self.sides]


def _context(terms: Terms, attempt: Attempt) -> Context:
    return terms.context(attempt.at, attempt.by, attempt.channel, "", attempt.key)


def _accepted(
    command: Command, household: Household, terms: Terms, attempt: Attempt
) -> list[AnyEvent]:
    try:
        return decided(command, household, _context(terms, attempt))
    except (Refused, NotFound):
        return []


def _refused(
    command: Command, household: Household, terms: Terms, attempt: Attempt
) -> tuple[str, ...]:
    try:
        decided(command, household, _context(terms, attempt))
    except Refused as refused:
        return refused.codes
    except NotFound:
        return ()
    return ()


def _checked(act: Act, here: Household, names: Names, terms: Terms) -> Check:
    """The act, asked again of the household it met, under the terms it met."""
    context = terms.of(act)
    exact, now = False, ""
    try:
        command, exact = as_sent(Asked(act=act, scheme=context.scheme, names=names))
        events = tuple(decided(command, here, context))
        now = "" if events == act.events else "accepted, with other facts"
        accepted = True
    except Refused as refused:
        accepted, now = False, ", ".join(refused.codes)
    except (NotFound, Missing) as error:
        accepted, now = False, f"not found: {error}"
    differing = Differing(
        household_id=here.household_id, version=act.version, command=act.command, now=now
    )
    return Check(
        acts=1,
        accepted=int(accepted),
        same=int(not now),
        exact=int(exact),
        differing=(differing,) if now else (),
    )


def _visits(act: Act, outcome: Outcome, here: Household) -> Iterator[Visit]:
    had = outcome.fate == "accepted"
    for event in act.events:
        match event:
            case VoucherBooked():
                use, cover = event.booking_id, event.covers[0]
            case CardUsed():
                use, cover = event.card_id, event.covers[0]
            case StayBegan():
                use, cover = event.stay_id, event.covers[0]
            case VehicleSwitched() if event.covers:
                use, cover = "", event.covers[-1]
            case _:
                continue
        yield Visit(use, _place(here, cover), outcome.codes, had)


def _place(here: Household, cover: Cover) -> Place:
    held = here.holdings[cover.holding_id]
    application = here.applications.get(held.application_id)
    return Place(cover.zone, application.concession if application else "", cover.product)


def _count(side: Side, here: Household, bought: dict[str, Place], paid: int) -> None:
    """What a side's household comes to at the end of the period."""
    figures, names = side.figures, side.course.names
    zone = here.property.zone if here.property else ""
    refused = 0
    for application, place in bought.items():
        figures.purchases[place] += 1
        try:
            issued = side.course.household.applications[names.application(application)]
            had = issued.state == "issued"
        except Missing:
            had = False
        if not had:
            refused += 1
            figures.refused[Lost(place, side.reasons.get(application, WAITING))] += 1
    _count_visits(side, here)
    visits, lost = sum(figures.visits.values()), sum(figures.lost.values())
    figures.households[zone] += 1
    figures.hit[band(refused)] += 1
    if visits:
        figures.losing[share(lost, visits)] += 1
    if refused or lost or figures.shorter:
        figures.affected[zone] += 1
    more = figures.till.pence - paid
    figures.paying["more" if more > 0 else "less" if more < 0 else "same"] += 1
    figures.wider_households += bool(side.wider)


def _count_visits(side: Side, here: Household) -> None:
    """Kept, shorter, or lost; what was called off before it began was no visit."""
    figures = side.figures
    for visit in side.visits:
        was = _cover_of(here, visit.use)
        if visit.use and was is None:
            continue
        figures.visits[visit.place] += 1
        now = was
        if visit.use:
            try:
                now = _cover_of(side.course.household, side.course.names.use(visit.use))
            except Missing:
                now = None
        if (visit.use and now is None) or not (visit.use or visit.had):
            figures.lost[Lost(visit.place, visit.codes[0] if visit.codes else GONE)] += 1
            continue
        if was is None or now is None:
            continue
        stay = here.stays.get(visit.use)
        if stay is not None and stay.left_at is None:
            figures.unknown += 1
            continue
        minutes = _missing(was, now)
        if minutes:
            figures.shorter[visit.place] += 1
            figures.minutes[visit.place] += minutes


def _cover_of(household: Household, use: str) -> Cover | None:
    """The cover of a use that was not called off."""
    booking = household.bookings.get(use)
    if booking is not None:
        return booking.cover if booking.cancelled_at is None else None
    card = household.cards.get(use)
    if card is not None:
        return None if card.void else card.cover
    stay = household.stays.get(use)
    return stay.cover if stay is not None else None


def _missing(was: Cover, now: Cover) -> int:
    """Whole minutes of the one cover that the other leaves out."""
    both = min(was.covers_until, now.covers_until) - max(was.covers_from, now.covers_from)
    whole = was.covers_until - was.covers_from
    return (whole - max(both, timedelta(0))) // MINUTE
