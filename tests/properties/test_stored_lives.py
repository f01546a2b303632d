"""The same random lives through the handler and the store: what is rebuilt is what is live.

Source: promises P4, P7; design section 6.
"""

import os
from random import Random

import pytest

from commands.base import Command
from commands.handling import Sender
from ledger.events import Actor, Channel
from ledger.refusals import NotFound, Refused
from ledger.store import recorder
from ledger.store.application import SNAPSHOT_EVERY
from ledger.store.pool import open_pool
from projections.registry import EVERY
from replay.comparing import compare
from services.council import Council
from tests.given import editions_of
from tests.properties.invariants import passed_caps, two_active, units_lost
from tests.properties.lives import Life

HOMES = 2 * int(os.environ.get("PERMIT_LEDGER_DEEP", "1"))
LENGTH = 1000


class StoredLife(Life):
    """A life whose commands go through a council's handler, by the life's own clock."""

    def __init__(self, council: Council, name: str) -> None:
        self.council = council
        self.stream = council.ledger.household_id(name)
        self._key = name
        super().__init__(council.editions)

    def send(self, command: Command, by: Actor, channel: Channel = "website") -> None:
        self._sent += 1
        sender = Sender(by=by, key=f"{self._key}/{self._sent}", channel=channel)
        self.council.clock = self.council.handler.clock = lambda: self.at
        try:
            self.council.handle(self.stream, command, sender)
        except Refused as refused:
            self.codes.update(refused.codes)
        except NotFound:
            pass
        else:
            self.household = self.council.ledger.household(self.stream)
            self.accepted.add(type(command).__name__)


@pytest.mark.parametrize(
    ("scheme", "direct_max"),
    [
        ("stevenage", recorder.EVENTS_DIRECT_MAX),
        ("gravesham", recorder.EVENTS_DIRECT_MAX),
        ("hampshire", recorder.EVENTS_DIRECT_MAX),
        ("stevenage", 0),
    ],
)
def test_what_is_rebuilt_is_what_is_live(
    database: str, monkeypatch: pytest.MonkeyPatch, scheme: str, direct_max: int
) -> None:
    """Every read model's rows, told again from the facts, are the rows that are there (P7).

    Also where none of them was sent as a parameter of its own, but all in bulk.
    """
    monkeypatch.setattr(recorder, "EVENTS_DIRECT_MAX", direct_max)
    with open_pool(database, 4, "lives") as pool, open_pool(database, 1, "checks") as checks:
        council = Council(scheme, pool, checks, editions_of(scheme, {}))
        for n in range(HOMES):
            life = StoredLife(council, f"home {n}")
            for _ in life.live(Random(n).randbytes(LENGTH)):
                pass
            history = [(f.recorded_at, f.event) for f in council.ledger.facts(life.stream)]
            assert len(history) > SNAPSHOT_EVERY
            assert list(two_active(history)) == []
            assert list(units_lost(life.household, history)) == []
            assert list(passed_caps(history, council.editions)) == []
            with council.ledger.opened(life.stream, "none") as opened:
                assert opened.household == life.household
        council.catch_up()

        assert compare(council.ledger, EVERY) == []
