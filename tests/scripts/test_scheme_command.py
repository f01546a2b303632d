"""`permit-ledger scheme`: what is printed, and the exit status.

Source: issue "Every scheme".
"""

import json
from pathlib import Path

import pytest

from scripts.main import main
from tests.scheme.files import SCHEMES

EXAMPLE = """
[[scenario]]
id = "P-1"
title = "the price is the file's"
scheme = "%s"

[[scenario.steps]]
at = "2026-01-10 09:00"
do = "quote"
product = "day-permit"
quantity = 5
expect = { pence = %d }
"""

Captured = pytest.CaptureFixture[str]


def test_show_prints_a_scheme_as_a_resident_reads_it(capsys: Captured):
    assert main(["scheme", "show", "bath"]) == 0

    printed = capsys.readouterr().out
    assert printed.startswith("Bath: parking for visitors (bath@2013-10-01)\n")
    assert "\nDay permit\n  It is on paper.\n  It costs £1 for each permit.\n" in printed


def test_show_as_json_has_the_same_sentences(capsys: Captured):
    assert main(["scheme", "show", "bath", "--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["scheme"] == "bath"
    (permit,) = [each for each in told["sections"] if each["about"] == "day-permit"]
    assert permit["heading"] == "Day permit"
    assert "It costs £1 for each permit." in permit["sentences"]


def test_diff_is_one_where_something_differs_and_zero_where_nothing_does(capsys: Captured):
    assert main(["scheme", "diff", "norwich-2014-july", "norwich-2015"]) == 1
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "From norwich-2014-july@2014-07-01 to norwich-2015@2015-01-01:"
    assert (
        "  Short Stay visitor permit: the limit of one stay changes from 2 hours to 4 hours"
        in printed
    )

    assert main(["scheme", "diff", "york", str(SCHEMES / "york.toml")]) == 0
    assert capsys.readouterr().out == "york@2013-10-01 and york@2013-10-01 are alike\n"


def test_diff_as_json_names_the_key_the_values_and_the_words(capsys: Captured):
    assert main(["scheme", "diff", "norwich-2014-july", "norwich-2015", "--json"]) == 1

    found = json.loads(capsys.readouterr().out)
    assert (found["old"], found["new"]) == (
        "norwich-2014-july@2014-07-01",
        "norwich-2015@2015-01-01",
    )
    assert found["changes"][0] == {
        "subject": "Short Stay visitor permit",
        "key": "products.short-stay.use",
        "label": "the limit of one stay",
        "old": "2 hours",
        "new": "4 hours",
        "words": "Short Stay visitor permit: the limit of one stay changes from 2 hours to 4 hours",
    }


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["show", "nowhere"], 1, "no such scheme: nowhere"),
        (["show", "nowhere.toml"], 2, "nowhere.toml: No such file or directory"),
        (["diff", "york"], 2, "requires an argument"),
        (["check", "nowhere.toml"], 2, "nowhere.toml: No such file or directory"),
    ],
)
def test_what_is_not_there_is_said_in_one_line(
    arguments: list[str], status: int, says: str, capsys: Captured
):
    assert main(["scheme", *arguments]) == status

    (line,) = capsys.readouterr().err.splitlines()
    assert says in line


def test_a_file_that_is_not_valid_is_told_every_fault(tmp_path: Path, capsys: Captured):
    file = tmp_path / "mine.toml"
    file.write_text("schema = 2\n")

    assert main(["scheme", "check", str(file)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    lines = printed.err.splitlines()
    assert "mine.toml: schema: found 2; allowed: 1" in lines
    assert lines[-1].endswith(f"mine.toml: not valid, {len(lines) - 1} faults")

    assert main(["scheme", "diff", str(file), "york"]) == 2


def test_a_valid_file_without_examples_is_valid(tmp_path: Path, capsys: Captured):
    file = tmp_path / "mine.toml"
    file.write_text((SCHEMES / "brighton.toml").read_text())

    assert main(["scheme", "check", str(file)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2:] == ["brighton@2013-10-01: valid, 3 warnings", "no example names brighton"]
    assert all(line.startswith("warning: mine.toml: ") for line in lines[:-2])


@pytest.mark.parametrize(("pence", "status"), [(600, 0), (500, 1)])
def test_examples_run_against_the_file_and_not_the_programs_own(
    pence: int,
    status: int,
    tmp_path: Path,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
):
    """A scheme that is not in the program: a file of another price, its examples beside it."""
    monkeypatch.setenv("DATABASE_URL", database)
    folder = tmp_path / "tests" / "scenarios"
    folder.mkdir(parents=True)
    text = (SCHEMES / "york.toml").read_text().replace("pence = 500", "pence = 600")
    file = tmp_path / "elsewhere.toml"
    file.write_text(text.replace('id = "york"', 'id = "elsewhere"'))
    (folder / "elsewhere.toml").write_text(EXAMPLE % ("elsewhere", pence))
    (folder / "york.toml").write_text(EXAMPLE % ("york", 1))

    assert main(["scheme", "check", str(file), "--jobs", "1"]) == status
    printed = capsys.readouterr().out
    assert f"{'pass' if status == 0 else 'FAIL'} P-1 the price is the file's\n" in printed
    assert printed.endswith("1 passed, 0 failed\n" if status == 0 else "0 passed, 1 failed\n")


def test_examples_of_a_named_folder_run_in_processes_too(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch, capsys: Captured
):
    """A changed file of a scheme that the program has: the file is what is meant."""
    monkeypatch.setenv("DATABASE_URL", database)
    file = tmp_path / "york.toml"
    file.write_text((SCHEMES / "york.toml").read_text().replace("pence = 500", "pence = 700"))
    folder = tmp_path / "examples"
    folder.mkdir()
    for n in (1, 2):
        (folder / f"{n}.toml").write_text(EXAMPLE % ("york", 700))

    assert main(["scheme", "check", str(file), "--scenarios", str(folder), "--jobs", "2"]) == 0
    assert capsys.readouterr().out.endswith("2 passed, 0 failed\n")
