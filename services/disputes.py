"""The disputes desk over a council: notices with what speaks against them, and what is touched.

A notice is told with the check that it follows from, the warnings, its cases, and the outages that
overlap it; all of it as it is now, so that what became known later is in it.

Source: reference/enforcement-and-evidence.md C.5, D5, D6, E2, E16.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from msgspec import Struct

from commands.handling import Sender
from commands.note_notice import NoteNotice, same_facts
from ledger.calendar import local_date
from ledger.refusals import NotFound, Refused
from ledger.rules import notices as rule
from ledger.rules.marks import looks_british
from ledger.rules.notices import CONTRADICTIONS, Checked, NoticeWarning
from ledger.scheme.schema import Scheme
from ledger.store.pool import Connection
from ledger.values import FOREVER, glyph_key
from projections import cases, enforcement, incidents, notices
from projections.cases import CaseSeen
from projections.enforcement import CheckAnswer, Question
from projections.incidents import NoticeTouched, OutageSeen
from projections.lookups import LookupSeen
from projections.notices import NoticeSeen
from services.council import Council

LONG_AGO = datetime.fromisoformat("0001-01-02T00:00:00+00:00")
BEFORE, AFTER = timedelta(hours=12), timedelta(hours=1)
"""Outages so long before and after a notice are told with it."""


class NoticeTold(Struct, frozen=True, kw_only=True):
    """A notice and all that belongs to it. `contradicted`: a warning speaks against the notice.

    `check` is what the officer was shown. `noted_already`: this number and these facts were known.
    """

    notice: NoticeSeen
    noted_already: bool
    contradicted: bool
    warnings: list[NoticeWarning]
    check: LookupSeen | None
    cases: list[CaseSeen]
    outages: list[OutageSeen]


class OutageTold(Struct, frozen=True, kw_only=True):
    """An outage with the notices that it touches, `margin_minutes` after its end included."""

    outage: OutageSeen
    margin_minutes: int
    notices: list[NoticeTouched]


def note(council: Council, command: NoteNotice, sender: Sender) -> NoticeTold:
    """Note a notice, and tell what speaks against it. The same facts may be sent again.

    Raises Refused: `notice.exists` where the number was noted with other facts.
    """
    stream = council.ledger.notice_id(command.number)
    already = False
    try:
        council.handle(stream, command, sender)
    except Refused as refused:
        desk = council.ledger.household(stream).desk
        known = desk.notice.noted if desk is not None and desk.notice is not None else None
        if refused.codes != ("notice.exists",) or known is None or not same_facts(command, known):
            raise
        already = True
    return told(council, command.number, already=already)


def told(council: Council, number: str, *, already: bool = False) -> NoticeTold:
    """A notice and all that belongs to it. Raises NotFound."""
    with council.pool.connection() as connection:
        seen = notices.notice(connection, council.schema, number)
        if seen is None:
            raise NotFound("notice")
        return next(_told(council, connection, [seen], already))


def issued(
    council: Council, since: datetime | None, until: datetime | None, after: str, limit: int
) -> list[NoticeTold]:
    """Notices issued in `[since, until)` with numbers above `after`, in number order."""
    with council.pool.connection() as connection:
        found = notices.issued(
            connection, council.schema, since or LONG_AGO, until or FOREVER, after, limit
        )
        return list(_told(council, connection, found, already=False))


def today(council: Council) -> date:
    """The council's local date, by its own clock."""
    with council.pool.connection() as connection:
        return local_date(council.now(connection), council.editions.latest.tz)


def touched(council: Council, outage_id: str, margin: timedelta) -> OutageTold:
    """The notices that an outage touches. Raises NotFound for one that is not known now."""
    with council.pool.connection() as connection:
        found = incidents.outages(
            connection, council.schema, since=LONG_AGO, until=FOREVER, outage_id=outage_id
        )
        if not found or not outage_id:
            raise NotFound("outage")
        (outage,) = found
        now = council.now(connection)
        every = incidents.touched(connection, council.schema, outage, margin, now)
    return OutageTold(outage=outage, margin_minutes=margin // timedelta(minutes=1), notices=every)


def _told(
    council: Council, connection: Connection, found: list[NoticeSeen], already: bool
) -> Iterator[NoticeTold]:
    """Each with what belongs to it. Cases and outages are read once for all of them."""
    if not found:
        return
    schema = council.schema
    on = local_date(council.now(connection), council.editions.latest.tz)
    numbers = [each.number for each in found]
    about = cases.of_notices(connection, schema, today=on, numbers=numbers)
    issued_at = [each.issued_at for each in found]
    failed = incidents.outages(
        connection, schema, since=min(issued_at) - BEFORE, until=max(issued_at) + AFTER
    )
    checks = notices.checks_behind(connection, schema, found)
    again = _asked_again(council, connection, found)
    for seen in found:
        check = checks.get(seen.number)
        warnings = list(_warnings(seen, check, again.get(seen.number)))
        since, until = seen.issued_at - BEFORE, seen.issued_at + AFTER
        yield NoticeTold(
            notice=seen,
            noted_already=already,
            contradicted=any(each.code in CONTRADICTIONS for each in warnings),
            warnings=warnings,
            check=check,
            cases=about[seen.number],
            outages=[each for each in failed if _overlaps(each, since, until)],
        )


def _overlaps(outage: OutageSeen, since: datetime, until: datetime) -> bool:
    ended = outage.failed_until
    return outage.failed_from < until and (ended is None or ended > since)


def _warnings(
    seen: NoticeSeen, check: LookupSeen | None, again: tuple[Checked, Checked] | None
) -> Iterator[NoticeWarning]:
    """`again` is the question asked again by what was known then and by what is known now."""
    then, now = again or (None, None)
    return rule.warnings(
        glyphs=seen.glyphs,
        zone=seen.zone,
        issued_at=seen.issued_at,
        british=looks_british(seen.mark),
        shown=None if check is None else _shown(check),
        known_then=then,
        known_now=now,
    )


def _scheme(council: Council, at: datetime) -> Scheme | None:
    """The edition in force at an instant; None before the first one."""
    try:
        return council.scheme_at(at)
    except NotFound:
        return None


def _asked_again(
    council: Council, connection: Connection, found: list[NoticeSeen]
) -> dict[str, tuple[Checked, Checked]]:
    """The officer's question about each instant of issue, by what was known then and is known now.

    Not of a notice whose zone the scheme had not. It leaves no record.
    """
    schemes = {each.number: _scheme(council, each.issued_at) for each in found}
    known = [
        (scheme, seen)
        for seen in found
        if (scheme := schemes[seen.number]) is not None and scheme.zone(seen.zone) is not None
    ]
    questions = [
        (scheme, Question(typed=seen.mark, zone=seen.zone, at=seen.issued_at, known_at=by))
        for scheme, seen in known
        for by in (seen.issued_at, None)
    ]
    answers = enforcement.answers(connection, council.schema, questions)
    checked = [
        _checked(answer, question.at or answer.at)
        for answer, (_, question) in zip(answers, questions, strict=True)
    ]
    pairs = zip(checked[::2], checked[1::2], strict=True)
    return {seen.number: pair for (_, seen), pair in zip(known, pairs, strict=True)}


def _shown(check: LookupSeen) -> Checked:
    return _checked(enforcement.of_bytes(check.answer), check.asked_at)


def _checked(answer: CheckAnswer, asked_at: datetime) -> Checked:
    return Checked(
        asked_at=asked_at,
        glyphs=glyph_key(answer.mark),
        zone=answer.zone,
        covered=answer.covered,
        earliest_pcn_at=answer.earliest_pcn_at,
    )
