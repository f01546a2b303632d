"""Checks are answered straight from the server; what is not plainly right goes the usual way."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from hashlib import sha256

import pytest

from services.identity.tokens import digest_of, revoke_token
from tests.web.test_checks import CHECKS, covered_home
from web.bodies import BYTES_MAX

ADDRESS = f"/api/v1/{CHECKS}"


def scope(headers):
    """A request for a check, as a server hands it over."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": ADDRESS,
        "raw_path": ADDRESS.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }


def sent_in_parts(served, parts, headers):
    """What the application answers to a body that comes in these parts: status, headers, bytes."""
    waiting = [
        {"type": "http.request", "body": part, "more_body": n + 1 < len(parts)}
        for n, part in enumerate(parts)
    ]
    told = []

    async def receive():
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message):
        told.append(message)

    asyncio.run(served.app(scope(headers), receive, send))
    content = b"".join(each.get("body", b"") for each in told[1:])
    return told[0]["status"], dict(told[0]["headers"]), content


def by(token):
    return [("authorization", f"Bearer {token}"), ("content-type", "application/json")]


def receipts(served, where, *values):
    with served.councils["stevenage"].pool.connection() as connection:
        return connection.execute(
            f"select answer, answer_digest from stevenage.lookups where {where}", values
        ).fetchall()


def test_a_revoked_token_is_refused_by_the_very_next_check(served, problem):
    """The token is looked up in the snapshot that answers: nothing of it is remembered."""
    token = served.token("officer")
    body = {"mark": "REV0KED", "zone": "OT"}
    assert served.post(CHECKS, body, token).status_code == 200

    with served.councils["stevenage"].pool.connection() as connection:
        assert revoke_token(connection, "stevenage", digest_of(token).hex()[:12])

    problem(served.post(CHECKS, body, token), 401, "not-signed-in")
    assert len(receipts(served, "shown = 'REV0KED'")) == 1


def test_those_who_ask_at_once_each_get_their_own_answer_or_problem(served):
    """One at fault spoils nobody else's, and each answer is on record in the bytes that were sent
    (promise P9).
    """
    covered_home(served, "CR0WD00")
    token = served.token("officer")
    asked = {
        "good": ({"mark": "CR0WD00", "zone": "OT"}, token, 200),
        "other": ({"mark": "CR0WD99", "zone": "OT"}, token, 200),
        "no mark": ({"mark": "?!", "zone": "OT"}, token, 422),
        "no zone": ({"mark": "CR0WD00", "zone": "ZZ"}, token, 422),
        "nobody": ({"mark": "CR0WD00", "zone": "OT"}, "plt_unknown", 401),
        "a resident": ({"mark": "CR0WD00", "zone": "OT"}, served.home().token, 403),
        "another day": (
            {"mark": "CR0WD00", "zone": "OT", "at": "2026-01-01T00:00:00Z"},
            token,
            403,
        ),
        "a word more": ({"mark": "CR0WD00", "zone": "OT", "colour": "red"}, token, 400),
        "no JSON": (b"{", token, 400),
    }

    def ask(name):
        body, secret, _ = asked[name]
        return served.post(CHECKS, body, secret, x_device="crowd")

    names = [*asked] * 6
    with ThreadPoolExecutor(12) as askers:
        answers = list(askers.map(ask, names))

    assert [each.status_code for each in answers] == [asked[name][2] for name in names]
    covered = {name: each.json()["covered"] for name, each in zip(names, answers, strict=True)
               if each.status_code == 200}  # fmt: skip
    assert covered == {"good": True, "other": False}
    told = sorted(each.text for each in answers if each.status_code == 200)
    kept = receipts(served, "device = 'crowd'")
    assert sorted(text for text, _ in kept) == told
    assert all(digest == sha256(text.encode()).digest() for text, digest in kept)


def test_checks_go_on_while_commands_hold_every_connection_of_theirs(served):
    pool = served.councils["stevenage"].pool
    token = served.token("officer")
    with ExitStack() as taken:
        for _ in range(pool.max_size):
            taken.enter_context(pool.connection())
        answer = served.post(CHECKS, {"mark": "TAKEN01", "zone": "OT"}, token)

    assert answer.status_code == 200


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_a_body_may_come_in_any_number_of_parts(served, size):
    body = json.dumps({"mark": "PARTS01", "zone": "OT"}).encode()
    parts = [body[n : n + size] for n in range(0, len(body), size)]

    status, headers, content = sent_in_parts(served, parts, by(served.token("officer")))

    assert (status, json.loads(content)["mark"]) == (200, "PARTS01")
    assert headers[b"content-length"] == str(len(content)).encode()
    assert headers[b"cache-control"] == b"no-store"


def test_a_body_that_is_too_long_is_turned_away_and_not_read_to_its_end(served):
    parts = [b'{"mark": "' + b"A" * BYTES_MAX, b"A" * BYTES_MAX, b'"}']

    status, headers, content = sent_in_parts(served, parts, by(served.token("officer")))

    assert (status, json.loads(content)["type"]) == (413, "/problems/too-large")
    assert headers[b"content-type"].startswith(b"application/problem+json")


def test_a_header_that_came_twice_is_read_as_by_every_other_address(served):
    body = json.dumps({"mark": "TW1CE01", "zone": "OT"}).encode()
    headers = [*by(served.token("officer")), ("x-device", "first"), ("x-device", "second")]

    status, _, content = sent_in_parts(served, [body], headers)

    assert status == 200
    assert receipts(served, "device in ('first', 'second')")[0][0] == content.decode()


def test_a_sender_who_hangs_up_before_the_end_leaves_nothing_on_record(served):
    """Half a question is none."""
    body = json.dumps({"mark": "G0NE001", "zone": "OT"}).encode()
    headers = by(served.token("officer"))
    waiting = [
        {"type": "http.request", "body": body, "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive():
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def ask():
        one = scope(headers)
        found = served.app.at_once.of(one)
        return await served.app.at_once.answered(one, *found, receive, None)

    again = asyncio.run(ask())

    assert asyncio.run(again())["body"] == body
    assert asyncio.run(again())["type"] == "http.disconnect"
    assert receipts(served, "shown = 'G0NE001'") == []
