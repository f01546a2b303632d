"""A history told to the product as it is in service: on PostgreSQL, over a line that is cut.

A client whose answer was lost asks again with the same key, as real clients do, or never learns.
At the end every acknowledged command is there once, what is stored folds to the oracle's account,
every read model is what a rebuild makes, and `verify` finds nothing.

Source: promises P1 to P7, P21 and section 3 (the PostgreSQL variant).
"""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from hashlib import sha256
from typing import Final

import msgspec
import psycopg
from psycopg_pool import PoolTimeout

from commands.base import Command
from commands.handling import Sender
from ledger.events import Answer
from ledger.household.evolve import evolve
from ledger.refusals import ConcurrentChange, NotFound, Refused
from ledger.store.mapper import decode, encode
from replay.verify import verify
from scripts.prove.reached import FAULTS_MAX, Reached, time_left
from tests.simulation.faults import Fault, Faults
from tests.simulation.field import Field, Place, a_field
from tests.simulation.histories import COMMANDS as STEPS
from tests.simulation.histories import Lived, live
from tests.simulation.running import Came, Disagreement, Home, Run, Shown, refusal
from tests.simulation.sending import COMMANDS, Step, sender

SETTLED_SECONDS: Final = 90.0
_LOST = (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout)
_encoder = msgspec.json.Encoder(order="deterministic")


class StoredRun(Run):
    """A history as far as it has come, on a place of its own."""

    def __init__(self, worlds: tuple[int, ...], place: Place, faults: Faults) -> None:
        super().__init__(worlds)
        self.facts = {}
        self._place = place
        self._faults = faults
        self._stored: dict[str, bool] = {}
        self.met: Counter[str] = Counter()

    def asked(self, home: Home, step: Step, at: datetime) -> Came | None:
        """As a client would: until it knows, or has given up; and then what is stored."""
        self._place.now = step["at"]
        answer = self._settled(home, step, self._faults)
        self._stored[self._key(home, step)] = isinstance(answer, Answer)
        if isinstance(answer, Came):
            return answer
        before = home.household.version
        events = []
        facts = self._place.direct[home.world].ledger.events.get(home.stream, gt=before)
        for fact in facts:
            # What is read is an entry, whatever the library calls it.
            state = encode(fact.entry)  # type: ignore[attr-defined]
            event = decode(state).event
            events.append(event)
            evolve(home.household, event, at)
            home.household.version += 1
            home.household.last_recorded_at = at
            home.stored.append(state)
        if answer is None:
            self.met["never learnt: stored" if events else "never learnt: not stored"] += 1
            self._stored[self._key(home, step)] = bool(events)
            return Came(codes=None, events=events, answer=b"never known") if events else None
        if answer.version != home.household.version or not events:
            raise Disagreement(f"version {answer.version} was told, {before} facts and others are")
        return Came(codes=None, events=events, answer=_encoder.encode(answer))

    def _key(self, home: Home, step: Step) -> str:
        return sha256(home.stream.bytes + step["key"].encode()).hexdigest()

    def _settled(self, home: Home, step: Step, faults: Faults | None) -> Answer | Came | None:
        """The answer or the refusal, however often it has to be asked for; None: given up."""
        command = COMMANDS[step["do"]](step)
        by, for_whom = sender(step)
        channel = step.get("channel", "website")
        sent = Sender(by=by, key=step["key"], channel=channel, on_behalf_of=for_whom)
        ends, attempt = time.monotonic() + SETTLED_SECONDS, 0
        while time.monotonic() < ends:
            fault = faults.next(attempt) if faults else None
            attempt += 1
            backend = self._ready(fault)
            try:
                return self._sent(home, command, sent, fault)
            except _LOST:
                self._place.field.server.start()
            except ConcurrentChange:
                continue
            if fault is not None and self._is_there(home):
                self.met[f"{fault.victim}: stored and not answered"] += 1
            if faults and fault and step["do"] != "property" and faults.gives_up(fault):
                self._place.wait_until_gone(backend)
                return None
        raise Disagreement(f"{step['do']} was not settled within {SETTLED_SECONDS:.0f} s")

    def _is_there(self, home: Home) -> bool:
        """Whether more is stored than is known, as far as can be seen at once."""
        ledger = self._place.direct[home.world].ledger
        return any(ledger.events.get(home.stream, gt=home.household.version))

    def _ready(self, fault: Fault | None) -> int:
        """A line that is open, and armed: the process at its other end."""
        place = self._place
        backend = self._open()
        if fault is None:
            return backend
        if fault.victim == "line":
            place.field.line.arm(fault.cut)
        elif fault.victim == "backend":
            place.field.line.arm(fault.cut, lambda: place.field.end_backend(backend))
        else:
            place.field.line.arm(fault.cut, place.field.kill)
        return backend

    def _open(self) -> int:
        ends = time.monotonic() + SETTLED_SECONDS
        while True:
            try:
                return self._place.backend()
            except _LOST:
                if time.monotonic() >= ends:
                    raise
                self._place.field.server.start()

    def _sent(
        self, home: Home, command: Command, sent: Sender, fault: Fault | None
    ) -> Answer | Came:
        """One attempt. Raises what the line raises."""
        line = self._place.field.line
        came = "lost"
        try:
            answer: Answer | Came = self._place.through[home.world].handle(
                home.stream, command, sent
            )
            came = "answered"
        except Refused as refused:
            came, answer = "answered", refusal(set(refused.codes))
        except NotFound:
            came, answer = "answered", refusal({"not_found"})
        finally:
            if fault is not None:
                line.wait_for_the_cut()
                line.disarm()
                hit = came if line.was_cut else "not reached"
                self.met[f"{fault.victim}: {hit}"] += 1
        return answer

    def asked_again(self, home: Home, step: Step, earlier: bytes) -> None:
        """The same key and body are told the same, and nothing is stored."""
        if earlier.startswith(b"never known"):
            return
        answer = self._settled(home, step, None)
        told = answer.answer if isinstance(answer, Came) else _encoder.encode(answer)
        if told != earlier:
            raise Disagreement(f"{step['do']}: asked again it was told something else")
        self.met["asked again"] += 1

    def shown(self, home: Home, step: Step) -> Shown:
        """What the officer's device is answered."""
        self._place.now = step["at"]
        found = self._place.direct[home.world].check(
            typed=step["vehicle"],
            zone=step["zone"],
            at=step["about"],
            known_at=step["known"],
            bay=step["bay"],
            officer="lee",
            device="handheld",
        )
        return Shown(
            covered=found.covered, reason=found.reason, match=found.match, until=found.until
        )

    def close(self) -> None:
        """Whatever was acknowledged is there once, and everything stored holds together."""
        found = Counter[str]()
        for home in self.homes:
            ledger = self._place.direct[home.world].ledger
            if ledger.household(home.stream) != home.household:
                raise Disagreement("the stored facts fold to another household")
            receipts = (fact.entry.receipt for fact in ledger.facts(home.stream))
            found.update(receipt.key for receipt in receipts if receipt is not None)
        for wrong in wrong_keys(self._stored, found):
            raise Disagreement(wrong)
        for council in self._place.direct.values():
            if not council.caught_up(30.0):
                raise Disagreement("the followers do not come to the end")
            for problem in verify(council.ledger).problems:
                raise Disagreement(f"verify: {problem.kind}: {problem.detail}")


def wrong_keys(known: Mapping[str, bool], found: Mapping[str, int]) -> Iterator[str]:
    """Where what the clients know, by key, and what is stored differ."""
    twice = sum(times > 1 for times in found.values())
    if twice:
        yield f"{twice} commands are stored twice"
    lost = sum(stored and key not in found for key, stored in known.items())
    if lost:
        yield f"{lost} acknowledged commands are not stored"
    strange = sum(not known.get(key, False) for key in found)
    if strange:
        yield f"{strange} commands are stored that were refused, or that nobody sent"


def live_stored(field: Field, seed: int, commands: int = STEPS) -> tuple[Lived, Counter[str]]:
    """Live the history of a seed on this server, with its faults; and the faults that were met."""
    with ExitStack() as places:
        begun: list[StoredRun] = []

        def begin(worlds: tuple[int, ...]) -> StoredRun:
            place = places.enter_context(field.place(worlds))
            begun.append(StoredRun(worlds, place, Faults(seed)))
            return begun[0]

        lived = live(seed, commands, begin)
        return lived, begun[0].met


def again(seed: int, commands: int) -> str:
    """The one command that lives a history again."""
    return f"python -m tests.simulation --stored --seed {seed} --commands {commands}"


def run_stored(seeds: Sequence[int], commands: int, until: float) -> Reached:
    """Live these seeds one after the other, on one server of their own."""
    met, faults, done, steps = Counter[str](), list[str](), 0, 0
    with a_field() as field:
        for seed in seeds:
            if not time_left(until) or len(faults) >= FAULTS_MAX:
                break
            lived, came = live_stored(field, seed, commands)
            done, steps = done + 1, steps + lived.tally.steps
            met.update(came)
            if lived.failed:
                step = f"seed {seed}, step {len(lived.steps)}"
                faults.append(f"{step}: {lived.failed} ({again(seed, commands)})")
        faults += field.server.damage()
    told = ", ".join(f"{many:,} {what}" for what, many in sorted(met.items()))
    return Reached(reached=done, faults=tuple(faults), note=f"{steps:,} steps; {told}")


def run(figure: int, until: float) -> Reached:
    """So many histories of 200 commands, from seed 0 on. See `scripts.prove.reached`."""
    return run_stored(range(figure), STEPS, until)
