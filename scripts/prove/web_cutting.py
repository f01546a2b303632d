"""The line to the web server cut at every head and every body, and the request sent again.

Whoever sends the same command with the same key is told what came of it, however the first sending
ended: one effect, and the very same bytes.

Source: promises P2, P3 (the same at the HTTP hop).
"""

import http.client
import json
from collections import Counter
from itertools import cycle
from typing import Any

from scripts.prove.killing import day_after_tomorrow
from scripts.prove.programs import Program, free_port, wait_for_web
from scripts.prove.proxy import HOWS, Cut, Line, web_line
from scripts.prove.reached import FAULTS_MAX, Reached, time_left
from scripts.prove.servers import own_server
from scripts.prove.writers import Home, a_council, new_home
from services.council import Council
from services.councils import open_councils

VISITS_A_HOME = 60
TRIES = 50
CUTS = tuple(
    Cut(direction=direction, message=message, how=how)
    for direction in ("asked", "answered")
    for message in (0, 1)
    for how in HOWS
)
"""A head and a body each way."""


def run(cuts: int, until: float) -> Reached:
    """So many cuts, of booking, amending and cancelling in turn."""
    with own_server() as server:
        name, port = a_council(), free_port()
        web = Program(server.dsn, server.folder / "web.log", "serve", "--port", str(port))
        try:
            with (
                open_councils(server.dsn, [name]) as councils,
                web_line(port) as (line, through),
            ):
                if not wait_for_web(web, port):
                    raise AssertionError("the web server never answered")
                client = Client(councils[name], line, through, port)
                while client.done < cuts and time_left(until) and not client.faults:
                    client.live(cuts)
        finally:
            web.stop()
    told = ", ".join(f"{count:,} {what}" for what, count in sorted(client.came.items()))
    return Reached(reached=client.done, faults=tuple(client.faults[:FAULTS_MAX]), note=told)


class Client:
    """A resident whose requests are cut, and who sends each of them again."""

    def __init__(self, council: Council, line: Line, through: int, port: int) -> None:
        self._council = council
        self._line = line
        self._through, self._port = through, port
        self._cuts = cycle(CUTS)
        self._start = day_after_tomorrow(council)
        self._homes = 0
        self.done = 0
        self.came: Counter[str] = Counter()
        self.faults: list[str] = []

    def live(self, cuts: int) -> None:
        """Visits of one household."""
        self._homes += 1
        home = new_home(self._council, f"home-{self._homes}", self._start)
        for _ in range(VISITS_A_HOME):
            if self.done >= cuts or self.faults:
                return
            booked = self._one(home, "book_voucher", {"vehicles": ["AB12CDE"], "start": home.start})
            if booked is None:
                return
            (booking,) = booked["values"]["bookings"]
            self._one(home, "amend_booking", {"booking": booking, "vehicle": "XY21ABC"})
            self._one(home, "cancel_booking", {"booking": booking})

    def _one(self, home: Home, tag: str, body: object) -> dict[str, Any] | None:
        """One cut, one retry, one look: through the line again, and past it."""
        cut = next(self._cuts)
        self.done += 1
        key = f"cut/{self.done}"
        before = self._events()
        self._line.arm(cut)
        status, first = self._send(self._through, home, tag, body, key)
        self._line.wait_for_the_cut()
        self._line.disarm()
        self.came["answered" if status else "not answered"] += 1
        status, again = self._settled(self._through, home, tag, body, key)
        _, once_more = self._settled(self._port, home, tag, body, key)
        effects = self._events() - before
        if status != 200 or effects != 1:
            self.faults.append(f"{tag}, {cut}: told {status}, {effects} effects")
            return None
        if again != once_more or first not in (b"", again):
            self.faults.append(f"{tag}, {cut}: the retry was told something else")
        found: dict[str, Any] = json.loads(again)
        return found

    def _events(self) -> int:
        with self._council.pool.connection() as connection:
            row = connection.execute(
                f"select count(*) from {self._council.schema}.stored_events"
            ).fetchone()
        assert row is not None, "a count is one row"
        return int(row[0])

    def _settled(
        self, port: int, home: Home, tag: str, body: object, key: str
    ) -> tuple[int, bytes]:
        """Sent until it is answered: the first sending may still be on its way."""
        for _ in range(TRIES):
            status, said = self._send(port, home, tag, body, key)
            if status and status != 409 and status < 500:
                return status, said
        return 0, b""

    def _send(self, port: int, home: Home, tag: str, body: object, key: str) -> tuple[int, bytes]:
        """Status and body; status 0 where there was no whole answer."""
        path = f"/api/v1/{self._council.id}/households/{home.household}/commands/{tag}"
        headers = {
            "authorization": f"Bearer {home.token}",
            "content-type": "application/json",
            "idempotency-key": key,
        }
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("POST", path, json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()
