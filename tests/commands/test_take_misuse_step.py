"""The procedure against misuse: nothing is decided by itself, nor before the holder could reply."""

import pytest

from commands.begin_stay import BeginStay
from commands.observe_permit import ObservePermit
from commands.take_misuse_step import TakeMisuseStep
from ledger.calendar import parse_local
from ledger.events import HoldingEnded, MisuseStep
from tests.given import Given, Happening, bought, done, editions_of, given

NORWICH = "norwich-2015"
TZ = editions_of(NORWICH).latest.tz
PERMIT = bought("short-stay", months=12, at="2026-11-20 10:00", name="p")
SEEN = done(
    ObservePermit(vehicle="AB12CDE", holding="p", note_only=True),
    at="2026-11-23 09:00",
    by="officer",
    key="seen",
)
LETTER = TakeMisuseStep(holding="p", step="letter", text="Please explain.")
NO_REPLY = TakeMisuseStep(holding="p", step="reply")
RESCIND = TakeMisuseStep(holding="p", step="decide", text="No explanation.", rescind=True)
KEEP = TakeMisuseStep(holding="p", step="decide", text="A carer.")


def taken(command: TakeMisuseStep, day: int) -> Happening:
    return done(command, at=f"2026-12-{day:02d} 10:00", by="staff", key=f"{command.step} {day}")


def norwich(*past: Happening) -> Given:
    return given(PERMIT, *past, scheme=NORWICH)


@pytest.mark.parametrize(
    ("past", "command"),
    [
        ([], LETTER),
        ([SEEN], NO_REPLY),
        ([SEEN], RESCIND),
        ([SEEN, taken(LETTER, 1)], RESCIND),
        ([SEEN, taken(LETTER, 1)], KEEP),
    ],
)
def test_each_step_follows_the_one_before_it(
    past: list[Happening], command: TakeMisuseStep
) -> None:
    """NOR-024, NOR-025: seen, written to, heard, decided."""
    norwich(*past).when(command, at="2026-12-20 10:00", by="staff").then_refused(
        "permit.step_missing"
    )


def test_a_permit_is_rescinded_by_a_decision_after_the_reply() -> None:
    """NOR-025: also where none came, which is recorded as an empty reply."""
    past = norwich(SEEN, taken(LETTER, 1), taken(NO_REPLY, 15))
    decided = past.when(RESCIND, at="2026-12-16 10:00", by="staff")

    step, ended = decided.events
    assert step == MisuseStep(holding_id="p", step="decide", text="No explanation.", rescinded=True)
    assert isinstance(ended, HoldingEnded)
    assert (ended.why, ended.ended_at) == ("rescinded", parse_local("2026-12-16 10:00", TZ))
    decided.then_answers(rescinded=True)
    past.when(BeginStay(vehicle="AB12CDE"), at="2026-12-16 10:00").then_refused(
        "permit.not_in_force"
    )


def test_a_good_explanation_leaves_the_permit_and_closes_the_case() -> None:
    past = norwich(SEEN, taken(LETTER, 1), taken(NO_REPLY, 15), taken(KEEP, 16))
    past.when(BeginStay(vehicle="AB12CDE"), at="2026-12-16 10:00").then_accepted()
    past.when(RESCIND, at="2026-12-17 10:00", by="staff").then_refused("permit.step_missing")
    past.when(LETTER, at="2026-12-17 10:00", by="staff").then_refused("permit.step_missing")


def test_nothing_is_done_by_the_machine_or_without_words() -> None:
    """X-096: never automatic."""
    norwich(SEEN).when(LETTER, at="2026-12-01 10:00", by="system").then_refused(
        "permit.decided_by_people"
    )
    silent = TakeMisuseStep(holding="p", step="letter", text="  ")
    norwich(SEEN).when(silent, at="2026-12-01 10:00", by="staff").then_refused(
        "permit.reason_missing"
    )
    early = TakeMisuseStep(holding="p", step="letter", text="You are out.", rescind=True)
    norwich(SEEN).when(early, at="2026-12-01 10:00", by="staff").then_refused("permit.step_missing")


def test_a_scheme_without_the_procedure_has_no_steps() -> None:
    past = given(bought("virtual-visitor-vouchers", name="p"))
    past.when(LETTER, by="staff").then_refused("permit.no_procedure")
