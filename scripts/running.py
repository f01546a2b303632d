"""What `scripts/run` starts: database, sample councils, web server and worker; Ctrl-C ends all.

The data stays: started again, the same councils are there. An embedded server that ran before is
left running.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import Event
from types import FrameType

from ledger.refusals import LedgerError
from ledger.store.migrating import MigrationError
from scripts import simulating
from scripts.sample import EMAIL, Sample, sample_of
from scripts.settings import data_folder, database
from scripts.upgrading import filled
from services.council import Council
from services.councils import open_councils
from services.postgres import EmbeddedPostgres, PostgresFault
from services.postgres.accounts import USER_SETTING

HOST = "127.0.0.1"
HOUSEHOLDS, YEARS, SEED = 25, 0.5, 1
_PORTS_TRIED = 50
_START_SECONDS, _END_SECONDS = 60.0, 20.0


class Ended(Exception):
    """One of the processes ended by itself, or never answered."""


def main(arguments: list[str]) -> int:
    """0 after Ctrl-C or SIGTERM, 1 where something did not start or ended by itself."""
    asked = _arguments(arguments)
    stop = Event()

    def end(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    try:
        with ExitStack() as stack:
            _run(asked, stop, stack)
    except (Ended, PostgresFault, LedgerError, MigrationError) as error:
        sys.stderr.write(f"scripts/run: {error}\n")
        return 1
    sys.stdout.write("Everything has ended; the data is kept for the next time.\n")
    return 0


def _arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/run", description=__doc__)
    parser.add_argument("--port", type=int, default=8080, help="or the next free one (8080)")
    parser.add_argument(
        "--households", type=int, default=HOUSEHOLDS, help=f"to invent in each ({HOUSEHOLDS})"
    )
    return parser.parse_args(arguments)


def _run(asked: argparse.Namespace, stop: Event, stack: ExitStack) -> None:
    _say("starting the database")
    dsn = _database(stack)
    with open_councils(dsn, grown=filled) as councils:
        for name, council in councils.items():
            if stop.is_set():
                return
            if _is_empty(council):
                _say(f"inventing a history for {name}")
                simulating.main(name, asked.households, YEARS, SEED, dsn, True)
        samples = [sample_of(council) for council in councils.values()]
    port = _free_port(asked.port)
    _say("starting the web server and the worker")
    environment = {**os.environ, "DATABASE_URL": dsn}
    # The sandbox's outbox is beside the data, wherever the database is.
    environment.setdefault("PERMIT_LEDGER_DATA", str(data_folder(os.environ)))
    serve = ["serve", "--host", HOST, "--port", str(port), "--sandbox"]
    processes = [_started(name, environment, stack) for name in (serve, ["work"])]
    _wait_until_served(port, processes, stop)
    if not stop.is_set():
        sys.stdout.write(introduction(samples, f"http://{HOST}:{port}"))
        sys.stdout.flush()
    while not stop.wait(0.5):
        _refuse_ended(processes)


def _database(stack: ExitStack) -> str:
    """The DSN; an embedded server that is started here is ended at the end."""
    if not os.environ.get("DATABASE_URL"):
        user = os.environ.get(USER_SETTING, "")
        server = EmbeddedPostgres(data_folder(os.environ), user=user)
        if server.status().state != "running":
            stack.callback(server.stop)
    return database(os.environ)


def _is_empty(council: Council) -> bool:
    with council.pool.connection() as connection:
        found = connection.execute(f"select from {council.schema}.stored_events limit 1")
        return found.rowcount == 0


def _free_port(first: int) -> int:
    for port in range(first, min(first + _PORTS_TRIED, 65536)):
        with socket.socket() as trial, suppress(OSError):
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((HOST, port))
            return port
    raise Ended(f"no port is free from {first} on")


def _started(
    arguments: list[str], environment: dict[str, str], stack: ExitStack
) -> subprocess.Popen[bytes]:
    log = _log(arguments[0])
    log.parent.mkdir(parents=True, exist_ok=True)
    # A session of its own: Ctrl-C reaches this process alone, which ends the others in order.
    with log.open("ab") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "scripts.main", *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=written,
            start_new_session=True,
        )
    stack.callback(_end, process)
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_until_served(port: int, processes: list[subprocess.Popen[bytes]], stop: Event) -> None:
    until = time.monotonic() + _START_SECONDS
    while not stop.is_set():
        _refuse_ended(processes)
        with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        if time.monotonic() > until:
            raise Ended(f"the web server does not answer on port {port}")
        time.sleep(0.1)


def _refuse_ended(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is not None:
            name = process.args[3] if isinstance(process.args, list) else ""
            raise Ended(f"{name} ended with status {process.returncode}; its log is {_log(name)}")


def _log(name: str) -> Path:
    return data_folder(os.environ) / f"{name}.log"


def introduction(samples: list[Sample], address: str) -> str:
    """What a newcomer needs: where, what to type, and as whom."""
    lines = ["", f"The interface is at {address} and described at {address}/openapi.json", ""]
    for sample in samples:
        lines += [
            f"{sample.council}",
            f"  officer's page    {address}/{sample.council}/officer",
            f"  in zone           {sample.zone}",
            f"  covered now       {sample.covered or '(nothing covers a visitor at this hour)'}",
            f"  one letter off    {sample.near}",
            f"  not known         {sample.uncovered}",
            f"  its household     {sample.household}",
            "  sign in as",
            *(f"    {role:<15} {token}" for role, token in sample.tokens.items()),
            f"  the pages         {address}/{sample.council}",
            f"  a resident at     {address}/{sample.council}/sign-in",
            f"    {EMAIL}, and the PIN: the page says where it is",
            f"  staff at          {address}/{sample.council}/staff/sign-in",
            *(f"    {name:<15} {password}" for name, password in sample.staff.items()),
            "",
        ]
    first = samples[0]
    lines += [
        "For example:",
        f"  curl -s {address}/api/v1/{first.council}/enforcement/checks \\",
        f"    -H 'authorization: Bearer {first.tokens['officer']}' \\",
        "    -H 'content-type: application/json' \\",
        f'    -d \'{{"mark": "{first.covered or first.uncovered}", "zone": "{first.zone}"}}\'',
        "",
        "A member of staff signs in with a code as well:",
        f"  .venv/bin/permit-ledger staff code sample-staff --council {first.council}",
        "",
        "The tokens are good for half a day. Ctrl-C ends everything; the data is kept.",
        "",
    ]
    return "\n".join(lines)


def _say(what: str) -> None:
    sys.stderr.write(f"{what} ...\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
