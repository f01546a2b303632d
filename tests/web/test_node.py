"""A node over HTTP: the enforcement check's body and answer, from memory, or a clear refusal."""

from time import monotonic, sleep

import msgspec
import pytest
from httpx import Response
from litestar.testing import TestClient
from openapi_spec_validator import validate

from services.node.answering import Node
from services.node.following import Follower
from services.node.journal import Journal, entries
from tests.web.test_checks import covered_home
from web.node import NodeState, create_node_app

CHECKS = "/api/v1/stevenage/node/checks"


class Noded:
    """A node of the served council, looking when it is told to."""

    def __init__(self, served, folder):
        self.served = served
        self.council = served.councils["stevenage"]
        self.follower = Follower("stevenage", "stevenage", served.dsn, lambda: served.at)
        self.node = Node(
            self.follower, self.council.editions, Journal(folder), 30.0, lambda: served.at
        )
        self.app = create_node_app({"stevenage": self.node})
        self.client = TestClient(self.app)

    def catch_up(self):
        with self.council.pool.connection() as connection:
            (end,) = connection.execute(
                "select max(notification_id) from stevenage.stored_events"
            ).fetchone()
        deadline = monotonic() + 30
        while not (self.follower.known and self.follower.known.position >= (end or 0)):
            self.follower.look()
            assert monotonic() < deadline
            sleep(0.01)
        # Tokens are read every second; these tests make them by the dozen.
        self.follower._tokens_moment = float("-inf")
        self.follower.look()
        return self

    def post(self, body, token="", path=CHECKS, **headers) -> Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            sent["authorization"] = f"Bearer {token}"
        return self.client.post(path, json=body, headers=sent)


@pytest.fixture
def noded(served, tmp_path):
    made = Noded(served, tmp_path / "journal")
    with made.client:
        yield made
    made.follower.hang_up()
    made.node.journal.close()


def test_a_node_answers_as_the_ledger_does_with_where_it_is_from(served, noded):
    covered_home(served, "NODE1AA")
    token = served.token("officer")
    noded.catch_up()
    body = {"mark": "node 1aa", "zone": "OT"}

    ours = noded.post(body, token, x_device="camera 3")
    theirs = served.post("stevenage/enforcement/checks", body, token).json()

    assert ours.status_code == 200, ours.text
    told = ours.json()
    own = {"node", "number", "position", "age_seconds"}
    assert set(told) == {*theirs, *own}
    differ = {"receipt", "seen", "known_at"}
    assert {k: v for k, v in told.items() if k not in own | differ} == {
        k: v for k, v in theirs.items() if k not in differ
    }
    assert (told["covered"], told["position"]) == (True, noded.follower.known.position)
    ((kept, _),) = entries(noded.node.journal.folder)
    assert (kept.answer, kept.officer, kept.device) == (ours.text, "officer-1", "camera 3")


def test_a_street_of_marks_has_an_answer_each(served, noded):
    covered_home(served, "NODE2AA")
    noded.catch_up()
    marks = ("NODE2AA", "?", "NODE2AB")
    checks = [{"mark": mark, "zone": "OT"} for mark in marks]

    told = noded.post({"checks": checks}, served.token("officer"), f"{CHECKS}/batch")
    assert told.status_code == 401, "a token that it has not heard of yet"
    token = served.token("officer")
    told = noded.catch_up().post({"checks": checks}, token, f"{CHECKS}/batch").json()["answers"]

    assert [each["mark"] for each in told] == list(marks)
    assert [each["answer"] and each["answer"]["covered"] for each in told] == [True, None, False]
    assert [reason["code"] for reason in told[1]["refused"]] == ["vehicle.mark_invalid"]
    assert told[2]["answer"]["near"] == ["NODE2AA"]


def test_nothing_is_answered_from_knowledge_that_is_too_old(served, noded, problem):
    """Unknown is never "no permit" (promise P18)."""
    token = served.token("officer")
    body = {"mark": "AB12CDE", "zone": "OT"}

    problem(noded.post(body, token), 503, "knowledge-too-old")
    assert noded.client.get("/health").status_code == 503
    noded.catch_up()
    assert noded.post(body, token).status_code == 200
    assert noded.client.get("/health").status_code == 200
    noded.node.age_limit = 0.01
    sleep(0.02)

    answer = noded.post(body, token)
    problem(answer, 503, "knowledge-too-old")
    assert "Do not issue a notice" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("role", "status", "name"),
    [("", 401, "not-signed-in"), ("gateway", 403, "not-allowed"), ("approver", 403, "not-allowed")],
)
def test_only_those_who_enforce_or_audit_may_ask(served, noded, problem, role, status, name):
    token = served.token(role) if role else "plt_nope"
    noded.catch_up()

    problem(noded.post({"mark": "AB12CDE", "zone": "OT"}, token), status, name)


def test_a_resident_may_not_ask(served, noded, problem):
    home = served.home()
    noded.catch_up()

    problem(noded.post({"mark": "AB12CDE", "zone": "OT"}, home.token), 401, "not-signed-in")


@pytest.mark.parametrize(
    ("change", "status", "name", "code"),
    [
        ({"at": "2026-11-19T12:00:00Z"}, 400, "invalid", "body.not_now"),
        ({"known_at": "2026-11-19T12:00:00Z"}, 400, "invalid", "body.not_now"),
        ({"colour": "red"}, 400, "invalid", "body.invalid"),
        ({"zone": "ZZ"}, 422, "refused", "eligibility.zone"),
        ({"mark": "АB12CDE"}, 422, "refused", "vehicle.mark_invalid"),
    ],
)
def test_what_cannot_be_answered_says_why(served, noded, problem, change, status, name, code):
    token = served.token("officer")
    noded.catch_up()

    answer = noded.post({"mark": "AB12CDE", "zone": "OT", **change}, token)

    problem(answer, status, name, code)


def test_an_answer_that_cannot_be_kept_does_not_leave(served, noded, problem):
    """No answer without its record (promise P9): a journal that is broken stands for a disk."""
    token = served.token("officer")
    noded.catch_up()
    noded.node.journal._broken = OSError("no disk")

    answer = noded.post({"mark": "AB12CDE", "zone": "OT"}, token)

    problem(answer, 503, "unavailable")
    assert "Do not issue a notice" in answer.json()["detail"]


def test_a_council_that_the_node_does_not_follow_is_not_there(served, noded, problem):
    noded.catch_up()

    problem(
        noded.post({}, served.token("officer"), "/api/v1/gravesham/node/checks"), 404, "not-found"
    )


def test_the_node_tells_how_much_it_knows_and_describes_itself(served, noded):
    before = noded.client.get("/api/v1/stevenage/node")
    noded.catch_up()
    after = noded.client.get("/api/v1/stevenage/node")
    document = noded.client.get("/openapi.json").json()

    assert not msgspec.json.decode(before.content, type=NodeState).answers
    told = msgspec.json.decode(after.content, type=NodeState)
    assert (told.answers, told.position) == (True, noded.follower.known.position)
    validate(document)
    assert set(document["paths"]) == {
        "/api/v1/{council}/node",
        "/api/v1/{council}/node/checks",
        "/api/v1/{council}/node/checks/batch",
    }
