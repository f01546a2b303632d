"""Every right of the mark around the instant, and over which time it was known.

Source: design section 5; X-102.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from psycopg.rows import class_row

from ledger.scheme.schema import Scheme
from ledger.store.pool import Connection
from ledger.values import FOREVER, Mark, near_keys
from replay.acts import ACTS
from replay.evidence.citing import Citations, Place, Stored
from replay.evidence.pack import CoverKnown
from replay.evidence.redacting import Redactor
from replay.origins import thing


class CoverRow(Struct, frozen=True, kw_only=True):
    """A row of the active registrations."""

    cover_id: str
    version: int
    household_id: UUID
    product: str
    holding_id: str
    kind: str
    shown: str
    glyphs: str
    zone: str
    covers_from: datetime
    covers_until: datetime
    known_from: datetime
    known_until: datetime

    @property
    def household(self) -> str:
        return str(self.household_id)

    @property
    def place(self) -> Place:
        return self.household, self.version

    def holds(self, at: datetime) -> bool:
        return self.kind != "listed" and self.covers_from <= at < self.covers_until

    def known(self, at: datetime) -> bool:
        return self.known_from <= at < self.known_until


_QUERY = (
    "select cover_id, version, household_id, product, holding_id, kind, shown, glyphs, zone,"
    " covers_from, covers_until, known_from, known_until from {}.active_registrations"
    " where glyphs = any(%s) and covers_from < %s and covers_until > %s and known_from <= %s"
    " order by known_from, household_id, version, cover_id"
)


def around(
    connection: Connection,
    schema: str,
    glyphs: Sequence[str],
    begins: datetime,
    ends: datetime,
    as_of: datetime,
) -> list[CoverRow]:
    """The covers of these plates that overlap `[begins, ends)`, as ever known by `as_of`."""
    with connection.cursor(row_factory=class_row(CoverRow)) as cursor:
        return cursor.execute(_QUERY.format(schema), (list(glyphs), ends, begins, as_of)).fetchall()


def near_around(
    connection: Connection,
    schema: str,
    mark: Mark,
    begins: datetime,
    ends: datetime,
    as_of: datetime,
) -> list[CoverRow]:
    """The covers of plates nearly the same, as known at `as_of`; listed ones permit nothing."""
    rows = around(connection, schema, near_keys(mark.glyphs), begins, ends, as_of)
    return [row for row in rows if row.kind != "listed" and row.known(as_of)]


def told(
    rows: Sequence[CoverRow],
    own: str,
    facts: Sequence[Stored],
    cited: Citations,
    scheme: Scheme,
    redactor: Redactor,
    as_of: datetime,
) -> tuple[CoverKnown, ...]:
    """The rows as the pack tells them; `facts` are those of the household of the case."""
    return tuple(
        CoverKnown(
            kind=row.kind,
            named=thing(row.kind, row.product, scheme),
            zone=row.zone,
            covers_from=row.covers_from,
            covers_until=ending(row.covers_until),
            known_from=row.known_from,
            known_until=None if row.known_until > as_of else row.known_until,
            own=row.household == own,
            event=cited.name(row.place),
            closed_by=closed,
            closed_event=closing,
        )
        for row in rows
        for closed, closing in [_closing(row, own, facts, cited, scheme, redactor, as_of)]
    )


def ending(until: datetime) -> datetime | None:
    return None if until >= FOREVER else until


def _closing(
    row: CoverRow,
    own: str,
    facts: Sequence[Stored],
    cited: Citations,
    scheme: Scheme,
    redactor: Redactor,
    as_of: datetime,
) -> tuple[str, str]:
    """What changed a cover of this household that is no longer known so, and its event."""
    if row.household != own or row.known_until > as_of:
        return "", ""
    for stored in facts:
        event = stored.fact.event
        if stored.fact.recorded_at != row.known_until:
            continue
        changed = {cover.cover_id for cover in getattr(event, "covers", ())}
        if row.cover_id in changed or row.cover_id in getattr(event, "uncovers", ()):
            says = redactor.sentence(ACTS[type(event)].sentence(event, scheme.tz), event)
            return says, cited.name(stored.place)
    return "It was changed", ""
