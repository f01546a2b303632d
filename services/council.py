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
from ledger.rules.covering import Bay
from ledger.rules.working_days import WorkingDays
from ledger.scheme.editions import Editions
from ledger.scheme.schema import Scheme
from ledger.store import migrating
from ledger.store.application import Ledger
from ledger.store.pool import Connection, Pool
from projections import enforcement
from projections.catching_up import catch_up, caught_up
from projections.deadlines import due
from projections.enforcement import CheckAnswer, Question
from projections.registry import CATCHING_UP, INLINE
from services.bank_holidays import holidays

MIGRATIONS = Path(migrating.__file__).parent / "migrations"
SYSTEM = Actor("system", "worker")


class Council:
    """A council that answers. `clock` replaces the database's in scenarios and simulations."""

    def __init__(
        self,
        council: str,
        pool: Pool,
        checks: Pool,
        editions: Editions,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self.id = council
        self.pool = pool
        self.checks = checks
        self.editions = editions
        self.clock = clock
        self.ledger = Ledger(council, pool, INLINE)
        self.handler = Handler(self.ledger, lambda: self.editions, working_days(), clock)

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

        Raises Refused with `vehicle.mark_invalid`.
        """
        with self.checks.connection() as connection, connection.transaction():
            now = self.now(connection)
            question = Question(
                typed=typed, zone=zone, at=at or now, known_at=known_at or now, bay=bay
            )
            answered = enforcement.answer(
                connection, self.schema, self.scheme_at(question.at), question
            )
            enforcement.keep(
                connection,
                self.schema,
                answered=answered,
                asked_at=now,
                officer=officer,
                device=device,
            )
        return answered

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
