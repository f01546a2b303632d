"""`permit-ledger evidence`: two files and their names, and what is asked for wrongly."""

import json
from pathlib import Path

import pytest

from scripts.main import main

CASE = {"--council": "stevenage", "--mark": "G885WFE", "--zone": "OT", "--at": "2024-01-10 15:05"}


@pytest.fixture(autouse=True)
def ledger(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line's database is this test's."""
    monkeypatch.setenv("DATABASE_URL", database)


def made(out: Path, **changed: str) -> int:
    """The exit status of the command, with these options added or replaced."""
    options = {**CASE, "--out": str(out)}
    options |= {f"--{name.replace('_', '-')}": value for name, value in changed.items()}
    return main(["evidence", *(part for option in options.items() for part in option)])


def test_both_forms_are_written_and_their_names_printed_without_the_mark(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """The folder is made where there is none; on paper and for machines."""
    assert made(tmp_path / "packs") == 0

    twin, document = [Path(line) for line in capsys.readouterr().out.splitlines()]
    assert json.loads(twin.read_bytes())["question"]["mark"] == "G885WFE"
    assert document.read_bytes().startswith(b"%PDF-")
    assert twin.stem == document.stem
    assert twin.stem.startswith("evidence-stevenage-20240110T150500Z-")


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"council": "nowhere"}, 1, "nowhere"),
        ({"mark": "?"}, 1, "2 to 12 letters and digits"),
        ({"at": "yesterday"}, 2, "--at is YYYY-MM-DD HH:MM"),
        ({"at": ""}, 2, "--at is needed"),
        ({"at": "2999-01-01 00:00"}, 2, "--at lies in the future"),
        ({"as_of": "2024-01-10 15:00"}, 2, "--as-of lies before the instant"),
        ({"as_of": "2999-01-01 00:00"}, 2, "--as-of lies in the future"),
        (
            {"known": "2024-01-12 15:00", "as_of": "2024-01-11 15:00"},
            2,
            "--known lies after the instant",
        ),
        ({"zone": "XX"}, 2, "--zone is one of OT, NT, not XX"),
        ({"zone": ""}, 2, "--zone is needed"),
        ({"pcn": "x"}, 2, "--pcn is 4 to 20"),
        ({"property": "nobody"}, 1, "household"),
        ({"household": "nobody"}, 2, "--household is an id"),
    ],
)
def test_what_is_asked_wrongly_is_told_and_nothing_is_written(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    changed: dict[str, str],
    status: int,
    said: str,
):
    assert made(tmp_path, **changed) == status

    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_to_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "file").write_text("")

    assert made(tmp_path / "file") == 2
    assert "--out cannot be written to" in capsys.readouterr().err
