"""What the disputes desk knows of a case: the notice and its cases, and the register of outages.

Both are told from their own streams of facts, bounded as everything is by the pack's instant.

Source: enforcement-and-evidence.md D5, D6, E16; SI 2022/576.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ledger.events import NoticeCancelled, NoticeNoted
from ledger.scheme.schema import Scheme
from ledger.values import FOREVER, Mark
from projections.incidents import OUTAGES, Incidents
from replay.acts import ACTS
from replay.evidence.citing import Citations, Stored
from replay.evidence.pack import Happening, Incident, NoticeTold
from replay.evidence.redacting import Redactor
from replay.folding import Folded
from replay.wording import listing, moment

Row = dict[str, Any]


def noted(facts: Sequence[Stored]) -> NoticeNoted | None:
    """The notice as it was noted; None where none of that number was."""
    first = facts[0].fact.event if facts else None
    return first if isinstance(first, NoticeNoted) else None


def notice(
    facts: Sequence[Stored], mark: Mark, cited: Citations, scheme: Scheme, redactor: Redactor
) -> NoticeTold | None:
    """The notice and what became of it. Of one about another mark nothing but that is told."""
    first = noted(facts)
    if first is None:
        return None
    if first.glyphs != mark.glyphs:
        redactor.count("notice")
        return NoticeTold(number=first.number, same_mark=False)
    return NoticeTold(
        number=first.number,
        same_mark=True,
        zone=first.zone,
        issued_at=first.issued_at,
        contravention=first.contravention,
        officer=first.officer,
        receipt=first.lookup_id,
        withdrawn=any(isinstance(each.fact.event, NoticeCancelled) for each in facts),
        acts=tuple(_act(each, cited, scheme, redactor) for each in facts),
    )


def _act(each: Stored, cited: Citations, scheme: Scheme, redactor: Redactor) -> Happening:
    fact = each.fact
    telling = ACTS[type(fact.event)]
    by = fact.entry.by
    return Happening(
        at=fact.recorded_at,
        kind="notice",
        act=telling.act,
        says=redactor.sentence(telling.sentence(fact.event, scheme.tz), fact.event),
        by=f"{by.role} {by.name}".strip(),
        channel=fact.entry.channel,
        event=cited.name(each.place),
    )


def overlapping(facts: Sequence[Stored], begins: datetime, ends: datetime) -> list[Row]:
    """What these facts of the register say of outages that overlap `[begins, ends)`, in order."""
    folded = Folded()
    for each in facts:
        Incidents().apply(folded, each.fact)
    every: list[Row] = list(folded.rows_of(OUTAGES).by_key.values())
    rows = [
        row
        for row in every
        if row["known_until"] == FOREVER
        and row["failed_from"] < ends
        and (row["failed_until"] is None or row["failed_until"] > begins)
    ]
    return sorted(rows, key=lambda row: (row["failed_from"], row["outage_id"]))


def incidents(
    rows: Sequence[Row], register: str, cited: Citations, scheme: Scheme, redactor: Redactor
) -> tuple[Incident, ...]:
    """The outages, as the pack tells them; `register` is the stream of the register."""
    return tuple(
        Incident(
            begins_at=row["failed_from"],
            until=row["failed_until"],
            services=tuple(row["services"]),
            says=_says(row["services"], row["failed_from"], row["failed_until"], scheme),
            reason=redactor.sentence(row["reason"], None),
            event=cited.name((register, row["version"])),
        )
        for row in rows
    )


def _says(services: Sequence[str], begins: datetime, until: datetime | None, scheme: Scheme) -> str:
    ended = f"until {moment(until, scheme.tz)}" if until else "and had not ended when it was noted"
    named = listing(list(services))
    named = named[:1].upper() + named[1:]
    return f"{named} failed from {moment(begins, scheme.tz)} {ended}."
