"""A resident's own history in sentences, the latest first: what was done, by whom, what it changed.

What concerns a flatmate alone is theirs, and is not told here.

Source: promise P6 (a household's whole history, readable); X-012.
"""

from datetime import date, datetime, timedelta

from msgspec import Struct

from ledger.calendar import start_of_day
from ledger.events import Recorded
from ledger.refusals import NotFound
from replay.acts import ACTS
from replay.changing import Change, Following
from replay.schemes.words import capital
from replay.wording import named
from web.asking import EntrySeen
from web.history import concerning, entry
from web.pages.forms import Form, Mistake, Mistakes
from web.pages.framework import RESIDENT, Link, View, Visit, get
from web.pages.resident.booking_quote import call_of
from web.reading import opened

KINDS: dict[str, tuple[str, frozenset[str]]] = {
    "visits": ("Visits", frozenset({"booked", "amended", "corrected", "texted", "card_used"})),
    "vehicles": (
        "Vehicles",
        frozenset({"vehicle_added", "vehicle_removed", "switched", "stay_began", "stay_ended"}),
    ),
    "applications": (
        "Applications and payments",
        frozenset(
            {
                *("applied", "proof_uploaded", "proof_reused", "occupancy_checked", "offered"),
                *("decided", "refused", "declined", "offer_lapsed", "paid", "payment_failed"),
                *("issued", "expired", "refunded", "replaced", "granted"),
            }
        ),
    ),
    "account": (
        "Your account and visitors",
        frozenset(
            {
                *("registered", "mobile_linked", "pin_sent", "moved_out"),
                *("visitor_saved", "visitor_forgotten"),
            }
        ),
    ),
}
_BOTH = "cancelled"
"""A visit that was cancelled, or a permit that ended: the act is called the same."""


class Told(Struct, frozen=True, kw_only=True):
    """An act as it is shown. `changed` are lines such as `Units left: 19, before 20`."""

    says: str
    at: datetime
    by: str
    changed: tuple[str, ...]


class Days(Struct, frozen=True, kw_only=True):
    """The days asked for, both included; None is no limit. `mistakes` where one is no date."""

    since: date | None
    last: date | None
    mistakes: tuple[Mistake, ...]


def shown(visit: Visit) -> View:
    """One page of it."""
    kind = visit.query.get("kind", "")
    kind = kind if kind in KINDS else ""
    days = _days(visit)
    wanted, changed = _wanted(visit, kind, days)
    size = visit.scheme.view.page_size
    pages = max(1, -(-len(wanted) // size))
    text = visit.query.get("page", "")
    page = int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else 1
    page = min(max(1, page), pages)
    tz = visit.council.editions.latest.tz
    # In words only what is shown: a history may be years long.
    told = [
        _one(entry(fact, tz, changed[fact.originator_version]), fact, visit)
        for fact in wanted[(page - 1) * size : page * size]
    ]
    asked = {
        name: value
        for name, value in visit.query.items()
        if name in ("kind", *(f"{d}-{p}" for d in ("since", "last") for p in _PARTS)) and value
    }
    return View(
        template="resident/history.html",
        values={
            "told": told,
            "total": len(wanted),
            "kinds": [("", "Everything"), *((name, KINDS[name][0]) for name in KINDS)],
            "kind": kind,
            "page": page,
            "pages": pages,
            "asked": asked,
            "shown_since": _typed(visit, "since"),
            "shown_last": _typed(visit, "last"),
            "mistakes": days.mistakes,
            "form": Form(fields={name: [value] for name, value in visit.query.items()}),
        },
    )


_PARTS = ("day", "month", "year")


def _typed(visit: Visit, name: str) -> dict[str, str]:
    return {part: visit.query.get(f"{name}-{part}", "") for part in _PARTS}


def _days(visit: Visit) -> Days:
    form = Form(fields={name: [value] for name, value in visit.query.items()})
    found: list[date | None] = []
    wrong: list[Mistake] = []
    for name, what in (("since", "The first day"), ("last", "The last day")):
        if not any(form.get(f"{name}-{part}") for part in _PARTS):
            found.append(None)
            continue
        try:
            found.append(form.day(name, what))
        except Mistakes as error:
            wrong += error.mistakes
            found.append(None)
    return Days(since=found[0], last=found[1], mistakes=tuple(wrong))


def _wanted(
    visit: Visit, kind: str, days: Days
) -> tuple[list[Recorded], dict[int, tuple[Change, ...]]]:
    """The facts asked for, the latest first; and what each fact of the household changed."""
    household, facts = opened(call_of(visit))
    if visit.by.resident_id not in household.residents:
        raise NotFound("household")
    tz = visit.council.editions.latest.tz
    following = Following(tz)
    changed = {fact.originator_version: following.take(fact) for fact in facts}
    begins = start_of_day(days.since, tz) if days.since else None
    ends = start_of_day(days.last + timedelta(days=1), tz) if days.last else None
    wanted = [
        fact
        for fact in concerning(facts, household, visit.by)
        if _is_of(fact, kind)
        and (begins is None or fact.recorded_at >= begins)
        and (ends is None or fact.recorded_at < ends)
    ]
    wanted.reverse()
    return wanted, changed


def _is_of(fact: Recorded, kind: str) -> bool:
    act = ACTS[type(fact.event)].act
    if not kind:
        return True
    if act == _BOTH:
        return kind == ("visits" if hasattr(fact.event, "booking_id") else "applications")
    return act in KINDS[kind][1]


def _one(seen: EntrySeen, fact: Recorded, visit: Visit) -> Told:
    me = visit.by.resident_id
    if fact.entry.by.name == me:
        by = "You"
    elif fact.entry.on_behalf_of == me:
        by = "The council, for you"
    else:
        by = {"resident": "Your household", "system": "By itself"}.get(seen.role, "The council")
    channel = {"text": ", by text message", "phone": ", by phone", "post": ", by post"}
    return Told(
        says=f"{seen.says}.",
        at=seen.at,
        by=f"{by}{channel.get(seen.channel, '')}",
        changed=tuple(
            text
            for change in seen.changed
            if (text := _changed(change.what, change.name, change.before, change.after))
        ),
    )


def _changed(what: str, name: str, before: str | int | None, after: str | int | None) -> str:
    """What an act changed; of cover the sentence itself tells."""
    if after is None or what == "cover":
        return ""
    label = {
        "units_left": f"{capital(named(name))} left",
        "allowance_used": f"Counted on the limit of {named(name)}",
        "active_vehicle": "Active vehicle",
    }.get(what, named(name))
    return f"{label}: {after}" + (f", before {before}" if before is not None else "")


PAGES = (get("/history", RESIDENT, shown),)

LINKS = (
    Link(
        text="History",
        path="/history",
        roles=RESIDENT,
        hint="Everything that was done, and what it changed.",
        bar=False,
    ),
)
