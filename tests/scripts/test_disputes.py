"""`permit-ledger notices`, `cases`, `outages`: the disputes desk on the command line."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from commands.declare_outage import DeclareOutage
from commands.note_notice import NoteNotice
from commands.open_case import OpenCase
from ledger.scheme.loading import built_in
from ledger.store.pool import open_pool
from scripts.main import main
from services.council import Council
from tests.replay.town import STAFF, Town

BEGAN = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)


@pytest.fixture
def told(database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A notice with a case, issued during an outage; the outage's id."""
    monkeypatch.setenv("DATABASE_URL", database)
    with open_pool(database, 2, "commands") as pool:
        council = Council("stevenage", pool, pool, built_in().editions("stevenage"))
        one = Town(council)
        command = NoteNotice(
            number="ST10000017",
            mark="AB12CDE",
            zone="OT",
            issued_at=BEGAN + timedelta(minutes=1),
            contravention="12",
        )
        stream = council.ledger.notice_id(command.number)
        one.do(command, by=STAFF, stream=stream)
        challenge = OpenCase(
            kind="informal", reference="CH/1", received_on=command.issued_at.date()
        )
        one.do(challenge, by=STAFF, stream=stream)
        outage = DeclareOutage(
            services=("bookings",), failed_from=BEGAN, found_how="reported", reason="down"
        )
        return str(one.do(outage, by=STAFF, stream=council.ledger.outages_id())["outage"])


def test_a_notice_is_told_with_its_warnings_case_and_outage(told, capsys):
    assert main(["notices", "--council", "stevenage", "--number", "ST10000017"]) == 0

    out = capsys.readouterr().out
    assert "ST10000017  AB12CDE  zone OT" in out
    assert "notice.no_check" in out
    assert "informal  open" in out
    assert "bookings: down (reported)" in out


def test_only_contradicted_notices_are_listed_where_asked_for(told, capsys):
    assert main(["notices", "--council", "stevenage", "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["notice"]["number"] == "ST10000017"
    assert main(["notices", "--council", "stevenage", "--contradicted"]) == 0
    assert capsys.readouterr().out == ""


def test_cases_are_told_with_their_clock(told, capsys):
    assert main(["cases", "--council", "stevenage"]) == 0
    assert "ST10000017  informal  open" in capsys.readouterr().out
    assert main(["cases", "--council", "stevenage", "--which", "overdue"]) == 0
    assert capsys.readouterr().out == ""


def test_an_outage_is_told_with_the_notices_it_touches(told, capsys):
    assert main(["outages", "--council", "stevenage"]) == 0
    assert told in capsys.readouterr().out
    assert main(["outages", "--council", "stevenage", "--outage", told]) == 0
    assert "1 notices were issued in it" in capsys.readouterr().out
    before = f"{BEGAN - timedelta(days=1):%Y-%m-%d %H:%M}Z"
    assert main(["outages", "--council", "stevenage", "--known", before]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["notices", "--number", "NOSUCH1"], 1),
        (["notices", "--since", "yesterday"], 2),
        (["cases", "--which", "late"], 2),
        (["cases", "--days", "-1"], 2),
        (["outages", "--outage", "nothing"], 1),
        (["outages", "--margin", "9999"], 2),
        (["outages", "--known", "2026-13-01 10:00"], 2),
    ],
)
def test_what_is_asked_wrongly_is_told_in_one_line(told, capsys, arguments, status):
    assert main([arguments[0], "--council", "stevenage", *arguments[1:]]) == status
    assert len(capsys.readouterr().err.splitlines()) == 1
