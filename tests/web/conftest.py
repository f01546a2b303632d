"""A served council on the real database: one clone for all of these tests, a property for each."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from httpx import Response
from litestar.testing import TestClient

from commands.base import Command
from commands.enrol_resident import EnrolResident
from commands.handling import Sender
from commands.list_property import ListProperty
from ledger.events import Actor
from ledger.scheme.loading import built_in
from ledger.store.pool import open_pool
from services.council import Council
from services.identity.messages import FileOutbox
from services.identity.tokens import TokenRole, make_token
from tests.databases import Databases
from web.app import create_app

NOON = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)
_numbers = count(1)


class Home:
    """A listed property with one resident, who has a token."""

    def __init__(self, served: "Served", council: Council) -> None:
        self.number = next(_numbers)
        self.council = council
        self.property_ref = f"property-{self.number}"
        self.stream = council.ledger.household_id(self.property_ref)
        self.id = str(self.stream)
        self.account = f"CT-{self.number}"
        self.mobile = f"+44770090{self.number:04d}"
        self.email = f"resident-{self.number}@example.org"
        self.did(
            ListProperty(
                property_ref=self.property_ref,
                zone=council.editions.latest.zones[0].id,
                council_tax_accounts=(self.account,),
            )
        )
        enrolled = self.did(EnrolResident(name="A", mobile=self.mobile, email=self.email))
        self.resident = str(enrolled["resident"])
        self.token = served.token("resident", council.id, self.id, self.resident)

    def did(self, command: Command) -> dict[str, Any]:
        sender = Sender(by=Actor("staff", "clerk"), key=f"given/{next(_numbers)}")
        return dict(self.council.handle(self.stream, command, sender).values)


class Served:
    """The application, its councils, and a clock that tests may set."""

    def __init__(self, dsn: str, outbox: FileOutbox, pools: tuple[Any, Any]) -> None:
        self.at = NOON
        self.outbox = outbox
        self.dsn = dsn
        library = built_in()
        self.councils = {
            name: Council(name, *pools, library.editions(name), lambda: self.at)
            for name in ("stevenage", "gravesham", "hampshire")
        }
        self.app = create_app(self.councils, messages=outbox, secure_cookies=False)
        self.client = TestClient(self.app)

    def home(self, council: str = "stevenage") -> Home:
        return Home(self, self.councils[council])

    def token(
        self,
        role: TokenRole,
        council: str = "stevenage",
        household_id: str | None = None,
        resident_id: str = "",
    ) -> str:
        asked = self.councils[council]
        with asked.pool.connection() as connection:
            return make_token(
                connection, asked.schema, role, f"{role}-1", household_id, resident_id
            )

    def get(self, path: str, token: str = "", **headers: str) -> Response:
        return self.client.get(f"/api/v1/{path}", headers=_headers(token, headers))

    def post(self, path: str, body: Any, token: str = "", **headers: str) -> Response:
        """`body` as JSON, or bytes as they are. A header's name is written with underscores."""
        sent = {"content-type": "application/json", **_headers(token, headers)}
        if isinstance(body, bytes):
            return self.client.post(f"/api/v1/{path}", content=body, headers=sent)
        return self.client.post(f"/api/v1/{path}", json=body, headers=sent)

    def command(
        self, home: Home, name: str, body: Any, token: str = "", **headers: str
    ) -> Response:
        keyed = {"idempotency_key": f"key-{next(_numbers)}", **headers}
        path = f"{home.council.id}/households/{home.id}/commands/{name}"
        return self.post(path, body, token or home.token, **keyed)

    def follow(self, home: Home, booked: int) -> None:
        """Catch up until so many sessions of the household are listed.

        A reader waits for every older write transaction of the server, and others test on it too.
        """
        deadline = monotonic() + 20
        while monotonic() < deadline:
            home.council.catch_up()
            with home.council.pool.connection() as connection:
                row = connection.execute(
                    f"select count(*) from {home.council.schema}.sessions where household_id = %s",
                    (home.id,),
                ).fetchone()
            if row == (booked,):
                return
            sleep(0.05)
        raise AssertionError("the follower did not catch up")

    def with_vouchers(self, home: Home) -> None:
        """Apply, prove and pay, by the resident and by staff, over HTTP."""
        applied = self.command(home, "apply_for_permit", {"product": "virtual-visitor-vouchers"})
        application = applied.json()["values"]["application"]
        proof = {
            "application": application,
            "document": "utility_bill",
            "dated": self.at.date().isoformat(),
        }
        assert self.command(home, "upload_proof", proof).status_code == 200
        paid = {"applications": [application], "result": "authorised", "amount": 1000}
        answer = self.command(home, "pay_for_applications", paid, self.token("staff"))
        assert answer.json()["values"]["state"] == "issued"


def _headers(token: str, headers: dict[str, str]) -> dict[str, str]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {**({"authorization": f"Bearer {token}"} if token else {}), **named}


@pytest.fixture(scope="session")
def every_test_served(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    outbox = FileOutbox(Path(tmp_path_factory.mktemp("outbox")) / "outbox.jsonl")
    with (
        databases.clone() as dsn,
        open_pool(dsn, 4, "commands") as pool,
        open_pool(dsn, 2, "checks") as checks,
    ):
        served = Served(dsn, outbox, (pool, checks))
        with served.client:
            yield served


@pytest.fixture
def served(every_test_served: Served) -> Served:
    every_test_served.at = NOON
    every_test_served.client.cookies.clear()
    return every_test_served


@pytest.fixture(scope="session")
def sandboxed(every_test_served: Served) -> Iterator[TestClient[Any]]:
    """The same councils, served as a sandbox: for pages that pay, or show a PIN's place."""
    app = create_app(
        every_test_served.councils,
        messages=every_test_served.outbox,
        sandbox=True,
        secure_cookies=False,
    )
    with TestClient(app) as client:
        yield client


@pytest.fixture
def problem() -> Callable[..., None]:
    """Assert that an answer is exactly this problem, its instance aside."""

    def is_problem(answer: Response, status: int, name: str, *codes: str, detail: str = "") -> None:
        body = answer.json()
        assert (answer.status_code, body["type"]) == (status, f"/problems/{name}"), body
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert body["status"] == status
        assert body["instance"] == f"urn:uuid:{answer.headers['x-request-id']}"
        assert [each["code"] for each in body["errors"]] == list(codes), body
        assert set(body) == {"type", "title", "status", "detail", "instance", "errors"}
        if detail:
            assert body["detail"] == detail

    return is_problem
