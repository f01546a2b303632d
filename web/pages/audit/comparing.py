"""A household about one time, as it was known at two others: what differs, in words and a table.

Source: design section 5 (three axes); X-102; issue "The pages", item 4.
"""

from datetime import UTC, datetime, time, timedelta

from ledger.calendar import at_local_time
from ledger.refusals import NotFound
from replay.as_at import StateAsAt, as_at, sentences
from replay.wording import moment
from web.pages.audit.differing import differences
from web.pages.audit.household import Opened, asked_in, opened, scheme_at
from web.pages.forms import Form, Mistake, Mistakes, mistake
from web.pages.framework import AUDITOR, View, Visit, get

TIMES = (
    ("first", "Known by, the first time"),
    ("second", "Known by, the second time"),
    ("on", "The time it is about"),
)


def compared(visit: Visit) -> View:
    """The form with its three times; what differs, where the address names them."""
    found = opened(visit)
    form = asked_in(visit)
    values = {
        "found": found,
        "form": form,
        "mistakes": (),
        "times": _offered(visit, found),
        "told": None,
    }
    if form.has("first-year") or form.has("compare"):
        try:
            values["told"] = _told(visit, found, form)
            values["times"] = [(n, t, form_day(form, n), form.get(f"{n}-time")) for n, t in TIMES]
        except Mistakes as error:
            values["mistakes"] = error.mistakes
    return View(
        template="audit/compare.html",
        values=values,
        status=422 if values["mistakes"] else 200,
        back=found.path("replay"),
    )


def _offered(visit: Visit, found: Opened) -> list[tuple[str, str, datetime, str]]:
    """What stands in the form at first: when the step was recorded, and twice now."""
    tz = visit.council.editions.latest.tz
    asked = visit.query.get("version", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= 9 else 1
    step = found.facts[min(max(1, number), len(found.facts)) - 1]
    # To the second, and not before it was recorded.
    recorded = step.recorded_at.replace(microsecond=0) + timedelta(seconds=1)
    shown = []
    for (name, title), at in zip(TIMES, (recorded, visit.now, visit.now), strict=True):
        local = at.astimezone(tz)
        shown.append((name, title, local, f"{local:%H:%M:%S}"))
    return shown


def form_day(form: Form, name: str) -> dict[str, str]:
    """The parts of a date as they were typed."""
    return {part: form.get(f"{name}-{part}") for part in ("day", "month", "year")}


def _told(visit: Visit, found: Opened, form: Form) -> dict[str, object]:
    """Both states and what differs. Raises Mistakes, of all three times together."""
    instants, mistakes = list[datetime](), list[Mistake]()
    for name, title in TIMES:
        try:
            instants.append(_instant(visit, form, name, title))
        except Mistakes as error:
            mistakes.extend(error.mistakes)
    if mistakes:
        raise Mistakes(*mistakes)
    first, second, on = instants
    scheme = scheme_at(visit, on)
    one = _state(visit, found, "first", known_at=first, on=on)
    other = _state(visit, found, "second", known_at=second, on=on)
    return {
        "first": list(sentences(one, scheme.tz)),
        "second": list(sentences(other, scheme.tz)),
        "differs": differences(one, other, scheme),
        "heads": (moment(first, scheme.tz), moment(second, scheme.tz)),
        "on": moment(on, scheme.tz),
    }


def _instant(visit: Visit, form: Form, name: str, title: str) -> datetime:
    on = form.day(name, title)
    typed = form.needed(f"{name}-time", f"{title} must include a time of day")
    try:
        clock = time.fromisoformat(typed)
    except ValueError:
        clock = None
    if clock is None or clock.tzinfo is not None or not typed[:2].isdigit() or ":" not in typed:
        text = f"{title} must be a time of day on the 24-hour clock, such as 14:15"
        raise mistake(f"{name}-time", text)
    scheme = visit.scheme
    return at_local_time(on, clock, scheme.tz).astimezone(UTC)


def _state(
    visit: Visit, found: Opened, name: str, *, known_at: datetime, on: datetime
) -> StateAsAt:
    council = visit.council
    try:
        return as_at(council.ledger, council.editions, found.stream, known_at=known_at, on=on)
    except NotFound as error:
        begun = moment(found.facts[0].recorded_at, council.editions.latest.tz)
        if known_at < found.facts[0].recorded_at:
            text = f"Nothing was known of this household by then: the first record is of {begun}"
            raise mistake(f"{name}-day", text) from error
        first = moment(council.editions.ordered[0].begins_at, council.editions.latest.tz)
        raise mistake("on-day", f"There was no scheme before {first}") from error


PAGES = (get("/audit/households/{household}/compare", AUDITOR, compared),)
