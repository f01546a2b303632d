"""What a newcomer starts: everything comes up, says what to try, and goes away on Ctrl-C."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psycopg

from scripts.sample import PROPERTY, sample_of
from services.councils import open_councils

ROOT = Path(__file__).resolve().parent.parent.parent


def test_every_sample_council_has_a_vehicle_that_is_covered_now(database: str) -> None:
    """Whatever its scheme sells; made again, it is the same household and nothing is bought."""
    with open_councils(database) as councils:
        for council in councils.values():
            first = sample_of(council)
            version = council.ledger.household(council.ledger.household_id(PROPERTY)).version
            second = sample_of(council)
            again = council.ledger.household(council.ledger.household_id(PROPERTY)).version

            assert first.covered == second.covered == "AB12CDE", council.id
            assert again == version
            assert not set(first.tokens.values()) & set(second.tokens.values())


def test_everything_starts_and_ends_together(database: str, tmp_path: Path) -> None:
    """The addresses and sign-ins that are printed work; Ctrl-C leaves nothing running."""
    port = _free_port()
    command = [sys.executable, "-m", "scripts.running", "--port", str(port), "--households", "2"]
    environment = {
        **os.environ,
        "DATABASE_URL": database,
        "PERMIT_LEDGER_DATA": str(tmp_path / "data"),
    }
    running = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert running.stdout is not None
        printed = []
        for line in running.stdout:
            printed.append(line)
            if "Ctrl-C" in line:
                break
        said = "".join(printed)
        address = f"http://127.0.0.1:{port}"
        assert address in said, running.communicate()
        assert json.load(urllib.request.urlopen(f"{address}/health"))
        with urllib.request.urlopen(f"{address}/stevenage/officer") as page:
            assert page.status == 200
        assert _covered(said, address)
        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=30) == 0
    finally:
        running.kill()
        running.communicate()
    assert _connections(database) == 0


def _covered(said: str, address: str) -> bool:
    """The check that the introduction gives as its example, sent as it says."""
    path = next(word for word in said.split() if word.endswith("/enforcement/checks"))
    bearer = next(line for line in said.splitlines() if "authorization:" in line).split("'")[1]
    body = next(line for line in said.splitlines() if line.strip().startswith("-d ")).split("'")[1]
    assert path.startswith(address)
    request = urllib.request.Request(
        path,
        data=body.encode(),
        headers={
            "authorization": bearer.removeprefix("authorization: "),
            "content-type": "application/json",
        },
    )
    with urllib.request.urlopen(request) as answered:
        return bool(json.load(answered)["covered"])


def _connections(dsn: str) -> int:
    """How many others are connected, once those that are leaving have left."""
    left = -1
    with psycopg.connect(dsn, autocommit=True) as connection:
        for _ in range(50):
            row = connection.execute(
                "select count(*) from pg_stat_activity where datname = current_database()"
                " and pid <> pg_backend_pid() and backend_type = 'client backend'"
            ).fetchone()
            assert row is not None
            left = int(row[0])
            if left == 0:
                break
            time.sleep(0.1)
    return left


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
