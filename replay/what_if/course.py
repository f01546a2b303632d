"""One household as it would have fared under terms that are not its own.

Every act is decided by the command's own rules (commands.handling.decided) on the household as it
would be by then, at the instant at which it was asked, and what is decided happens. Nobody acts
otherwise than they did: who is refused does not ask again, and who had not asked does not begin to.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Final, Literal

from msgspec import Struct

from commands.base import Command, Context
from commands.check_occupancy import CheckOccupancy
from commands.decide_application import DecideApplication
from commands.handling import decided
from commands.pay_for_applications import PayForApplications
from commands.upload_proof import UploadProof
from ledger.events import AnyEvent, HoldingIssued, OccupancyChecked, ProofUploaded
from ledger.events.base import Actor, Channel
from ledger.household.evolve import evolve
from ledger.household.state import Application, Household
from ledger.refusals import NotFound, Refused
from ledger.rules.working_days import WorkingDays
from ledger.scheme.editions import Editions
from ledger.scheme.schema import Scheme
from replay.what_if.asked import Act, Asked, Missing, Names
from replay.what_if.buying import in_favour
from replay.what_if.requests import AS_RECORDED, REQUESTS, STEPS, likeliest

Fate = Literal["accepted", "refused", "followed", "not_needed", "as_recorded", "not_asked"]
"""What became of an act. `followed`: what it is about is not there, because an earlier act was
refused; `not_needed`: the proposed terms ask for no such step."""

NOT_DUE: Final = frozenset(
    {"application.decision_missing", "application.closed", "payment.not_due", "payment.repeated"}
    | {"permit.not_lapsed"}
)
"""Refusals of a step that say no more than that it is not wanted."""
GONE: Final = frozenset({"permit.not_in_use"})
"""Refusals that say no more than that an earlier act did not happen."""
LATER: Final = frozenset({"application.not_offered", "application.proof_missing"})
"""Refusals of a step that another step puts right, which is taken then."""
STEPS_MAX: Final = 3
"""A proof, a decision and a payment: there is no more between an application and its issue."""
OFFICE: Final = Actor("staff")


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of an act, the codes where it was refused, and what was decided."""

    fate: Fate
    codes: tuple[str, ...] = ()
    events: tuple[AnyEvent, ...] = ()


class Known(Editions, frozen=True):
    """Editions with their names and beginnings worked out once: each act asks several times."""

    by_name: dict[str, Scheme]
    begins: tuple[datetime, ...]

    def in_force_at(self, at: datetime) -> Scheme:
        begun = bisect_right(self.begins, at)
        return self.ordered[begun - 1] if begun else super().in_force_at(at)

    def edition(self, name: str) -> Scheme:
        return self.by_name.get(name) or super().edition(name)


def known(editions: Editions) -> Known:
    """The same editions, quicker to ask."""
    return Known(
        ordered=editions.ordered,
        by_name={each.edition: each for each in editions.ordered},
        begins=tuple(each.begins_at for each in editions.ordered),
    )


class Terms(Struct, frozen=True):
    """Under what is decided: the editions, and the days on which the office works."""

    editions: Editions
    working_days: WorkingDays

    def context(
        self, at: datetime, by: Actor, channel: Channel, on_behalf_of: str, key: str
    ) -> Context:
        return Context(
            at=at,
            by=by,
            channel=channel,
            on_behalf_of=on_behalf_of,
            command_key=key,
            editions=self.editions,
            working_days=self.working_days,
        )

    def of(self, act: Act) -> Context:
        return self.context(act.at, act.by, act.channel, act.on_behalf_of, act.key)


Happened = Callable[[Household, tuple[AnyEvent, ...]], None]


class Course:
    """A household under proposed terms. `happened` is told whatever is decided anew.

    `here` is the household as it was; it must not have seen an act before that act is asked again.
    """

    def __init__(self, here: Household, terms: Terms, happened: Happened) -> None:
        self.household = Household(household_id=here.household_id)
        self.terms = terms
        self.names = Names(here, self.household)
        self._here = here
        self._happened = happened
        self._unused: list[ProofUploaded | OccupancyChecked] = []

    def take(self, act: Act) -> None:
        """The act as it was recorded."""
        happen(self.household, act.events, act.at)

    def again(self, act: Act) -> Outcome:
        """Ask once more, and let it happen."""
        if act.command in AS_RECORDED:
            self.take(act)
            return Outcome(fate="as_recorded")
        if act.command not in REQUESTS:
            return Outcome(fate="not_asked")
        context = self.terms.of(act)
        asked = Asked(act=act, scheme=context.scheme, names=self.names)
        try:
            command = likeliest(asked)
            steps = self._steps(act)
        except Missing:
            return self._followed(act)
        if steps and all(each.closed for each in steps):
            return self._followed(act)
        outcome = self._asked(command, context, act.command in (*STEPS, "lapse"))
        self.names.learn(act.events, outcome.events)
        if outcome.fate in ("accepted", "not_needed") or set(outcome.codes) <= LATER:
            return self._carried_through(act, outcome)
        return outcome

    def _followed(self, act: Act) -> Outcome:
        """What the act is about is not there. A proof is kept for the next application: whoever
        had it would show it then.
        """
        self._unused += [
            event
            for event in act.events
            if isinstance(event, ProofUploaded)
            or (isinstance(event, OccupancyChecked) and event.found)
        ]
        return Outcome(fate="followed")

    def _asked(self, command: Command, context: Context, is_step: bool) -> Outcome:
        try:
            events = tuple(decided(command, self.household, context))
        except NotFound:
            return Outcome(fate="followed")
        except Refused as refused:
            if is_step and set(refused.codes) <= NOT_DUE:
                return Outcome(fate="not_needed")
            gone = set(refused.codes) <= GONE
            return Outcome(fate="followed" if gone else "refused", codes=refused.codes)
        happen(self.household, events, context.at)
        self._happened(self.household, events)
        return Outcome(fate="accepted", events=events)

    def _steps(self, act: Act) -> list[Application]:
        """The applications that a step is about, as they stand here. Raises Missing."""
        if act.command not in STEPS:
            return []
        event = act.events[0]
        named: Iterable[str] = getattr(event, "applications", ())
        found = []
        for each in named or (getattr(event, "application_id", ""),):
            try:
                found.append(self.household.applications[self.names.application(each)])
            except Missing:
                continue
        if not found:
            raise Missing("application")
        return found

    def _carried_through(self, act: Act, outcome: Outcome) -> Outcome:
        """What was issued then is issued now too where only a payment or a decision is between."""
        issued = {e.application_id for e in act.events if isinstance(e, HoldingIssued)} - {""}
        for real in sorted(issued):
            try:
                application = self.names.application(real)
            except Missing:
                continue
            for step in range(STEPS_MAX):
                state = self.household.applications[application].state
                key = f"{act.key}/{application}/{step}"
                then = self._step(application, state, act, key)
                if then is None:
                    break
                outcome = then if then.fate == "refused" else _both(outcome, then)
                if then.fate != "accepted":
                    break
        return outcome

    def _step(self, application: str, state: str, act: Act, key: str) -> Outcome | None:
        """The next step of an application, taken at once and in its favour; None where it ends."""
        held = self.household.applications[application]
        match state:
            case "awaiting_proof" if self._unused:
                shown = self._unused.pop()
                context = self.terms.context(act.at, OFFICE, "website", "", key)
                proof = _shown_again(shown, application, context.today)
                return self._asked(proof, context, is_step=True)
            case "awaiting_decision":
                scheme = self.terms.editions.edition(held.edition)
                decide = DecideApplication(application=application, outcome=in_favour(scheme))
                context = self.terms.context(act.at, OFFICE, "website", "", key)
                return self._asked(decide, context, is_step=True)
            case "offered" | "awaiting_payment":
                pay = PayForApplications(applications=(application,), result="authorised")
                payer = Actor("resident", held.resident_id)
                context = self.terms.context(act.at, payer, "website", "", key)
                return self._asked(pay, context, is_step=True)
            case _:
                return None


def _shown_again(proof: ProofUploaded | OccupancyChecked, application: str, today: date) -> Command:
    """A proof like the earlier one, as old as that was when it was shown."""
    if isinstance(proof, OccupancyChecked):
        return CheckOccupancy(application=application, found=True)
    dated = proof.dated_on
    return UploadProof(
        application=application,
        document=proof.document_type,
        dated=today - (proof.uploaded_on - dated) if dated else None,
    )


def _both(first: Outcome, then: Outcome) -> Outcome:
    return Outcome(fate="accepted", events=(*first.events, *then.events))


def happen(household: Household, events: Iterable[AnyEvent], at: datetime) -> None:
    """Let facts happen to a household, as its fold does."""
    for event in events:
        evolve(household, event, at)
        household.version += 1
    household.last_recorded_at = at
