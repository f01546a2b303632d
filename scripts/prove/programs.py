"""The program itself, as processes of its own: the web server and the worker, to be killed."""

import http.client
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 60.0
STOP_SECONDS = 30.0
_POLL_SECONDS = 0.02


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class Program:
    """`permit-ledger` with these arguments, on this database. What it says goes to `log`."""

    def __init__(self, dsn: str, log: Path, *arguments: str) -> None:
        self._environment = {**os.environ, "DATABASE_URL": dsn, "PYTHONPATH": str(ROOT)}
        self._arguments = arguments
        self._log = log
        self._process = self._started()

    def _started(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "scripts.main", *self._arguments],
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def start(self) -> None:
        """Where it has ended, once more."""
        if not self.alive:
            self._process = self._started()

    def kill(self) -> bool:
        """SIGKILL; False where it had ended by itself."""
        alive = self.alive
        self._process.kill()
        self._process.wait()
        return alive

    def stop(self) -> int:
        """Told to stop; its exit status. Killed where it does not."""
        self._process.terminate()
        try:
            return self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


def wait_for_web(program: Program, port: int) -> bool:
    """Until the web server answers at all; False where it does not in a minute."""
    given_up = time.monotonic() + READY_SECONDS
    while time.monotonic() < given_up:
        program.start()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/health")
            connection.getresponse().read()
        except OSError:
            time.sleep(_POLL_SECONDS)
        except http.client.HTTPException:
            time.sleep(_POLL_SECONDS)
        else:
            return True
        finally:
            connection.close()
    return False
