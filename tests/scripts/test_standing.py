"""`permit-ledger as-at` and `exceptions`."""

import json

import pytest

from commands.book_voucher import BookVoucher
from commands.correct_cover import CorrectCover
from scripts.main import main
from tests.replay.town import STAFF, town


@pytest.fixture
def lived(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A household with a visit that was corrected."""
    monkeypatch.setenv("DATABASE_URL", database)
    with town(database, "stevenage") as one:
        one.move_in().at("2026-11-20 10:00")
        one.buy("virtual-visitor-vouchers")
        booking = one.do(BookVoucher(vehicles=("AB12CDE",), start="now"))["bookings"][0]
        one.at("2026-11-20 11:00")
        one.do(CorrectCover(act=booking, vehicle="CD34EFG", reason="x", approver="ben"), by=STAFF)


def asked(*more: str) -> list[str]:
    return ["as-at", "--council", "stevenage", "--property", "home", *more]


def test_a_household_is_told_in_words_and_as_data(lived, capsys):
    assert main(asked("--known", "2026-11-20 10:59", "--on", "2026-11-20 10:30")) == 0
    assert "AB12CDE was covered in zone OT" in capsys.readouterr().out
    assert main(asked("--known", "2026-11-20 11:00", "--on", "2026-11-20 10:30", "--json")) == 0
    told = json.loads(capsys.readouterr().out)
    assert [each["mark"] for each in told["covers"]] == ["CD34EFG"]


def test_exceptions_are_told(lived, capsys):
    """The town's clock is ahead of the program's: nothing of it has happened yet."""
    assert main(["exceptions", "--council", "stevenage"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["as-at", "--council", "stevenage"], 2),
        (["as-at", "--council", "stevenage", "--property", "nowhere"], 1),
        (asked("--known", "then"), 2),
        (asked("--on", "2026-02-30 10:00"), 2),
        (asked("--on", "1999-01-01 10:00"), 1),
        (["exceptions", "--council", "stevenage", "--days", "0"], 2),
        (["exceptions", "--council", "nowhere"], 1),
    ],
)
def test_what_is_asked_wrongly_is_told_in_one_line(lived, capsys, arguments, status):
    assert main(arguments) == status
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_token_says_where_its_owner_lives(lived, capsys):
    """E10: what it may not be used for follows from it."""
    make = ["token", "make", "--council", "stevenage", "--name", "ann"]
    assert main([*make, "--role", "staff", "--own-household", "home"]) == 0
    assert capsys.readouterr().out.startswith("plt_")
    assert main([*make, "--role", "staff", "--own-household", "nowhere"]) == 1
    resident = [*make, "--role", "resident", "--property", "home", "--own-household", "home"]
    assert main(resident) == 2
    assert "--own-household is for those who work" in capsys.readouterr().err
