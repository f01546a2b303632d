"""Where the peers are: npm packages of a lock, fetched only when a bench is asked for them.

They are in the bench's own folder, which git does not see. Nothing of the product needs them.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PLACE = Path(".data") / "bench-peers"
_COPIED = ("package.json", "package-lock.json", ".npmrc", "emmett.mjs")
_INSTALL_SECONDS_MAX = 300


class NotInstalled(Exception):
    """The peers are not there, or could not be fetched; the message says what to do."""


def installed() -> bool:
    """Whether they are there, of this lock."""
    return (
        all(
            (PLACE / name).is_file() and (PLACE / name).read_bytes() == (HERE / name).read_bytes()
            for name in _COPIED
        )
        and (PLACE / "node_modules" / ".package-lock.json").is_file()
    )


def install() -> None:
    """Fetch what the lock names, with its digests checked. Raises NotInstalled."""
    if installed():
        return
    PLACE.mkdir(parents=True, exist_ok=True)
    for name in _COPIED:
        shutil.copyfile(HERE / name, PLACE / name)
    try:
        done = subprocess.run(
            ["npm", "ci", "--no-progress", "--loglevel=error"],
            cwd=PLACE,
            env={**os.environ, "PATH": path()},
            check=False,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_INSTALL_SECONDS_MAX,
        )
    except (FileNotFoundError, subprocess.TimeoutExpired) as error:
        raise NotInstalled(f"the peers could not be fetched: {error}") from error
    if done.returncode != 0:
        raise NotInstalled(f"npm could not fetch the peers: {done.stdout.strip()[-500:]}")


def path() -> str:
    """Where programs are looked for: beside our own Python first, as Node is a package of it."""
    return os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
