"""`permit-ledger prove` and `permit-ledger database restored`, as a person meets them."""

import json

import psycopg
import pytest

from scripts.main import main
from scripts.prove import pieces, proving
from scripts.prove.pieces import Piece
from scripts.prove.reached import Reached
from services.councils import open_councils

COUNCIL = "stevenage"


def kept(figure: int, until: float) -> Reached:
    return Reached(reached=figure, note="all of it")


def broken(figure: int, until: float) -> Reached:
    return Reached(reached=1, faults=("an acknowledged command is not in the ledger",))


def a_piece(name: str, function: str) -> Piece:
    return Piece(
        promise="P1",
        name=name,
        unit="kills",
        promised=9,
        quick=3,
        share=1,
        run=f"tests.scripts.test_proving:{function}",
    )


@pytest.fixture
def proven(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces that come to what they are told to."""
    made = (a_piece("first", "kept"), a_piece("second", "broken"), a_piece("third", "nowhere"))
    monkeypatch.setattr(proving, "PIECES", made[:2])
    monkeypatch.setattr(pieces, "PIECES", made)


def test_each_piece_is_one_line_and_a_broken_promise_is_a_failure(
    proven: None, capsys: pytest.CaptureFixture[str]
) -> None:
    """Figure reached, figure promised, verdict; what broke is told beneath."""
    assert main(["prove"]) == 1

    first, second, fault = capsys.readouterr().out.splitlines()
    assert first.split()[:7] == ["P1", "first", "pass", "9", "of", "9", "kills"]
    assert second.split()[:7] == ["P1", "second", "fail", "1", "of", "9", "kills"]
    assert fault.strip() == "an acknowledged command is not in the ledger"


def test_the_figures_of_ci_and_json_can_be_asked_for(
    proven: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["prove", "first", "--quick", "--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert (told["promise"], told["verdict"], told["reached"], told["promised"]) == (
        "P1",
        "pass",
        3,
        3,
    )


def test_what_nothing_proves_is_asked_for_wrongly(
    proven: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["prove", "P99"]) == 2
    assert main(["prove", "--minutes", "0"]) == 2
    assert "nothing proves p99 (there are: P1 first, P1 second)" in capsys.readouterr().err


def test_a_restored_database_is_told_so_once_and_says_what_it_kept(
    database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A moved ledger is refused, with the remedy; afterwards it opens, and nothing is missing."""
    monkeypatch.setenv("DATABASE_URL", database)
    with open_councils(database, [COUNCIL]) as councils:
        pool = councils[COUNCIL].pool
        with pool.connection() as connection:
            connection.execute(
                "insert into stevenage.stored_events select gen_random_uuid(), 1,"
                " (pg_current_xact_id()::text::bigint << 12) + (1::bigint << 50), 'x', '{}'"
            )
    assert main(["check", "--council", COUNCIL, "--mark", "AB12CDE", "--zone", "OT"]) == 1
    assert "permit-ledger database restored" in capsys.readouterr().err
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("delete from stevenage.stored_events where topic = 'x'")

    assert main(["database", "restored"]) == 0

    said = capsys.readouterr().out
    assert f"{COUNCIL}: 0 events are kept" in said
    assert "nodes and handhelds are to be started anew" in said
    assert main(["check", "--council", COUNCIL, "--mark", "AB12CDE", "--zone", "OT"]) == 0
