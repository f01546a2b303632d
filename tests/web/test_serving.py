"""The real server: one process that answers over TCP, and when stopped ends what is running."""

import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psycopg
import pytest

from services.identity.tokens import make_token

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import sys
from services.councils import open_councils
from web.serving import serve
with open_councils(sys.argv[1], ["stevenage"]) as councils:
    serve(councils, port=int(sys.argv[2]))
print("stopped", flush=True)
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def running(database):
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, database, str(port)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and process.poll() is None:
            try:
                client.get("/health")
                break
            except httpx.TransportError:
                time.sleep(0.05)
        yield process, client
    process.kill()
    process.wait()


def test_it_answers_and_a_running_request_is_finished_before_it_stops(running, database):
    process, client = running
    with psycopg.connect(database, autocommit=True) as connection:
        token = make_token(connection, "stevenage", "officer", "o")
    headers = {"authorization": f"Bearer {token}"}
    body = {"mark": "AB12CDE", "zone": "OT"}
    path = "/api/v1/stevenage/enforcement/checks"
    assert client.post(path, json=body, headers=headers).json()["covered"] is False

    with psycopg.connect(database) as other:
        other.execute("lock table stevenage.lookups in access exclusive mode")
        with ThreadPoolExecutor(1) as executor:
            request = executor.submit(client.post, path, json=body, headers=headers)
            time.sleep(0.3)
            process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
            other.rollback()
            answer = request.result(timeout=10)

    assert answer.status_code == 200
    written, noted = process.communicate(timeout=15)
    assert (process.returncode, written) == (0, "stopped\n")
    assert '"route":"check"' in noted
    assert "AB12CDE" not in noted


def test_a_stream_is_told_of_changes_and_ends_when_the_server_stops(running, database):
    process, client = running
    with psycopg.connect(database, autocommit=True) as connection:
        token = make_token(connection, "stevenage", "officer", "o")
    headers = {"authorization": f"Bearer {token}"}
    path = "/api/v1/stevenage/enforcement/zones/OT/stream?seconds=300"

    with client.stream("GET", path, headers=headers) as streamed:
        assert streamed.headers["content-type"].startswith("text/event-stream")
        lines = streamed.iter_lines()
        assert [next(lines), next(lines), next(lines)] == ["retry: 1000", "", ": nothing new"]
        process.send_signal(signal.SIGTERM)
        rest = list(lines)

    assert len(rest) < 20
    process.communicate(timeout=15)
    assert process.returncode == 0
