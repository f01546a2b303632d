"""Limits on everything that is sent: sizes, depth, characters, numbers, time.

What is past a limit is turned away before any rule is asked, with a problem that says so, and the
next request is answered as if nothing had happened.

Source: promises.md section 4 (limits, time-outs, bounded queues); OWASP API Top 10 (2023), 4.
"""

import asyncio
import socket
import time
from pathlib import Path

import httpx
import pytest

from tests.browser.harness import served as program
from tests.trust.people import COUNCIL
from tests.web.test_at_once import scope
from web.app import create_app
from web.bodies import BYTES_MAX, DEPTH_MAX, TEXT_MAX

CHECKS = f"/api/v1/{COUNCIL}/enforcement/checks"
PAGE = f"/{COUNCIL}/sign-in"


def sent_slowly(served, path, parts):
    """What is answered to a body whose beginning comes at once, and its end never."""
    app = create_app(served.councils, secure_cookies=False, body_seconds=0.2)
    waiting = [{"type": "http.request", "body": each, "more_body": True} for each in parts]
    told = []

    async def receive():
        if waiting:
            return waiting.pop(0)
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    async def send(message):
        told.append(message)

    asked = {**scope([("content-type", "application/json")]), "path": path}
    asked["raw_path"] = path.encode()
    asyncio.run(asyncio.wait_for(app(asked, receive, send), 10))
    return told[0]["status"]


@pytest.mark.parametrize("path", [CHECKS, f"/api/v1/{COUNCIL}/registrations", PAGE])
@pytest.mark.parametrize("parts", [[], [b"{"], [b"{", b'"mark"', b":"]])
def test_a_body_that_never_ends_is_given_up(served, path, parts):
    """A byte a minute must not hold a place for ever (slowloris)."""
    assert sent_slowly(served, path, parts) == 408


@pytest.fixture(scope="module")
def running(worker_database, tmp_path_factory):
    folder = Path(tmp_path_factory.mktemp("limits"))
    with program(worker_database, folder, (COUNCIL,)) as (address, _, _):
        yield address


def test_four_hundred_connections_that_say_nothing_keep_nobody_out(running):
    """Nor do those that begin a request and stop: there is room beside them."""
    port = int(running.rpartition(":")[2])
    head = f"POST {CHECKS} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    openings = (b"", head.encode(), f"{head}content-length: 100\r\n\r\n{{".encode())
    silent = []
    try:
        for n in range(400):
            one = socket.create_connection(("127.0.0.1", port), timeout=5)
            one.sendall(openings[n % 3])
            silent.append(one)
        for _ in range(5):
            assert httpx.get(f"{running}/health", timeout=10).status_code == 200
    finally:
        for one in silent:
            one.close()


@pytest.mark.parametrize(
    "headers", [{"x-a": "a" * 300_000}, {f"x-{n}": "a" for n in range(200)}], ids=["long", "many"]
)
def test_a_head_that_is_too_large_is_turned_away(running, headers):
    assert httpx.get(f"{running}/health", headers=headers, timeout=10).status_code in (400, 431)
    assert httpx.get(f"{running}/health", timeout=10).status_code == 200


def test_a_huge_body_is_turned_away_long_before_its_end(running):
    def parts():
        for _ in range(20_000):
            yield b"x" * 65_536

    began = time.monotonic()
    try:
        answer = httpx.post(f"{running}{CHECKS}", content=parts(), timeout=30)
    except httpx.TransportError:
        pass
    else:
        assert answer.status_code in (401, 413)
    assert time.monotonic() - began < 20
    assert httpx.get(f"{running}/health", timeout=10).status_code == 200


def test_what_is_not_http_is_no_fault_of_the_next(running):
    port = int(running.rpartition(":")[2])
    for junk in (
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x00" * 1000,
        b"POST " + CHECKS.encode() + b" HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        b"POST " + CHECKS.encode() + b" HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n"
        b"transfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /health HTTP/1.1\r\n\r\n",
        b"POST " + CHECKS.encode() + b" HTTP/1.1\r\nhost: x\r\n"
        b"content-length: 2\r\ncontent-length: 3\r\n\r\n{}",
    ):
        with socket.create_connection(("127.0.0.1", port), timeout=5) as one:
            one.sendall(junk)
            one.shutdown(socket.SHUT_WR)
            said = one.recv(4096)
        assert not said.startswith((b"HTTP/1.1 2", b"HTTP/1.1 5")), (junk[:40], said)
    assert httpx.get(f"{running}/health", timeout=10).status_code == 200


def nested(depth):
    return b'{"a":' * depth + b"1" + b"}" * depth


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (nested(DEPTH_MAX + 1), 400),
        (b"[" * 60_000, 400),
        (b'{"mark":"' + b"A" * (TEXT_MAX + 1) + b'","zone":"OT"}', 400),
        (b" " * (BYTES_MAX + 1), 413),
        (b'{"mark":"AB12CDE","zone":"OT","at":1e400}', 400),
        (b'{"mark":"AB12CDE","zone":"OT","at":-0}', 400),
        (b'{"mark":"AB12CDE","zone":' + b"9" * 30_000 + b"}", 400),
        (b'{"mark":"AB\\u0000","zone":"OT"}', 400),
        (b'{"mark":"AB\\ud800","zone":"OT"}', 400),
        (b'{"mark":"AB\\udfff\\ud800","zone":"OT"}', 400),
        (b'{"mark":"AB\xed\xa0\x80","zone":"OT"}', 400),
        (b'{"mark":"AB\xc0\x80","zone":"OT"}', 400),
        ('{"mark":"\u0410\u0412\u0421\u0415","zone":"OT"}'.encode(), 422),
        ('{"mark":"\uff21\uff22\uff11\uff12","zone":"OT"}'.encode(), 200),
        ('{"mark":"AB\u200b12","zone":"OT"}'.encode(), 422),
        ('{"mark":"AB\u06f1\u06f2","zone":"OT"}'.encode(), 422),
        ('{"mark":"AB\u202e12","zone":"OT"}'.encode(), 400),
    ],
)
def test_what_no_client_of_ours_sends_is_turned_away(people, body, status):
    """Depth, length, number, NUL, lone halves of characters, and letters that only look alike.

    Full-width letters are the same letters: they are read as what they are.
    """
    headers = {
        "authorization": f"Bearer {people.tokens['officer']}",
        "content-type": "application/json",
    }
    answer = people.served.client.post(CHECKS, content=body, headers=headers)

    assert answer.status_code == status, answer.text


def test_a_list_has_as_many_entries_as_it_may(people):
    check = {"mark": "AB12CDE", "zone": "OT"}
    headers = {"authorization": f"Bearer {people.tokens['officer']}"}
    for many, status in ((0, 400), (200, 200), (201, 400)):
        body = {"checks": [check] * many}
        answer = people.served.client.post(f"{CHECKS}/batch", json=body, headers=headers)
        assert answer.status_code == status, many


@pytest.mark.parametrize("value", ["\x00", "\x7f", "a" * 201, "", "\xe9"])
@pytest.mark.parametrize("name", ["idempotency-key", "x-device", "x-on-behalf-of", "x-channel"])
def test_a_header_that_is_none_is_no_fault(people, name, value):
    headers = [
        (b"authorization", f"Bearer {people.tokens['staff']}".encode()),
        (b"idempotency-key", b"header"),
        (name.encode(), value.encode("latin-1")),
    ]
    for path in (
        CHECKS,
        f"/api/v1/{COUNCIL}/households/{people.own.id}/commands/book_voucher",
    ):
        body = {"mark": "AB12CDE", "zone": "OT"} if path == CHECKS else {"vehicles": ["AB12CDE"]}
        answer = people.served.client.post(path, json=body, headers=headers)
        assert answer.status_code < 500, answer.text
