"""Residents who book, amend and cancel over HTTP, and ask again until they know what came of it.

Each command has a key of its own. Whoever gets no answer, or one that says "not now", sends the
same command with the same key once more; some give up instead, and never learn.

Source: promises P1 to P3.
"""

import http.client
import json
import queue
import random
import time
from collections.abc import Sequence
from hashlib import sha256
from threading import Event
from typing import Any

from msgspec import Struct

from ledger.scheme.loading import built_in
from scripts.benches.households import Bookers, booked_product
from scripts.prove.reached import NotRun
from services.council import Council
from services.councils import chosen
from services.identity.tokens import make_token

COMMANDS_A_HOME = 240
GIVE_UP = 0.05
"""How many of those whose answer was lost never ask again."""
SETTLED_SECONDS = 120.0
_AGAIN_SECONDS = 0.03


class Home(Struct, frozen=True, kw_only=True):
    """A household that has units, and its resident's token."""

    household: str
    token: str
    sender: str
    start: str


def a_council() -> str:
    """A council whose visits are booked ahead, amended and cancelled. Raises NotRun."""
    for name, editions in chosen(built_in(), None).items():
        if booked_product(editions.latest) is not None:
            return name
    raise NotRun("no live scheme sells units that are booked, amended and cancelled")


def new_home(council: Council, name: str, start: str) -> Home:
    """A household by real commands, and a token of its resident's."""
    made = Bookers(council, name, start)
    with council.pool.connection() as connection:
        token = make_token(
            connection,
            council.schema,
            "resident",
            name,
            household_id=str(made.household),
            resident_id=made.by.name,
        )
    return Home(
        household=str(made.household),
        token=token,
        sender=f"resident/{made.by.name}",
        start=start,
    )


class Told(Struct):
    """What a writer knows: by the key's digest, the digest of the answer, or None."""

    commands: dict[str, bytes | None]
    faults: list[str]


class Writer:
    """One client. `told` is its own until its thread has ended."""

    def __init__(
        self, council: str, ports: Sequence[int], homes: queue.Queue[Home], number: int
    ) -> None:
        self._council = council
        self._ports = ports
        self._homes = homes
        self._number = number
        self._chance = random.Random(number)
        self._connection = self._connected(number)
        self._keys = self._turns = 0
        self.told = Told(commands={}, faults=[])
        self.acknowledged = 0

    def _connected(self, n: int) -> http.client.HTTPConnection:
        port = self._ports[n % len(self._ports)]
        return http.client.HTTPConnection("127.0.0.1", port, timeout=20)

    def run(self, over: Event) -> Told:
        """Until told to end: a visit after the other, in one household after the other."""
        while not over.is_set():
            try:
                home = self._homes.get(timeout=0.2)
            except queue.Empty:
                continue
            for _ in range(COMMANDS_A_HOME // 3):
                if over.is_set() or not self._visit(home, over):
                    break
        self._connection.close()
        return self.told

    def _visit(self, home: Home, over: Event) -> bool:
        """Booked, amended, cancelled. False where it is not known how the household stands."""
        mark = f"AB{self._chance.randrange(10, 99)}CDE"
        booked = self._settled(
            home, "book_voucher", {"vehicles": [mark], "start": home.start}, over
        )
        if booked is None:
            return False
        (booking,) = booked["values"]["bookings"]
        amended = {"booking": booking, "vehicle": "XY21ABC"}
        return (
            self._settled(home, "amend_booking", amended, over) is not None
            and self._settled(home, "cancel_booking", {"booking": booking}, over) is not None
        )

    def _settled(self, home: Home, tag: str, body: object, over: Event) -> dict[str, Any] | None:
        """The answer, however often it has to be asked for. None where the client gave up."""
        self._keys += 1
        key = f"{self._number}/{self._keys}"
        stored = sha256(bytes.fromhex(home.household.replace("-", "")))
        stored.update(f"{home.sender}/{key}".encode())
        digest = stored.hexdigest()
        self.told.commands[digest] = None
        patient = self._chance.random() >= GIVE_UP
        given_up = time.monotonic() + SETTLED_SECONDS
        while time.monotonic() < given_up:
            status, said = self._send(home, tag, body, key)
            if status == 200:
                self.told.commands[digest] = sha256(said).digest()
                self.acknowledged += 1
                found: dict[str, Any] = json.loads(said)
                return found
            if status and status != 409 and status < 500:
                codes = [each["code"] for each in json.loads(said).get("errors", ())]
                self.told.faults.append(f"{tag} was told {status} {', '.join(codes)}")
                return None
            if over.is_set() or not patient:
                return None
            time.sleep(_AGAIN_SECONDS)
        self.told.faults.append(f"{tag} was not settled within {SETTLED_SECONDS:.0f} s")
        return None

    def _send(self, home: Home, tag: str, body: object, key: str) -> tuple[int, bytes]:
        """Status and body; status 0 where there was no answer."""
        path = f"/api/v1/{self._council}/households/{home.household}/commands/{tag}"
        headers = {
            "authorization": f"Bearer {home.token}",
            "content-type": "application/json",
            "idempotency-key": key,
        }
        try:
            self._connection.request("POST", path, json.dumps(body), headers)
            answer = self._connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            # The other server may be up.
            self._connection.close()
            self._turns += 1
            self._connection = self._connected(self._number + self._turns)
            return 0, b""
