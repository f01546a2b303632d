"""`permit-ledger lookups`, and the setting that limits an officer's look-ups."""

import json

import pytest

from scripts import looked_up
from scripts.main import main
from scripts.settings import LOOKUPS_AN_HOUR, lookups_an_hour
from scripts.wrong import Wrong


def test_an_hour_that_stands_out_is_told(
    database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", database)
    for mark in ("AB12CDE", "AB12CDF"):
        assert main(["check", "--council", "stevenage", "--zone", "OT", "--mark", mark]) == 0
    capsys.readouterr()

    assert looked_up.report(council="stevenage", hours=2, most=2, json=True) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    # On the turn of an hour the two may be in one each.
    assert sum(each["lookups"] for each in found) == 2
    assert {each["officer"] for each in found} == {"command-line"}

    assert main(["lookups", "--council", "stevenage", "--most", "1"]) == 0
    assert "STANDS OUT" in capsys.readouterr().out


def test_what_is_no_span_of_hours_is_asked_for_wrongly() -> None:
    assert main(["lookups", "--council", "stevenage", "--hours", "0"]) == 2


def test_the_limit_is_a_setting() -> None:
    assert lookups_an_hour({}) == LOOKUPS_AN_HOUR
    assert lookups_an_hour({"PERMIT_LEDGER_LOOKUPS_AN_HOUR": "0"}) == 0
    with pytest.raises(Wrong):
        lookups_an_hour({"PERMIT_LEDGER_LOOKUPS_AN_HOUR": "many"})
