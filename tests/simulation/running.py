"""One history told to both: the product decides and folds, the oracle says what was due.

After every step the answers are compared, the money and the units are counted again, and the rows
that officers are answered from are folded. Source: promises section 3, P4, P5, P7, P14, P21.
"""

from collections import Counter
from datetime import datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec import Struct, field

from commands.handling import decided
from ledger.events import AnyEvent, Entry, Recorded
from ledger.household.evolve import evolve
from ledger.household.state import Household
from ledger.refusals import NotFound, Refused
from ledger.rules import allowance
from ledger.rules.covering import Right, VehicleFacts, verdict
from ledger.store.mapper import decode, encode
from projections.active_registrations import REGISTRATIONS, ActiveRegistrations
from replay.folding import Folded
from tests.oracle.allowance import standing
from tests.oracle.checking import check
from tests.oracle.days import day_of, midnight
from tests.oracle.home import new_home, plate
from tests.oracle.rules import RULES
from tests.oracle.said import Fact, Said
from tests.simulation.counting import broken
from tests.simulation.sending import COMMANDS, Step, sender, told
from tests.simulation.worlds import context, editions, scheme

READ_MODEL: Final = ActiveRegistrations()
HEAVY: Final[dict[str, Any]] = {
    "max_authorised_mass_kg": 3500,
    "goods_mass_kg": 1501,
    "unladen_mass_kg": 3501,
}
FACTS: Final[dict[str, dict[str, Any]]] = {plate("K10TTT"): HEAVY}
"""The one mark of which something is known: too heavy wherever there is a limit."""


class Disagreement(AssertionError):
    """The product and the oracle, or two accounts of the product, do not agree."""


class Tally(Struct, kw_only=True):
    """What was met: steps by kind, pairs of kinds in a row, refusals, what the oracle left open."""

    steps: int = 0
    accepted: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    pairs: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    unsure: Counter[str] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    boundaries: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        self.steps += other.steps
        for name in self.__struct_fields__[1:]:
            getattr(self, name).update(getattr(other, name))


class Came(Struct, frozen=True, kw_only=True):
    """What came of a command: the codes where it was refused, its facts, and the answer's bytes."""

    codes: set[str] | None
    events: list[AnyEvent]
    answer: bytes


class Shown(Struct, frozen=True, kw_only=True):
    """What an officer is shown of a mark."""

    covered: bool | None
    reason: str
    match: str
    until: datetime | None


class Home:
    """One household on both sides."""

    def __init__(self, number: int, world: int) -> None:
        self.world = world
        self.stream = UUID(int=number + 1)
        self.household = Household(household_id=str(self.stream))
        self.oracle = new_home(scheme(world))
        self.stored: list[bytes] = []
        self.rows = Folded()


class Run:
    """A history as far as it has come. `worlds`: the world of each household.

    `facts`: what is known of a vehicle itself, by its plate.
    """

    def __init__(self, worlds: tuple[int, ...]) -> None:
        self.facts = FACTS
        self.homes = [Home(number, world) for number, world in enumerate(worlds)]
        self.tally = Tally()
        self.trace = sha256()
        self._before = ""
        self._answers: dict[str, tuple[bytes, bytes]] = {}

    def take(self, step: Step) -> None:
        """Do one step on both sides. Raises Disagreement."""
        home = self.homes[step["home"]]
        do = step["do"]
        self.tally.steps += 1
        self.tally.pairs[f"{self._before}>{do}"] += 1
        self._before = do
        if do == "check":
            self._check(home, step)
            return
        if do == "allowance":
            self._allowance(home, step)
            return
        body = msgspec.json.encode(step, order="deterministic")
        earlier = self._answers.get(step["key"])
        if earlier is not None:
            if earlier[0] != body:
                raise Disagreement("a key was used for two things by the history itself")
            self.tally.accepted["again"] += 1
            self.asked_again(home, step, earlier[1])
            return
        answer = self._send(home, step)
        self._answers[step["key"]] = (body, answer)
        self.trace.update(body + b"\n" + answer + b"\n")

    def _send(self, home: Home, step: Step) -> bytes:
        last = home.household.last_recorded_at
        at = step["at"] if last is None else max(step["at"], last)
        home.oracle["scheme"] = editions(home.world).in_force_at(at)
        came = self.asked(home, step, at)
        if came is None:
            return b"never known, and not there"
        codes = came.codes
        if step["do"] == "property":
            home.oracle |= {"zone": step["facts"]["zone"], "listed": step["facts"]}
            said = Said(set(), then=lambda told: None)
        else:
            said = RULES[step["do"]](home.oracle, {**step, "at": at})
        wrong = said.disagrees(codes)
        if wrong:
            raise Disagreement(f"{step['do']}: {wrong}")
        self._count(step["do"], said, codes)
        if codes is not None:
            return came.answer
        says = told(step, home.household, came.events, at)
        _compare(step, said, says)
        if said.then is not None:
            try:
                said.then(says)
            except AssertionError as error:
                raise Disagreement(f"{step['do']}: {error}") from error
        for wrong in broken(home.household, home.oracle, at):
            raise Disagreement(f"{step['do']}: {wrong}")
        return came.answer

    def asked(self, home: Home, step: Step, at: datetime) -> Came | None:
        """What the product makes of a step, folded; None where it was given up and never was."""
        by, for_whom = sender(step)
        channel = step.get("channel", "website")
        asked = context(home.world, at, by, channel, for_whom, step["key"])
        try:
            events = decided(COMMANDS[step["do"]](step), home.household, asked)
        except Refused as refused:
            return refusal(set(refused.codes))
        except NotFound:
            return refusal({"not_found"})
        entry = Entry(
            recorded_at=at, by=by, channel=channel, on_behalf_of=for_whom, event=events[0]
        )
        return Came(codes=None, events=events, answer=self._happen(home, events, at, entry))

    def asked_again(self, home: Home, step: Step, earlier: bytes) -> None:
        """The same key and body: nothing happens. The answers are kept by the store alone."""

    def _happen(self, home: Home, events: list[AnyEvent], at: datetime, first: Entry) -> bytes:
        """Store, fold, and make rows; what was stored reads back as it was."""
        stored = b""
        for event in events:
            entry = msgspec.structs.replace(first, event=event)
            state = encode(entry)
            evolve(home.household, decode(state).event, at)
            home.household.version += 1
            home.stored.append(state)
            recorded = Recorded(
                originator_id=home.stream,
                originator_version=home.household.version,
                position=0,
                entry=entry,
            )
            READ_MODEL.apply(home.rows, recorded)
            stored += state
        if home.household.last_recorded_at is not None and at < home.household.last_recorded_at:
            raise Disagreement("recorded time went back")
        home.household.last_recorded_at = at
        return stored

    def _count(self, do: str, said: Said, codes: set[str] | None) -> None:
        (self.tally.accepted if codes is None else self.tally.refused)[do] += 1
        self.tally.codes.update(codes or ())
        if said.unsure:
            self.tally.unsure[said.unsure] += 1
        elif codes is not None and not said.codes:
            self.tally.unsure[f"code of {do}"] += 1

    def _check(self, home: Home, step: Step) -> None:
        """What an officer would be shown, from the rows on the one side and the rules on the
        other."""
        found = self.shown(home, step)
        due = check(
            [each.oracle for each in self.homes if each.world == home.world],
            editions(home.world).latest,
            step["vehicle"],
            step["zone"],
            at=step["about"],
            known=step["known"],
            facts=self.facts.get(plate(step["vehicle"]), {}),
            bay=step["bay"],
        )
        shown = {"covered": found.covered, "reason": found.reason, "until": found.until}
        if found.covered != due["covered"] or found.reason not in due["reasons"]:
            raise Disagreement(f"check: {shown}, where {due} was due")
        if "until" in due and found.reason == "" and found.until != due["until"]:
            raise Disagreement(f"check: until {found.until}, where {due['until']} was due")
        if "match" in due and found.match != due["match"]:
            raise Disagreement(f"check: match {found.match}, where {due['match']} was due")
        self.tally.checks[found.reason or "covered"] += 1
        self.trace.update(msgspec.json.encode(shown))

    def shown(self, home: Home, step: Step) -> Shown:
        """What the product answers from its rows."""
        terms = editions(home.world).latest
        of_council = [each for each in self.homes if each.world == home.world]
        at, known, key = step["about"], step["known"], plate(step["vehicle"])
        rights = [_right(row) for each in of_council for row in _rows(each, key, known)]
        rights.sort(key=lambda right: (right.covers_until, right.covers_from), reverse=True)
        typed = step["vehicle"].upper().replace(" ", "").replace("-", "")
        facts = VehicleFacts(**self.facts.get(key, {}))
        found = verdict(typed, rights, facts, terms, step["zone"], at, step["bay"])
        return Shown(
            covered=found.covered, reason=found.reason, match=found.match, until=found.until
        )

    def _allowance(self, home: Home, step: Step) -> None:
        """What is left of each cap on purchases, and when it comes back."""
        product = home.oracle["scheme"].product(step["product"])
        at = max(step["at"], home.household.last_recorded_at or step["at"])
        on = max(step["on"], day_of(at))
        then = max(at, midnight(on))
        if home.oracle["hazy_grants"]:
            return
        for cap in allowance.caps(product, home.oracle["zone"]):
            if cap.window == "concurrent" or cap.scope != "household":
                continue
            found = allowance.standing(home.household, product, cap, "", on, then)
            due = standing(home.oracle, product, cap, {"at": then})
            for name, value in due.items():
                if getattr(found, name) != value:
                    raise Disagreement(
                        f"allowance: {name} is {getattr(found, name)}, where {value} was due"
                    )
            self.tally.checks["allowance"] += 1
            self.trace.update(msgspec.json.encode(found))

    def close(self) -> None:
        """What was stored folds to what was lived, and its rows to the rows."""
        for home in self.homes:
            again, rows = Household(household_id=str(home.stream)), Folded()
            for version, state in enumerate(home.stored, start=1):
                entry = decode(state)
                evolve(again, entry.event, entry.recorded_at)
                again.version, again.last_recorded_at = version, entry.recorded_at
                READ_MODEL.apply(
                    rows,
                    Recorded(
                        originator_id=home.stream,
                        originator_version=version,
                        position=0,
                        entry=entry,
                    ),
                )
            if again != home.household:
                raise Disagreement("the facts read back fold to another household")
            if rows.rows_of(REGISTRATIONS).by_key != home.rows.rows_of(REGISTRATIONS).by_key:
                raise Disagreement("the facts read back give other rows")


def refusal(codes: set[str]) -> Came:
    """A command that was refused with these codes."""
    said = b"refused " + ",".join(sorted(codes)).encode()
    return Came(codes=codes, events=[], answer=said)


def _compare(step: Step, said: Said, says: Fact) -> None:
    """Every figure that the oracle names must be what the product tells."""
    for name, due in (said.always if said.unsure else said.figures).items():
        if name == "holding":
            _compare_holding(step, due, says)
            continue
        found = says.get(name)
        if name == "active" and due is not None:
            due, found = plate(due), plate(found) if found else found
        if isinstance(due, set) and found in due:
            continue
        if name == "refunded":
            found = found or 0
        if found != due:
            raise Disagreement(f"{step['do']}: {name} is {found}, where {due} was due")


def _compare_holding(step: Step, due: Fact, says: Fact) -> None:
    if len(says["holdings"]) != 1:
        raise Disagreement(f"{step['do']}: {len(says['holdings'])} holdings, where one was due")
    for name, value in due.items():
        found = says["holdings"][0][name]
        if found != value:
            raise Disagreement(f"{step['do']}: {name} is {found}, where {value} was due")


def _rows(home: Home, key: str, known: datetime) -> list[dict[str, Any]]:
    rows = home.rows.rows_of(REGISTRATIONS).by_key.values()
    mine = [dict(row) for row in rows if row["glyphs"] == key]
    return [row for row in mine if _known(row, known)]


def _known(row: dict[str, Any], known: datetime) -> bool:
    return bool(row["known_from"] <= known < row["known_until"])


def _right(row: dict[str, Any]) -> Right:
    names = Right.__struct_fields__
    return Right(**{name: row[name] for name in names})
