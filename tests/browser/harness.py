"""The real program behind a real browser: what tests of pages ask for, apart from the fixtures.

Screenshots are kept in the folder that `PERMIT_LEDGER_SHOTS` names, and nowhere without it.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from commands.base import Command
from commands.handling import Sender
from ledger.events import Actor
from services.council import Council
from services.identity import sessions, staff
from services.identity.messages import FileOutbox
from services.identity.staff import StaffRole

ROOT = Path(__file__).resolve().parents[2]
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PHONE, DESKTOP = 390, 1280
EVERY_WAY = pytest.mark.parametrize(
    "browser_page",
    [(PHONE, True), (PHONE, False), (DESKTOP, True), (DESKTOP, False)],
    indirect=True,
    ids=["phone", "phone-without-script", "desktop", "desktop-without-script"],
)
"""On a phone and on a desk, with JavaScript and without: `@EVERY_WAY` over a test."""
BOTH_WIDTHS = pytest.mark.parametrize(
    "browser_page", [(PHONE, True), (DESKTOP, True)], indirect=True, ids=["phone", "desktop"]
)

_PROGRAM = """
import sys
from pathlib import Path
from services.councils import open_councils
from services.identity.messages import FileOutbox
from web.serving import serve
dsn, port, outbox, *councils = sys.argv[1:]
with open_councils(dsn, councils, commands_max=6, checks_max=2) as opened:
    serve(
        opened,
        port=int(port),
        threads=8,
        messages=FileOutbox(Path(outbox)),
        sandbox=True,
        secure_cookies=False,
    )
"""
_AXE = Axe()
_numbers = count(1)


class Running:
    """A served program on a database of its own. `councils` are the same, for what is given."""

    def __init__(
        self, address: str, councils: Mapping[str, Council], outbox: FileOutbox, log: Path
    ) -> None:
        self.address = address
        self.councils = councils
        self.outbox = outbox
        self.log = log

    @property
    def council(self) -> Council:
        """The first of them."""
        return next(iter(self.councils.values()))

    def did(self, stream: UUID, command: Command, council: str = "") -> dict[str, Any]:
        """What staff did before the test begins; the values of the answer."""
        asked = self.councils[council] if council else self.council
        sender = Sender(by=Actor("staff", "clerk"), key=f"given/{next(_numbers)}")
        return dict(asked.handle(stream, command, sender).values)

    def account(self, role: StaffRole, council: str = "", own_household: str = "") -> str:
        """The name of a new member of staff."""
        asked = self.councils[council] if council else self.council
        name = f"{role}-{next(_numbers)}"
        with asked.pool.connection() as connection:
            staff.add(
                connection,
                asked.schema,
                name=name,
                role=role,
                at=datetime.now(UTC),
                own_household=own_household,
                sandbox=True,
            )
        return name

    def enrolled(self, role: StaffRole, password: str, council: str = "") -> str:
        """As account, with a password; its code is `code_of(name)`."""
        asked = self.councils[council] if council else self.council
        name = f"{role}-{next(_numbers)}"
        now = datetime.now(UTC)
        with asked.pool.connection() as connection:
            given = staff.add(connection, asked.schema, name=name, role=role, at=now, sandbox=True)
            staff.enrol(
                connection,
                asked.schema,
                name=name,
                secret=given.secret,
                password=password,
                # The code before: the one of now is left for signing in.
                code=self.code_of(name, council, now.timestamp() - 30),
                at=now,
            )
        return name

    def code_of(self, name: str, council: str = "", at: float | None = None) -> str:
        asked = self.councils[council] if council else self.council
        when = datetime.now(UTC) if at is None else datetime.fromtimestamp(at, UTC)
        with asked.pool.connection() as connection:
            return staff.sandbox_code(connection, asked.schema, name, when)

    def sign_in_staff(self, page: Page, role: StaffRole, council: str = "") -> str:
        """Sign a new member of staff in on this browser, without the form; their name."""
        asked = self.councils[council] if council else self.council
        name = self.account(role, council)
        with asked.pool.connection() as connection:
            secret = sessions.begin_session(
                connection, asked.schema, role=role, name=name, at=datetime.now(UTC)
            )
        self._carry(page, asked.id, secret)
        return name

    def sign_in_resident(
        self, page: Page, household: UUID | str, resident: str, council: str = ""
    ) -> None:
        """Sign a resident in on this browser, without the form."""
        asked = self.councils[council] if council else self.council
        with asked.pool.connection() as connection:
            secret = sessions.begin_session(
                connection,
                asked.schema,
                role="resident",
                name="resident",
                at=datetime.now(UTC),
                household_id=str(household),
                resident_id=resident,
            )
        self._carry(page, asked.id, secret)

    def _carry(self, page: Page, name: str, secret: str) -> None:
        page.context.add_cookies([{"name": name, "value": secret, "url": self.address}])

    def open(self, page: Page, path: str) -> None:
        """Go to a path of the first council: `running.open(page, "/bookings")`."""
        page.goto(f"{self.address}/{self.council.id}{path}")


@contextmanager
def served(dsn: str, folder: Path, names: tuple[str, ...]) -> Iterator[tuple[str, Path, Path]]:
    """The program as a process: its address, its outbox and its log."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    outbox, log = folder / "outbox.jsonl", folder / "server.log"
    with log.open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, dsn, str(port), str(outbox), *names],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=written,
            stderr=written,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, process, log)
        yield address, outbox, log
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()[-2000:]
        try:
            httpx.get(f"{address}/health", timeout=5)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the program does not answer")


def chromium() -> str:
    """The browser's program; empty where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), "")


def axe(page: Page) -> None:
    """No violation that axe can find: WCAG 2.2 at level AA, and its best practices.

    Without JavaScript nothing is looked at: the same page is, with it.
    """
    if not has_script(page):
        return
    page.evaluate(_AXE.axe_script)
    # What is kept is left where it is: hundreds of rules would be sent with each page.
    found = page.evaluate(
        "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"
    )
    told = [
        f"{each['id']} ({each['impact']}): {each['help']}\n"
        + "\n".join(f"    {node['html'][:160]}\n    {_why(node)}" for node in each["nodes"][:3])
        for each in found
    ]
    assert not told, f"{page.url}\n" + "\n".join(told)


def _why(node: Mapping[str, Any]) -> str:
    return re.sub(r"\s+", " ", str(node.get("failureSummary", "")))[:300]


def has_script(page: Page) -> bool:
    return bool(getattr(page, "permit_script", True))


def no_sideways_scrolling(page: Page) -> None:
    """The page is no wider than its window (WCAG 2.2, 1.4.10)."""
    width = page.viewport_size["width"] if page.viewport_size else 0
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width, f"{page.url} is {wide} px wide in a window of {width}"


def shoot(page: Page, name: str) -> None:
    """Keep a picture of the whole page, to be looked at."""
    folder = os.environ.get("PERMIT_LEDGER_SHOTS")
    if folder:
        width = page.viewport_size["width"] if page.viewport_size else 0
        page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)


def tab_to(page: Page, is_there: Callable[[Page], bool], most: int = 60) -> None:
    """Press the tabulator until the focus is there: what the keyboard alone reaches."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if is_there(page):
            return
    raise AssertionError(f"not reached with {most} presses of the tabulator")
