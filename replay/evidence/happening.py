"""What happened a day before and a day after: acts, checks, refused attempts and messages.

Told by when it was recorded, in the words of the household's history, without what is not for the
readers.

Source: promises.md section 0.7 (failed attempts are evidence), section 5; D5 (messages).
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from ledger.scheme.schema import Scheme
from ledger.store.pool import Connection
from projections.enforcement import word
from projections.messages import MESSAGES, Messages
from replay.acts import ACTS
from replay.evidence.citing import Citations, Stored
from replay.evidence.pack import Attempt, Happening, Message, ShownAnswer
from replay.evidence.redacting import Redactor
from replay.folding import Folded
from replay.wording import clock, named

MESSAGES_IN_WORDS = {
    "issued": "The resident was told that the permit is issued",
    "booked": "The resident was told of the booking",
    "cancelled": "The resident was told that the booking is cancelled",
    "pin": "A one-time PIN was sent",
}


HOW_ANSWERED = {
    "offline": ", decided off line by the device",
    "node": ", answered by a node from memory",
}


def acts(
    facts: Iterable[Stored],
    begins: datetime,
    ends: datetime,
    cited: Citations,
    scheme: Scheme,
    redactor: Redactor,
) -> Iterator[Happening]:
    """The household's acts recorded in `[begins, ends)`."""
    for stored in facts:
        fact = stored.fact
        if not begins <= fact.recorded_at < ends:
            continue
        telling = ACTS[type(fact.event)]
        yield Happening(
            at=fact.recorded_at,
            kind="act",
            act=telling.act,
            says=redactor.sentence(telling.sentence(fact.event, scheme.tz), fact.event),
            by=_by(fact.entry.by.role, fact.entry.by.name),
            channel=fact.entry.channel,
            event=cited.name(stored.place),
        )


def _by(role: str, name: str) -> str:
    """Whoever acts for the council is named; a resident is a resident."""
    return role if role in ("resident", "system") or not name else f"{role} {name}"


def checks(shown: Iterable[ShownAnswer], scheme: Scheme) -> Iterator[Happening]:
    """The receipts, by when they were shown."""
    for each in shown:
        verdict = word(each.covered).upper()
        why = f" ({each.reason.replace('_', ' ')})" if each.reason else ""
        late = HOW_ANSWERED.get(each.kind, "")
        yield Happening(
            at=each.about_at if each.kind == "offline" else each.asked_at,
            kind="check",
            act="checked",
            says=f"{each.mark} in zone {each.zone}: shown {verdict}{why}"
            f" at {clock(each.about_at, scheme.tz)}{late}, receipt {each.receipt}",
            by=f"officer {each.officer}",
            channel=f"device {each.device}" if each.device else "",
        )


def attempts(
    connection: Connection,
    schema: str,
    household: str,
    begins: datetime,
    ends: datetime,
    as_of: datetime,
    redactor: Redactor,
) -> tuple[Attempt, ...]:
    """What the household tried in `[begins, ends)` and was refused, in order."""
    if not household:
        return ()
    found = connection.execute(
        f"select attempted_at, command, role, actor, channel, codes, details from"
        f" {schema}.refused_attempts where household_id = %s and attempted_at >= %s"
        " and attempted_at < %s and attempted_at <= %s order by attempted_at, attempt_id",
        (household, begins, ends, as_of),
    ).fetchall()
    return tuple(
        Attempt(
            at=at,
            tried=command.replace("_", " "),
            by=_by(role, actor),
            channel=channel,
            codes=tuple(codes),
            reasons=tuple(redactor.sentence(detail, None) for detail in details),
        )
        for at, command, role, actor, channel, codes, details in found
    )


def attempted(found: Iterable[Attempt]) -> Iterator[Happening]:
    for each in found:
        yield Happening(
            at=each.at,
            kind="refused",
            act="attempt_refused",
            says=f"Tried to {each.tried}; refused: {'; '.join(each.reasons)}",
            by=each.by,
            channel=each.channel,
        )


def messages(
    connection: Connection,
    schema: str,
    facts: Sequence[Stored],
    begins: datetime,
    ends: datetime,
    as_of: datetime,
    cited: Citations,
) -> tuple[Message, ...]:
    """The messages that the facts made due in `[begins, ends)`.

    Told from the facts, since the list of messages to send follows them a moment later; it is
    asked only when each was sent.
    """
    folded = Folded()
    places = {}
    for stored in facts:
        if begins <= stored.fact.recorded_at < ends:
            Messages().apply(folded, stored.fact)
            places[f"{stored.fact.household_id}/{stored.fact.originator_version}"] = stored.place
    due: list[dict[str, Any]] = list(folded.rows_of(MESSAGES).by_key.values())
    sent: dict[str, datetime] = dict(
        connection.execute(
            f"select message_id, sent_at from {schema}.messages"
            " where message_id = any(%s) and sent_at <= %s",
            ([row["message_id"] for row in due], as_of),
        ).fetchall()
    )
    return tuple(
        Message(
            kind=row["kind"],
            about=MESSAGES_IN_WORDS.get(row["kind"], named(row["kind"].replace("_", "-"))),
            due_at=row["due_at"],
            sent_at=sent.get(row["message_id"]),
            event=cited.name(places.get(row["message_id"], ("", 0))),
        )
        for row in sorted(due, key=lambda row: (row["due_at"], row["message_id"]))
    )


def told(found: Iterable[Message]) -> Iterator[Happening]:
    for each in found:
        yield Happening(
            at=each.due_at,
            kind="message",
            act=each.kind,
            says=f"{each.about}{'' if each.sent_at else ' (not marked as sent)'}",
            by="system",
            channel="",
            event=each.event,
        )
