"""Rebuild and verify as a person meets them: what is printed, and the exit status.

Source: design section 6; promises P5, P7, P10.
"""

import json
from collections.abc import Iterator

import pytest

from commands.book_voucher import BookVoucher
from projections.registry import EVERY
from replay.rebuild import compare
from scripts.main import main
from tests.replay.town import Town, town

ASKED = ["--council", "stevenage"]


@pytest.fixture
def lived(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """A household that booked a visit, and a command line on the same database."""
    monkeypatch.setenv("DATABASE_URL", database)
    with town(database) as made:
        made.at("2026-11-19 10:00").move_in().buy("virtual-visitor-vouchers")
        made.do(BookVoucher(vehicles=("G885WFE",), start="2026-11-20 08:00"))
        made.catch_up()
        yield made


def altered(made: Town, statement: str) -> None:
    with made.council.pool.connection() as connection:
        connection.execute(statement.encode())


UNKNOWN = (
    "update stevenage.stored_events set state = convert_to(replace(convert_from(state, 'UTF8'),"
    " 'voucher_booked.v1', 'voucher_booked.v9'), 'UTF8')"
)


def test_models_are_rebuilt_by_name_or_all_of_them(lived: Town, capsys: pytest.CaptureFixture[str]):
    """What was wrong is right again; a line says how much was told."""
    altered(lived, "delete from stevenage.active_registrations")

    assert main(["rebuild", "active-registrations", *ASKED]) == 0
    said = capsys.readouterr().out
    assert said.startswith("active-registrations: 7 events, rows: 1 in active_registrations")

    assert main(["rebuild", *ASKED]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(EVERY)
    assert compare(lived.council.ledger, EVERY) == []


def test_a_model_that_there_is_not_is_asked_for_wrongly(
    lived: Town, capsys: pytest.CaptureFixture[str]
):
    """Exit status 2, and the names there are."""
    assert main(["rebuild", "nonsense", *ASKED]) == 2

    said = capsys.readouterr().err
    assert "no such model: nonsense" in said
    assert "active-registrations" in said


def test_an_unknown_kind_of_fact_stops_a_rebuild_loudly(
    lived: Town, capsys: pytest.CaptureFixture[str]
):
    """It says what and where, and the live tables are as they were."""
    altered(lived, UNKNOWN)

    assert main(["rebuild", "allowances", *ASKED]) == 1

    said = capsys.readouterr().err
    assert "voucher_booked.v9" in said
    assert f"household {lived.home}, version 7, position" in said
    assert "the live tables are as they were" in said


def test_a_whole_ledger_is_said_to_be_whole(lived: Town, capsys: pytest.CaptureFixture[str]):
    """Exit status 0, with how much was looked at."""
    assert main(["verify", *ASKED]) == 0
    assert capsys.readouterr().out.startswith("whole: 7 events of 1 households")

    assert main(["verify", *ASKED, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True


def test_the_first_difference_is_located(lived: Town, capsys: pytest.CaptureFixture[str]):
    """Stream, version, position, table and column; exit status 1 (issue: verify)."""
    altered(lived, "update stevenage.active_registrations set zone = 'NT'")

    assert main(["verify", *ASKED]) == 1
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith(f"row: household {lived.home}, version 7, position ")
    assert "active_registrations" in first
    assert "zone is NT, by the facts OT" in first

    assert main(["verify", *ASKED, "--json"]) == 1
    (problem,) = json.loads(capsys.readouterr().out)["problems"]
    assert problem["difference"]["columns"] == ["zone"]
    assert problem["position"] > 0


def test_a_council_that_there_is_not_is_not_found(lived: Town, capsys: pytest.CaptureFixture[str]):
    """Exit status 1, as of every other command."""
    assert main(["verify", "--council", "atlantis"]) == 1
    assert "no such council: atlantis" in capsys.readouterr().err
