"""Every household of a council, asked again: the one loop.

Source: issue "Replay", item 7; reference/enforcement-and-evidence.md, D19.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from datetime import datetime

from msgspec import Struct, field

from ledger.rules.working_days import WorkingDays
from ledger.scheme.editions import Editions
from ledger.store.application import Ledger
from replay.folding import snapshot
from replay.what_if.course import Terms, known
from replay.what_if.figures import Figures
from replay.what_if.lives import Seen, Setting, lived
from replay.what_if.proposals import Proposal, in_force_from
from replay.what_if.streams import Stream, catalogue, events_stored, streams

PROGRESS_EVERY = 100
Progress = Callable[[int, int], None]
"""Told how many facts have been read, of how many."""


class Sums(Struct, kw_only=True):
    """What all households come to; one Figures a proposal, in their order."""

    seen: Seen = field(default_factory=lambda: Seen())
    figures: list[Figures]

    def add(self, seen: Seen, figures: Sequence[Figures]) -> None:
        self.seen.add(seen)
        for mine, other in zip(self.figures, figures, strict=True):
            mine.add(other)


def setting(
    editions: Editions,
    working_days: WorkingDays,
    proposals: Sequence[Proposal],
    begins: datetime,
    ends: datetime,
) -> Setting:
    """The period, the terms that were, and those of each proposal from its first instant on."""
    return Setting(
        begins=begins,
        ends=ends,
        terms=Terms(known(editions), working_days),
        proposed=tuple(
            Terms(known(in_force_from(editions, each.scheme, begins)), working_days)
            for each in proposals
        ),
    )


def replayed(ledger: Ledger, asked: Setting, progress: Progress) -> Sums:
    """Ask every household again, in one snapshot of the ledger. Raises CorruptLedger."""
    likely = catalogue(asked.terms.editions.ordered)
    with snapshot(ledger) as connection:
        connection.execute("set local statement_timeout = 0")
        whole = events_stored(connection, ledger.schema)
        found = streams(connection, ledger.schema, asked.begins, asked.ends, likely)
        with closing(found) as households:
            return summed(households, asked, lambda read: progress(read, whole))


def summed(households: Iterable[Stream], asked: Setting, read: Callable[[int], None]) -> Sums:
    """The sums over these households; `read` is told how many facts have been."""
    sums = Sums(figures=[Figures() for _ in asked.proposed])
    facts = 0
    for n, stream in enumerate(households, start=1):
        counted = lived(stream, asked)
        if counted is not None:
            sums.add(*counted)
        facts += len(stream.facts)
        if n % PROGRESS_EVERY == 0:
            read(facts)
    read(facts)
    return sums
