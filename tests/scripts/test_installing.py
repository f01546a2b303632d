"""What a fresh clone installs, and where the embedded database's data goes.

Source: design sections 7 and 8.
"""

import re
import tomllib
from pathlib import Path

import pytest

from services.folders import CHECKOUT, data_folder

ROOT = Path(__file__).resolve().parent.parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock")


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_exact_versions_with_hashes_and_no_place(lock: str) -> None:
    """It installs the same on every machine, from whichever registry that machine uses."""
    text = (ROOT / lock).read_text()

    entries = re.split(r"\n(?=\S)", text.strip())
    assert "/" not in text.replace("sys_platform", "")
    for entry in entries:
        assert re.match(r"[a-z0-9.-]+(\[[a-z,]+\])?==[0-9][^ ]* ", entry), entry
        assert "--hash=sha256:" in entry


def test_the_locks_hold_every_dependency_and_agree() -> None:
    """What pyproject.toml names is locked; what both locks hold is of one version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    runtime, dev = (_locked(lock) for lock in LOCKS)
    named = [
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["embedded"],
        *project["dependency-groups"]["build"],
    ]

    assert {_name(each) for each in named} <= runtime.keys()
    assert {_name(each) for each in project["dependency-groups"]["dev"]} <= dev.keys()
    assert runtime.items() <= dev.items()


@pytest.mark.parametrize("name", ["run", "test", "bench", "prepare", "lock"])
def test_what_a_newcomer_runs_can_be_run(name: str) -> None:
    """Its mode survives a clone, and it runs from any folder."""
    script = ROOT / "scripts" / name

    assert script.stat().st_mode & 0o111
    assert 'cd "$(dirname "$0")/.."' in script.read_text()


def test_the_data_is_in_the_checkout_unless_it_is_named() -> None:
    """PERMIT_LEDGER_DATA moves it; an empty setting is none."""
    assert data_folder({}) == CHECKOUT / ".data" / "postgres"
    assert data_folder({"PERMIT_LEDGER_DATA": ""}) == CHECKOUT / ".data" / "postgres"
    assert data_folder({"PERMIT_LEDGER_DATA": "elsewhere"}) == Path("elsewhere")


def test_installed_elsewhere_the_data_is_the_users_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never beside the program's files, which may be anybody's."""
    monkeypatch.setattr("services.folders.CHECKOUT", tmp_path)

    assert data_folder({"XDG_DATA_HOME": "data"}) == Path("data") / "permit-ledger"
    assert data_folder({}) == Path.home() / ".local" / "share" / "permit-ledger"


def _locked(lock: str) -> dict[str, str]:
    found = re.findall(r"^([a-z0-9.-]+)(?:\[[a-z,]+\])?==([^ ]+)", (ROOT / lock).read_text(), re.M)
    return dict(found)


def _name(requirement: str) -> str:
    return re.split(r"[\[<>=!~ ]", requirement, maxsplit=1)[0].lower().replace("_", "-")
