"""A noted penalty charge notice, and what may be done about it, for the tests of the desk."""

from datetime import date

from commands.decide_case import DecideCase
from commands.note_notice import NoteNotice
from commands.open_case import OpenCase
from ledger.calendar import parse_local
from tests.given import LONDON, Given, Happening, done, given

ISSUED = parse_local("2026-11-19 12:08", LONDON)
NOTICE = NoteNotice(
    number="ST10000017",
    mark="ab12 cde",
    zone="OT",
    issued_at=ISSUED,
    contravention="12",
    officer="o-1",
)
FORMAL = OpenCase(
    kind="formal",
    reference="REP/26-17",
    received_on=date(2027, 1, 10),
    served_on=date(2027, 1, 1),
)
REJECTED = DecideCase(case="c", outcome="rejected", reason="no permit was in force")


def noted(*past: Happening) -> Given:
    """The notice, and what happened then."""
    return given(done(NOTICE, at="2026-11-19 12:10", by="staff", key="n"), *past)


def opened(case: OpenCase = FORMAL, at: str = "2027-01-11 09:00") -> Happening:
    """A case with the id `c`."""
    return done(case, at=at, by="staff:ann", ids=("c",), key="o")


def rejected(at: str = "2027-02-01 09:00") -> Happening:
    return done(REJECTED, at=at, by="staff:ann", key="d")
