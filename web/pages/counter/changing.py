"""Who lives in a household: somebody moves out, somebody is registered at the counter."""

from collections.abc import Sequence
from datetime import timedelta

from commands.enrol_resident import EnrolResident
from commands.move_out import MoveOut
from ledger.calendar import start_of_day
from ledger.events import AnyEvent, ResidentMovedOut
from ledger.household.state import Resident
from ledger.refusals import NotFound
from replay.schemes.words import counted
from web.pages.counter.case import Case
from web.pages.counter.deed import Deed, Field
from web.pages.forms import Form
from web.pages.rendering import until_words


def _resident(case: Case) -> Resident:
    found = case.household.residents.get(case.subject)
    if found is None:
        raise NotFound("resident")
    return found


def _move_out(case: Case, form: Form) -> MoveOut:
    resident = _resident(case).resident_id
    when = form.one_of("when", ("now", "day"), "Choose when they moved out")
    if when == "now":
        return MoveOut(resident=resident)
    on = form.day("moved", "The day")
    # They live there to the end of that day.
    return MoveOut(resident=resident, on=start_of_day(on + timedelta(days=1), case.visit.tz))


def _moved(case: Case, events: Sequence[AnyEvent]) -> list[tuple[str, str]]:
    moved = events[0]
    assert isinstance(moved, ResidentMovedOut)
    names = [
        case.name_of(held.product, held.edition)
        for each in moved.ended_holdings
        for held in [case.household.holdings[each]]
    ]
    return [
        ("Lives here until", until_words(moved.moved_out_at, case.visit.tz)),
        ("Ends with it", ", ".join(names) or "Nothing"),
        ("Visits that are cancelled", counted(len(moved.void_bookings), "visit")),
    ]


def _enrol(case: Case, form: Form) -> EnrolResident:
    return EnrolResident(
        name=form.needed("name", "Enter their name"),
        email=form.get("email"),
        mobile=form.get("mobile"),
        verified=True,
    )


DEEDS = (
    Deed(
        slug="move-out",
        heading=lambda case: f"{_resident(case).name or 'This resident'} moves out",
        button="Record the move",
        whose=lambda case: _resident(case).resident_id,
        fields=lambda case: [
            Field(
                kind="choice",
                name="when",
                label="When?",
                items=(("now", "Now"), ("day", "At the end of a day")),
            ),
            Field(kind="day", name="moved", label="If at the end of a day: which?"),
        ],
        command=_move_out,
        check=_moved,
        said=lambda case, answer: "The move is recorded.",
        warning=True,
    ),
    Deed(
        slug="register",
        heading=lambda case: "Register somebody at this address",
        button="Register them",
        fields=lambda case: [
            Field(
                kind="note",
                name="seen",
                label="Register only those whose proof that they live here you have seen.",
            ),
            Field(kind="text", name="name", label="Full name"),
            Field(kind="text", name="email", label="Email address"),
            Field(kind="text", name="mobile", label="Mobile number (you can leave this empty)"),
        ],
        command=_enrol,
        said=lambda case, answer: "They are registered.",
        errors={"message": "mobile"},
    ),
)
