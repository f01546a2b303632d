"""`permit-ledger resident`: staff record what a resident says of themselves (STV-103, HAN-009)."""

import pytest

from commands.save_visitor import SaveVisitor
from scripts.main import main
from tests.replay.town import town


@pytest.fixture
def asked(database, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", database)
    with town(database) as made:
        made.at("2026-11-19 10:00").move_in()
        made.buy("virtual-visitor-vouchers")
        made.do(SaveVisitor(vehicle="AB12CDE", name="Gran"))
        yield made


def said(asked, *words):
    named = ("--council", "stevenage", "--property", "home", "--by", "pat")
    return main(["resident", *words, *named, "--whose", asked.resident.name])


def test_staff_change_an_address_forget_a_visitor_and_record_a_move(asked, capsys):
    assert said(asked, "email", "new@example.org") == 0
    assert said(asked, "forget-visitor", "AB12CDE") == 0
    assert said(asked, "moved-out") == 0

    household = asked.council.ledger.household(asked.home)
    assert household.residents[asked.resident.name].email == "new@example.org"
    assert not household.visitors
    assert not household.living(household.last_recorded_at)
    assert "1 holdings ended" in capsys.readouterr().out


def test_what_cannot_be_is_refused_and_said(asked, capsys):
    assert said(asked, "email", "nobody") == 1
    assert said(asked, "forget-visitor", "ZZ99ZZZ") == 1

    told = capsys.readouterr().err
    assert "this is not an e-mail address" in told
    assert "no visitor is saved with this mark" in told
