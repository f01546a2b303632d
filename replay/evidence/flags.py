"""What in a case contradicts something else, and what else bears on it: read first, on page one.

A contradiction is between two things on record, or between one and the notice. What bears on the
case contradicts nothing, and would be asked about.

Source: promises P8, P9, section 0.7; enforcement-and-evidence.md C.5, D1 to D6.
"""

from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

from ledger.rules.covering import STATUTORY_GRACE
from ledger.values import FOREVER
from replay.evidence.pack import (
    Asked,
    Attempt,
    CoverKnown,
    Grace,
    Incident,
    Known,
    NearMark,
    NoticeTold,
    Point,
    ShownAnswer,
)
from replay.evidence.receipts import speaks_of
from replay.evidence.redacting import SAME
from replay.wording import clock, counted, listing, moment, near

SOON = timedelta(hours=1)


def contradictions(
    asked: Asked,
    then: Known,
    now: Known,
    shown: tuple[ShownAnswer, ...],
    near_marks: tuple[NearMark, ...],
    grace: Grace,
    notice: NoticeTold | None,
    tz: ZoneInfo,
) -> Iterator[Point]:
    """The gravest first: shown valid, covered, barred; then the clocks; then a slip of the pen."""
    then_shown = [each for each in shown if speaks_of(each, asked.zone, asked.at)]
    yield from _shown(asked, then_shown, now, tz)
    if notice is not None and not notice.same_mark:
        yield Point(
            code="notice_of_another_mark",
            says=f"Notice {notice.number}, as it was noted, is about another mark.",
        )
    if asked.pcn and now.covered:
        yield Point(
            code="covered_yet_notice_issued",
            says=f"Notice {asked.pcn} was issued, yet the vehicle was covered.",
            events=_events(now),
        )
    if grace.applies and grace.last_barred_at is not None and not now.covered:
        until = near(grace.last_barred_at, asked.at, tz)
        yield Point(
            code="notice_barred_by_grace",
            says="The instant lies within ten minutes after cover ended: a notice was barred up to"
            f" and at {until}.",
            events=_events(now),
        )
    if _differs(then, now):
        yield Point(
            code="clocks_differ",
            says=f"What was known then differs from what is known now: {_difference(then, now)}.",
            events=tuple(dict.fromkeys((*_events(then), *_events(now)))),
        )
    if not now.covered:
        yield from _near(near_marks)


def _shown(asked: Asked, shown: list[ShownAnswer], now: Known, tz: ZoneInfo) -> Iterator[Point]:
    valid = [each for each in shown if each.covered]
    if valid and asked.pcn:
        yield Point(
            code="shown_covered_yet_notice_issued",
            says=f"Notice {asked.pcn} was issued, yet an officer's device was shown that the"
            f" vehicle was covered: {_receipts(valid, tz)}.",
        )
    elif valid and not now.covered:
        yield Point(
            code="shown_covered",
            says="An officer's device was shown that the vehicle was covered, and it is not known"
            f" as covered now: {_receipts(valid, tz)}.",
        )
    invalid = [each for each in shown if each.covered is False]
    if invalid and now.covered:
        yield Point(
            code="shown_not_covered",
            says="An officer's device was shown that the vehicle was not covered, and it is known"
            f" as covered now: {_receipts(invalid, tz)}.",
        )
    unknown = [each for each in shown if each.covered is None]
    if unknown and asked.pcn:
        yield Point(
            code="shown_unknown_yet_notice_issued",
            says=f"Notice {asked.pcn} was issued, yet an officer's device was shown that it is"
            f" unknown, and to issue none: {_receipts(unknown, tz)}.",
        )
    altered = [each for each in shown if not each.intact]
    if altered:
        yield Point(
            code="receipt_altered",
            says=f"The bytes on record no longer have their digest: {_receipts(altered, tz)}.",
        )


def _receipts(shown: list[ShownAnswer], tz: ZoneInfo) -> str:
    return listing([f"receipt {each.receipt} at {clock(each.about_at, tz)}" for each in shown])


def _differs(then: Known, now: Known) -> bool:
    """True where the verdict, its reason or its right is another one."""
    return (then.covered, then.reason, then.right) != (now.covered, now.reason, now.right)


def _difference(then: Known, now: Known) -> str:
    before, since = _verdict(then), _verdict(now)
    if before == since:
        return f"{before} both times, by a right that was changed since"
    return f"{before} as known then, {since} as known now"


def _verdict(known: Known) -> str:
    if known.covered:
        return "covered"
    return f"not covered ({known.reason.replace('_', ' ')})"


def _near(near_marks: tuple[NearMark, ...]) -> Iterator[Point]:
    for each in near_marks:
        own = each.whose == "this household"
        if not each.covered_then:
            if own and not each.zone and each.how != SAME:
                yield Point(
                    code="near_mark_saved",
                    says=f"{each.shown} is saved as a visitor's vehicle of this household:"
                    f" {each.how}.",
                    events=(each.event,),
                )
            continue
        yield Point(
            code="near_mark_covered",
            says=f"{each.shown}, {each.how}, was covered then in zone {each.zone} by a right of"
            f" {each.whose}.",
            events=(each.event,),
        )


def bearing(
    asked: Asked,
    covers: tuple[CoverKnown, ...],
    near_marks: tuple[NearMark, ...],
    attempts: tuple[Attempt, ...],
    incidents: tuple[Incident, ...],
    notice: NoticeTold | None,
    now: Known,
    tz: ZoneInfo,
) -> Iterator[Point]:
    """Cover that came just after, another zone, tries that failed just before, incidents."""
    yield from _noted(asked, notice, tz)
    for each in covers:
        before = timedelta.max if each.known_until is None else asked.at - each.known_until
        held = each.covers_from <= asked.at < (each.covers_until or FOREVER)
        if timedelta() <= before <= SOON and held and each.closed_by and each.kind != "listed":
            at = near(each.known_until or asked.at, asked.at, tz)
            yield Point(
                code="changed_before",
                says=f"{each.closed_by}: at {at}, {_apart(before)} before the instant asked about.",
                events=(each.closed_event,),
            )
        late = each.known_from - asked.at
        soon = timedelta() < late <= SOON and each.covers_from <= asked.at + SOON
        if soon and each.kind != "listed" and each.zone == asked.zone:
            yield Point(
                code="recorded_after",
                says=f"Cover for this mark was recorded at {near(each.known_from, asked.at, tz)},"
                f" {_apart(late)} after the instant asked about.",
                events=(each.event,),
            )
    same = next((each for each in near_marks if each.how == SAME), None)
    if same is not None and not now.covered:
        yield Point(
            code="saved_and_not_booked",
            says=f"{same.shown} is saved as a visitor's vehicle of this household: to be saved"
            " covers nothing by itself.",
            events=(same.event,),
        )
    if now.reason == "wrong_zone" and now.right is not None:
        yield Point(
            code="covered_in_another_zone",
            says=f"The vehicle was covered in zone {now.right.zone}.",
            events=_events(now),
        )
    failed = [each for each in attempts if asked.at - SOON <= each.at <= asked.at]
    if failed:
        yield Point(
            code="attempts_failed_before",
            says=f"The household tried and was refused {counted(len(failed), 'time')} in the hour"
            f" before, first at {moment(failed[0].at, tz)}.",
        )
    for incident in incidents:
        if incident.begins_at - STATUTORY_GRACE <= asked.at and (
            incident.until is None or asked.at < incident.until + STATUTORY_GRACE
        ):
            yield Point(code="service_failing", says=incident.says, events=(incident.event,))


def _noted(asked: Asked, notice: NoticeTold | None, tz: ZoneInfo) -> Iterator[Point]:
    """How the notice as it was noted differs from what is asked."""
    if not asked.pcn or notice is None or notice.issued_at is None:
        return
    events = (notice.acts[0].event,)
    if notice.withdrawn:
        yield Point(
            code="notice_withdrawn",
            says=f"The council withdrew notice {notice.number}.",
            events=tuple(each.event for each in notice.acts if each.act == "notice_cancelled"),
        )
    if notice.issued_at != asked.at:
        yield Point(
            code="notice_of_another_instant",
            says=f"The notice was noted as issued at {moment(notice.issued_at, tz)}, not at the"
            " instant asked about.",
            events=events,
        )
    if notice.zone != asked.zone:
        yield Point(
            code="notice_of_another_zone",
            says=f"The notice was noted as issued in zone {notice.zone}.",
            events=events,
        )


def _apart(late: timedelta) -> str:
    minutes, seconds = divmod(int(late.total_seconds()), 60)
    parts = [counted(minutes, "minute")] if minutes else []
    if seconds:
        parts.append(counted(seconds, "second"))
    return listing(parts) or "less than a second"


def _events(known: Known) -> tuple[str, ...]:
    return () if known.right is None or not known.right.event else (known.right.event,)
