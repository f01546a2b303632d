"""An evidence pack: what was read of a case, put into words and in order.

Nothing recorded after `as_of` is looked at, and nothing of the machine: no clock, no name, no
order but that of positions and instants. So the same question has the same bytes for ever.

Source: promises P8, section 5; issue "Evidence pack".
"""

from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

from ledger.store.pool import Connection
from replay.evidence import (
    answers,
    covers,
    desk,
    flags,
    happening,
    nearby,
    reading,
    receipts,
    summary,
    terms,
)
from replay.evidence.answers import Telling
from replay.evidence.asked import Case, opened
from replay.evidence.citing import Citations
from replay.evidence.pack import FORMAT, Asked, Grace, Happening, Known, NoticeTold, Pack
from replay.evidence.reading import Read
from replay.evidence.redacting import Redactor
from replay.folding import snapshot
from services.council import Council


def make(council: Council, case: Case) -> Pack:
    """The pack. Raises Refused (`vehicle.mark_invalid`), NotAskable, NotFound, CorruptLedger."""
    asked = opened(council, case)
    with snapshot(council.ledger) as connection:
        found = reading.read(connection, council, asked)
        cited = reading.citations(connection, council, found)
        return _pack(connection, council, found, cited, reading.redactor(found))


def _pack(
    connection: Connection, council: Council, found: Read, cited: Citations, redactor: Redactor
) -> Pack:
    asked, scheme, schema, tz = found.opened, found.scheme, council.schema, found.scheme.tz
    then, now, grace = _answered(found, cited, redactor)
    shown = receipts.shown(found.checks, asked.mark, found.own_near, redactor)
    near = nearby.near_marks(
        asked.mark, asked.at, found.household, found.near, found.saved, cited, scheme, redactor
    )
    rights = covers.told(
        found.rows, found.household, found.facts, cited, scheme, redactor, asked.as_of
    )
    notice = desk.notice(found.notice, asked.mark, cited, scheme, redactor)
    failing = desk.incidents(found.outages, found.register, cited, scheme, redactor)
    tried = happening.attempts(
        connection, schema, found.household, *found.window, asked.as_of, redactor
    )
    sent = happening.messages(connection, schema, found.facts, *found.window, asked.as_of, cited)
    timeline = [
        *happening.acts(found.facts, *found.window, cited, scheme, redactor),
        *happening.checks(shown, scheme),
        *happening.attempted(tried),
        *happening.told(sent),
        *_issued(notice, found),
    ]
    question = _question(council, found)
    events = cited.events()
    redactor.count("household", sum(not event.stream for event in events))
    anything = bool(rights or shown or near)
    return Pack(
        format=FORMAT,
        software=f"permit-ledger {_version()}",
        title=summary.title(question, tz),
        summary=tuple(summary.summary(question, then, now, shown, anything, notice, tz)),
        contradictions=tuple(
            flags.contradictions(question, then, now, shown, near, grace, notice, tz)
        ),
        bearing=tuple(flags.bearing(question, rights, near, tried, failing, notice, now, tz)),
        question=question,
        known_then=then,
        known_now=now,
        shown=shown,
        timeline_from=found.begins,
        timeline_until=found.ends,
        timeline=tuple(sorted(timeline, key=_order)),
        covers=rights,
        near_marks=near,
        terms=terms.in_force(scheme, _products(found), [then.rule, now.rule]),
        messages=sent,
        attempts=tried,
        notice=notice,
        incidents=failing,
        grace=grace,
        events=events,
        verifying=tuple(summary.verifying(question, asked.household_id)),
        redactions=redactor.redactions(),
    )


def _answered(found: Read, cited: Citations, redactor: Redactor) -> tuple[Known, Known, Grace]:
    """As known then, as known now, and the ten minutes."""
    telling = Telling(
        opened=found.opened,
        zone=found.zone,
        scheme=found.scheme,
        cited=cited,
        redactor=redactor,
    )
    behind = answers.place_of(found.now)
    fact = cited.fact(behind) if behind else None
    return (
        answers.known(found.then, found.opened.known_at, telling),
        answers.known(found.now, found.opened.as_of, telling),
        answers.grace(found.now, fact, found.opened, found.scheme),
    )


def _issued(notice: NoticeTold | None, found: Read) -> list[Happening]:
    """The notice's own moment, where it lies in the timeline."""
    if notice is None or notice.issued_at is None:
        return []
    if not found.begins <= notice.issued_at < found.ends:
        return []
    return [
        Happening(
            at=notice.issued_at,
            kind="notice",
            act="notice_issued",
            says=f"Penalty charge notice {notice.number} was issued in zone {notice.zone},"
            f" contravention {notice.contravention}",
            by=f"officer {notice.officer}" if notice.officer else "",
            channel="",
            event=notice.acts[0].event,
        )
    ]


def _question(council: Council, found: Read) -> Asked:
    return Asked(
        council=council.id,
        council_name=found.scheme.council,
        timezone=found.scheme.timezone,
        mark=found.opened.mark.shown,
        zone=found.zone,
        zone_from=found.zone_from,
        at=found.opened.at,
        pcn=found.opened.pcn,
        household=found.household,
        known_at=found.opened.known_at,
        as_of=found.opened.as_of,
    )


_ORDER = ("act", "message", "refused", "check", "notice")


def _order(each: Happening) -> tuple[datetime, int, int]:
    """By time; of one instant, acts in the order of their positions come first."""
    return each.at, _ORDER.index(each.kind), int(each.event[1:] or 0) if each.event else 0


def _products(found: Read) -> set[str]:
    """The products whose terms the case turns on."""
    products = {row.product for row in found.rows}
    products |= {row.product for row in found.near if row.household == found.household}
    for answered in (found.then, found.now):
        if answered.right is not None:
            products.add(answered.right.product)
    return products


def _version() -> str:
    try:
        return version("permit-ledger")
    except PackageNotFoundError:
        return "not installed"
