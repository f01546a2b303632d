"""The pages of every deed: its form, what it would do, and doing it.

How staff were asked and for whom they act is recorded with each fact (`channel`, on behalf of).
"""

from collections.abc import Sequence

from msgspec import structs

from commands.base import Command
from ledger.events import Channel
from ledger.refusals import NotFound, Refused
from services import proposals
from services.proposals import Proposable
from web.commanding import own_households
from web.pages.counter import buying, changing, holding, seconded, using
from web.pages.counter.case import Case, acted_on, opened, person, tried
from web.pages.counter.deed import (
    CHANNELS,
    Deed,
    asks_for_whom,
    channel_of,
    filled,
    resident_of,
)
from web.pages.forms import Form, Mistake, Mistakes
from web.pages.framework import STAFF, Answer, Redirect, View, Visit, get, post
from web.pages.sending import send
from web.pages.wording import told

DEEDS: tuple[Deed, ...] = (
    *using.DEEDS,
    *buying.DEEDS,
    *holding.DEEDS,
    *changing.DEEDS,
    *seconded.DEEDS,
)
_BY_SLUG = {each.slug: each for each in DEEDS}


def _deed(visit: Visit) -> Deed:
    found = _BY_SLUG.get(visit.params["deed"])
    if found is None:
        raise NotFound("page")
    return found


def asked(visit: Visit) -> View:
    """The form of a deed; of one that can only be said yes to, what it would do."""
    case, deed = opened(visit), _deed(visit)
    fields = deed.fields(case)
    rows, hindered = list(deed.about(case)), []
    if not fields and deed.check is not None and not visit.mistakes:
        command = deed.command(case, visit.form)
        try:
            events = tried(case, command, "counter", deed.whose(case) or _anybody(case))
        except Refused as refused:
            hindered = [told(each, case.scheme) for each in refused.refusals]
        else:
            rows += deed.check(case, events)
    return View(
        template="counter/deed.html",
        values={
            "case": case,
            "deed": deed,
            "heading": deed.heading(case),
            "rows": rows,
            "hindered": hindered,
            "fields": filled(fields, visit.form),
            "people": asks_for_whom(case, deed),
            "channels": CHANNELS,
            "action": visit.at(_here(visit)),
            "mistakes": _placed(deed, visit.mistakes, {each.name for each in fields}),
        },
        back=case.path,
    )


def _placed(deed: Deed, mistakes: Sequence[Mistake], names: set[str]) -> list[Mistake]:
    """The mistakes, those of the rules at the field that the deed names for them."""
    found = []
    for each in mistakes:
        field = each.field
        if each.code:
            field = deed.errors.get(each.code) or deed.errors.get(each.code.partition(".")[0], "")
        # A day is three fields: the first of them is where to go.
        there = field in names or field in ("channel", "resident") or "-" in field
        found.append(structs.replace(each, field=field if there else ""))
    return found


def _anybody(case: Case) -> str:
    return case.living[0].resident_id if case.living else ""


def _here(visit: Visit) -> str:
    subject = visit.params.get("subject", "")
    tail = f"/{subject}" if subject else ""
    return f"/staff/households/{visit.params['household']}/{visit.params['deed']}{tail}"


def done(visit: Visit) -> Answer:
    """Do it, or first show what it would do."""
    if visit.form.has("change"):
        return asked(visit)
    case, deed, form = acted_on(visit), _deed(visit), visit.form
    command, whom, channel = _entered(case, deed, form)
    own = str(case.stream) in own_households(visit.by)
    if deed.proposed:
        return _proposed(visit, case, command, channel, whom)
    if deed.check is not None and deed.fields(case) and not form.has("sure") and not own:
        rows = deed.check(case, tried(case, command, channel, whom))
        return _checked(visit, case, deed, [*deed.about(case), *rows])
    answer = send(visit, case.stream, command, channel=channel, on_behalf_of=whom)
    return Redirect(to=case.path, notice=deed.said(case, answer))


def _entered(case: Case, deed: Deed, form: Form) -> tuple[Command, str, Channel]:
    """What is to be done, for whom, and how it was asked for. Raises Mistakes with all of them."""
    wrong: list[Mistake] = []
    command, whom, channel = None, None, None
    try:
        command = deed.command(case, form)
    except Mistakes as error:
        wrong += error.mistakes
    try:
        whom = resident_of(case, deed, form)
    except Mistakes as error:
        wrong += error.mistakes
    try:
        channel = channel_of(form)
    except Mistakes as error:
        wrong += error.mistakes
    if command is None or whom is None or channel is None:
        raise Mistakes(*wrong)
    return command, whom, channel


def _checked(visit: Visit, case: Case, deed: Deed, rows: list[tuple[str, str]]) -> View:
    """What it would do, with what was entered carried along."""
    entered = [
        (name, text)
        for name, texts in visit.form.fields.items()
        for text in texts
        if name not in ("proof", "key")
    ]
    return View(
        template="counter/check.html",
        values={
            "case": case,
            "deed": deed,
            "heading": deed.heading(case),
            "rows": rows,
            "entered": entered,
            "action": visit.at(_here(visit)),
        },
        back=case.path,
    )


def _proposed(visit: Visit, case: Case, command: Command, channel: Channel, whom: str) -> Redirect:
    assert isinstance(command, Proposable)
    proposals.propose(
        visit.council,
        case.stream,
        command,
        by=person(visit),
        key=f"page/{visit.by.name}/{visit.form.key}",
        at=visit.now,
        channel=channel,
        on_behalf_of=whom,
    )
    said = "A colleague has to confirm this. It waits under “To confirm”."
    return Redirect(to=case.path, notice=said)


def asked_of(visit: Visit) -> View:
    """As asked, of one thing of the household."""
    return asked(visit)


def done_of(visit: Visit) -> Answer:
    """As done, to one thing of the household."""
    return done(visit)


_ADDRESS = "/staff/households/{household}/{deed}"

PAGES = (
    get(_ADDRESS, STAFF, asked),
    post(_ADDRESS, STAFF, done, again=asked),
    get(f"{_ADDRESS}/{{subject}}", STAFF, asked_of),
    post(f"{_ADDRESS}/{{subject}}", STAFF, done_of, again=asked_of),
)
