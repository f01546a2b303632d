"""A history recorded as anybody's commands are: each in a transaction of its own."""

from datetime import datetime
from uuid import UUID

from commands.base import Command, Values
from commands.handling import Sender
from scripts.simulation.doing import Checking
from services.council import Council
from services.worker import run_due


class OneByOne:
    """The council itself, with a made-up clock."""

    def __init__(self, council: Council, begins: datetime) -> None:
        self.council = council
        self._now = begins
        council.clock = council.handler.clock = lambda: self._now

    def command(self, at: datetime, stream: UUID, command: Command, sender: Sender) -> Values:
        """What came of it. Raises Refused, NotFound."""
        self._now = at
        return self.council.handle(stream, command, sender).values

    def check(self, at: datetime, asked: Checking) -> None:
        """Answer an officer, and keep the answer. Raises Refused."""
        self._now = at
        self.council.check(
            typed=asked.typed,
            zone=asked.zone,
            at=None,
            known_at=None,
            bay="",
            officer=asked.officer,
            device=asked.device,
        )

    def due(self, until: datetime) -> int:
        """Record what fell due by then, each at its own instant; how many."""

        def at(due_at: datetime) -> None:
            self._now = due_at

        return run_due(self.council, until, at)

    def follow(self) -> None:
        """Let followers read what was done so far."""
        self.council.catch_up()

    def end(self) -> None:
        """Everything is recorded; followers have it."""
        self.council.catch_up()
