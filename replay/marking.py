"""What verify finds is marked: the plates concerned are answered as unknown from then on.

A row that is not what the facts say puts its plates in doubt until the rows are rebuilt. A
household whose facts do not hold together puts in doubt every plate it ever had cover for. Where
more is wrong than is named one by one, every plate is in doubt.

Source: promise P18.
"""

from collections.abc import Iterator

from psycopg import errors

from ledger.store.application import Ledger
from ledger.store.pool import Connection
from projections import doubts
from projections.doubts import EVERY_PLATE, Doubt
from projections.registry import EVERY
from replay.verifying import Kind, Problem

WATCHED = frozenset(table.name for model in EVERY for table in model.tables if table.watched)
"""What an officer is answered from."""
FACTS: frozenset[Kind] = frozenset(
    {"version", "position", "recorded_at", "unreadable", "bytes", "topic", "receipt", "folding"}
)
HOUSEHOLDS_MAX = 100


class Marking:
    """What is to be marked, of the problems heard so far."""

    def __init__(self) -> None:
        self._households: set[str] = set()
        self._rows: set[tuple[str, str, str]] = set()
        self.named: set[str] = set()
        """Every household that a problem named."""
        self.unnamed = 0
        """How many rows of watched tables differ and were not named."""

    def heard(self, problem: Problem) -> None:
        self.named.add(problem.household_id)
        if problem.kind in FACTS:
            self._households.add(problem.household_id)
        found = problem.difference
        if found is not None and found.table in WATCHED:
            for row in (found.rebuilt, found.live):
                if "glyphs" in row:
                    self._rows.add((str(row["glyphs"]), found.table, found.household_id))

    def mark(self, ledger: Ledger) -> int | None:
        """How many plates are in doubt now (all of them count as one); None where this server takes
        no writes.
        """
        with ledger.pool.connection() as connection:
            try:
                with connection.transaction():
                    doubts.mark(connection, ledger.schema, self._doubts(connection, ledger.schema))
            except errors.ReadOnlySqlTransaction:
                return None
            return len({each.glyphs for each in doubts.standing(connection, ledger.schema)})

    def _doubts(self, connection: Connection, schema: str) -> Iterator[Doubt]:
        if self.unnamed:
            yield _doubt(
                "rows",
                EVERY_PLATE,
                "",
                "active_registrations",
                "verify found very many rows that are not what the facts say",
            )
        for glyphs, table, household_id in sorted(self._rows):
            why = "verify found a row that is not what the facts say"
            yield _doubt("rows", glyphs, household_id, table, why)
        if len(self._households) > HOUSEHOLDS_MAX or "" in self._households:
            why = "verify found facts of many households that do not hold together"
            yield _doubt("facts", EVERY_PLATE, "", "stored_events", why)
            return
        for household_id in sorted(self._households):
            for glyphs in doubts.plates_of(connection, schema, household_id):
                why = "verify found facts that do not hold together"
                yield _doubt("facts", glyphs, household_id, "stored_events", why)


def _doubt(about: doubts.About, glyphs: str, household_id: str, found_in: str, why: str) -> Doubt:
    return Doubt(
        about=about,
        glyphs=glyphs,
        household_id=household_id or None,
        found_in=found_in,
        why=why,
    )
