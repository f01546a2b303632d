"""What needs a second person: corrections of what was recorded, and exceptions to the rules.

Here it is proposed; `proposed` is where a colleague confirms it.

Source: G-031; X-079, X-080, X-102; NOR-052 to 055; promises section 4 (insider: clerk).
"""

from datetime import datetime

from commands.correct_cover import CorrectCover
from commands.grant_allowance import GrantAllowance
from commands.override_eligibility import OverrideEligibility
from ledger.calendar import at_local_time
from ledger.events import Actor, Cover
from ledger.refusals import NotFound
from ledger.rules import eligibility, grants
from ledger.rules.correcting import ReasonCode
from replay.schemes.words import capital, spoken
from web.pages.counter.case import Case
from web.pages.counter.deed import Deed, Field
from web.pages.counter.using import time_of
from web.pages.forms import Form, every, mistake
from web.pages.rendering import moment_words, until_words

CODES: tuple[tuple[ReasonCode, str], ...] = (
    ("clerical_error", "We made a mistake when we entered it"),
    ("told_late", "We were told late"),
    ("service_failed", "Our service did not work"),
    ("complaint_upheld", "A complaint was upheld"),
    ("ombudsman", "The ombudsman asked for it"),
    ("tribunal", "The tribunal asked for it"),
    ("other", "Something else"),
)
STAFF = Actor("staff")
WHY = Field(
    kind="area",
    name="reason",
    label="Say why",
    hint="Your colleague reads this, and it is kept with the record.",
)


def cover_of(case: Case, act: str) -> Cover:
    """What a visit, a card or a stay covers as it is known now. Raises NotFound."""
    household = case.household
    booking, card, stay = (
        household.bookings.get(act),
        household.cards.get(act),
        household.stays.get(act),
    )
    found = booking.cover if booking else card.cover if card else stay.cover if stay else None
    if found is None:
        raise NotFound("visit")
    return found


def _was(case: Case) -> list[tuple[str, str]]:
    was, tz = cover_of(case, case.subject), case.visit.tz
    return [
        ("Vehicle, as recorded", was.shown),
        ("From, as recorded", moment_words(was.covers_from, tz)),
        ("Until, as recorded", until_words(was.covers_until, tz)),
    ]


def _correct(case: Case, form: Form) -> CorrectCover:
    cover_of(case, case.subject)
    codes = [each for each, _ in CODES]
    covers_from, code, reason = every(
        lambda: _begins(case, form),
        lambda: form.one_of("code", codes, "Choose what happened"),
        lambda: form.needed("reason", "Say why the record is corrected"),
    )
    return CorrectCover(
        act=case.subject,
        covers_from=covers_from,
        vehicle=form.get("mark"),
        reason=reason,
        reason_code=next(each for each in codes if each == code),
    )


def _begins(case: Case, form: Form) -> datetime | None:
    """The corrected start; None where it stays as it is."""
    if not any(form.get(f"start-{part}") for part in ("day", "month", "year")):
        if form.get("time"):
            raise mistake("start-day", "Enter the day as well as the time")
        return None
    on, at = form.day("start", "The day"), time_of(form)
    return at_local_time(on, datetime.strptime(at, "%H:%M").time(), case.visit.tz)  # noqa: DTZ007


def _correct_fields(case: Case) -> list[Field]:
    return [
        Field(
            kind="day", name="start", label="Day on which it really began",
            hint="Leave this and the time empty if only the vehicle was wrong.",
        ),
        Field(kind="time", name="time", label="Time at which it really began",
              hint="For example, 14:30"),
        Field(
            kind="mark", name="mark", label="Registration number it should have been",
            hint="Leave this empty if the vehicle was right.",
        ),
        Field(kind="choice", name="code", label="What happened?", items=CODES),
        WHY,
    ]  # fmt: skip


def exceptions(case: Case) -> list[tuple[str, str]]:
    """The exceptions of the scheme for this household: what the address says, and its name."""
    found = [(f"grant/{each.product}", case.name_of(each.product)) for each in case.scheme.grants]
    overrides = dict.fromkeys(each.override for each in case.scheme.eligibility if each.override)
    found += [
        (f"override/{each}", f"Eligible all the same: {spoken(each)}")
        for each in overrides
        if not any(eligibility.override_refusals(case.home, case.scheme, each, STAFF, "asked for"))
    ]
    return list(dict(found).items())


def _grant_fields(case: Case) -> list[Field]:
    found = []
    if grants.terms_for(case.scheme, case.subject, vehicle=False):
        found.append(Field(kind="number", name="units", label="How many more may they buy?",
                           hint="Within the next twelve months."))  # fmt: skip
    if grants.terms_for(case.scheme, case.subject, vehicle=True):
        found.append(Field(kind="mark", name="mark", label="For which vehicle?"))
    if not found:
        raise NotFound("exception")
    return [*found, WHY]


def _grant(case: Case, form: Form) -> GrantAllowance:
    names = [each.name for each in _grant_fields(case)]
    by_vehicle = "mark" in names and (form.get("mark") or "units" not in names)
    units, mark, reason = every(
        lambda: 0 if by_vehicle else form.number("units", "Enter how many more, as a number"),
        lambda: form.needed("mark", "Enter the registration number") if by_vehicle else "",
        lambda: form.needed("reason", "Say why the exception is made"),
    )
    return GrantAllowance(product=case.subject, units=units, vehicle=mark, reason=reason)


def _override_fields(case: Case) -> list[Field]:
    if case.subject not in {each.override for each in case.scheme.eligibility if each.override}:
        raise NotFound("exception")
    return [WHY]


def _override(case: Case, form: Form) -> OverrideEligibility:
    return OverrideEligibility(
        override=case.subject, reason=form.needed("reason", "Say why the address is eligible")
    )


DEEDS = (
    Deed(
        slug="correct",
        heading=lambda case: "Correct what was recorded",
        button="Send to a colleague",
        about=_was,
        fields=_correct_fields,
        command=_correct,
        said=lambda case, answer: "",
        proposed=True,
        errors={"vehicle": "mark", "booking.no_such_time": "time", "correction": "reason"},
    ),
    Deed(
        slug="grant",
        heading=lambda case: f"An exception for {case.name_of(case.subject)}",
        button="Send to whoever may agree",
        fields=_grant_fields,
        command=_grant,
        said=lambda case, answer: "",
        proposed=True,
        errors={"vehicle": "mark", "purchase": "units", "grant": "reason"},
    ),
    Deed(
        slug="override",
        heading=lambda case: f"{capital(spoken(case.subject))}: eligible all the same",
        button="Send to a colleague",
        fields=_override_fields,
        command=_override,
        said=lambda case, answer: "",
        proposed=True,
        errors={"grant": "reason"},
    ),
)
