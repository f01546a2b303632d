"""One council, wired: its ledger, its scheme's editions, its commands, its read models.

What faces outward (the web, the command line, the worker, the scenarios) goes through here.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from functools import cache
from pathlib import Path
from uuid import UUID

from commands.base import Command
from commands.handling import Handler, Sender
from ledger.events import Actor, Answer
from ledger.refusals import Refused
from ledger.rules.covering import Bay
from ledger.rules.working_days import WorkingDays
from ledger.scheme.editions import Editions
from ledger.scheme.schema import Scheme
from ledger.store import migrating
from ledger.store.application import Ledger
from ledger.store.pool import Connection, Pool
from projections import active_registrations, enforcement
from projections.catching_up import catch_up, caught_up
from projections.deadlines import due
from projections.enforcement import CheckAnswer, Question
from projections.registry import CATCHING_UP, INLINE
from services.bank_holidays import holidays
from services.check_batch import Answering, Request, Watch
from services.checking import CheckQueue, check_at_once
from services.handhelds.unchanged import Unchanged

MIGRATIONS = Path(migrating.__file__).parent / "migrations"
SYSTEM = Actor("system", "worker")


class Council:
    """A council that answers. `clock` replaces the database's in scenarios and simulations.

    `lookups_an_hour`: how many marks one officer may look up within an hour; 0 is any number.
    `sells_samples` False: what has no price of the council's own is not sold.
    """

    def __init__(
        self,
        council: str,
        pool: Pool,
        checks: Pool,
        editions: Editions,
        clock: Callable[[], datetime] | None = None,
        lookups_an_hour: int = 0,
        sells_samples: bool = True,
    ) -> None:
        self.id = council
        self.pool = pool
        self.checks = checks
        self.editions = editions
        self.clock = clock
        self.ledger = Ledger(council, pool, INLINE)
        self.watch = Watch(lookups_an_hour)
        self.unchanged = Unchanged()
        self.check_queue = CheckQueue(checks, self.answering)
        self.handler = Handler(
            self.ledger,
            lambda: self.editions,
            working_days(),
            clock,
            active_registrations.facts,
            sells_samples=sells_samples,
        )

    @property
    def schema(self) -> str:
        return self.ledger.schema

    def now(self, connection: Connection) -> datetime:
        return self.clock() if self.clock else enforcement.database_now(connection)

    def scheme_at(self, at: datetime) -> Scheme:
        return self.editions.in_force_at(at)

    def handle(self, stream: UUID, command: Command, sender: Sender) -> Answer:
        """Do one command. Raises Refused, NotFound, ConcurrentChange."""
        return self.handler.handle(stream, command, sender)

    def check(
        self,
        *,
        typed: str,
        zone: str,
        at: datetime | None,
        known_at: datetime | None,
        bay: Bay,
        officer: str,
        device: str,
    ) -> CheckAnswer:
        """Answer an officer, and keep the answer, in one transaction on a connection for checks.

        Raises Refused with `vehicle.mark_invalid`, TooManyLookups.
        """
        question = Question(typed=typed, zone=zone, at=at, known_at=known_at, bay=bay)
        request = Request(questions=(question,), officer=officer, device=device)
        (shown,) = check_at_once(self.checks, self.answering(), request)
        if shown.refused is not None:
            raise Refused([shown.refused])
        assert shown.answer is not None, "nothing was repeated: there was no key"
        return shown.answer

    def answering(self) -> Answering:
        """What checks need to know of this council, as it is now."""
        return Answering(
            schema=self.schema, editions=self.editions, clock=self.clock, watch=self.watch
        )

    def catch_up(self) -> int:
        """Bring the following read models to the present; how many facts they took."""
        return catch_up(self.ledger, CATCHING_UP)

    def caught_up(self, within_seconds: float) -> bool:
        """As catch_up, for all that is stored now, however long another transaction holds it back.

        False where that did not come about in time.
        """
        return caught_up(self.ledger, CATCHING_UP, within_seconds)

    def migrate(self) -> list[int]:
        """Bring the council's schema to this version of the program."""
        with self.pool.connection() as connection:
            return migrating.migrate(connection, self.schema, MIGRATIONS)

    def next_due(
        self, until: datetime, passed: Collection[tuple[str, str]] = ()
    ) -> tuple[str, str, str, datetime] | None:
        """The first thing due at or before an instant, but for those passed over already.

        (kind, subject, household, when due).
        """
        with self.pool.connection() as connection:
            found = due(connection, self.schema, until, 1 + len(passed))
        return next((each for each in found if each[:2] not in passed), None)


@cache
def working_days() -> WorkingDays:
    """Monday to Friday but for the bank holidays of England and Wales."""
    return WorkingDays(holidays())
