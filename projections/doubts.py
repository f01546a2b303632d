"""Plates of which the stored rows may not be what the facts say: a check answers "unknown".

Two find them. The database itself, in the very transaction, where a row that officers are answered
from is put, changed or taken by anything but an append (migration 0013); and `verify`, which the
worker repeats, where that was got round. A doubt about rows ends when they are rebuilt. A doubt
about the facts themselves ends when somebody who has put them right says so.

Source: promise P18.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec
from msgspec import Struct
from psycopg.rows import class_row

from ledger.store.pool import Connection

EVERY_PLATE = ""
"""The glyph key of a doubt about all plates."""
About = Literal["rows", "facts"]
_why = msgspec.json.Decoder(dict[str, str])


class Doubt(Struct, frozen=True, kw_only=True):
    """One plate in doubt. `found_in` is the table that is not what it should be."""

    about: About
    glyphs: str
    household_id: str | None
    found_in: str
    why: str


REASON = (
    "case when c.doubts is not null"
    " then coalesce(c.doubts::json ->> q.glyphs, c.doubts::json ->> '') end"
)
"""Why the plate `q.glyphs` is in doubt, null where it is not: from the row `c` that is read anyway.

Asked of the table it would make a check a fifth slower.
"""


def standing(connection: Connection, schema: str) -> list[Doubt]:
    """Every doubt there is."""
    with connection.cursor(row_factory=class_row(Doubt)) as cursor:
        return cursor.execute(
            "select about, glyphs, household_id::text as household_id, found_in, why"
            f" from {schema}.doubts order by since, glyphs, about"
        ).fetchall()


class Held(Struct, frozen=True):
    """What whoever holds rows in memory has to know: why which plates are in doubt, and how often
    doubts about rows have ended, after which the rows are others.
    """

    ended: int
    why: Mapping[str, str]

    def of(self, glyphs: str) -> str:
        """Why a plate is in doubt; "" where it is not."""
        return self.why.get(glyphs) or self.why.get(EVERY_PLATE, "")


def held(connection: Connection, schema: str) -> Held:
    """As it is now."""
    row = connection.execute(
        f"select e.times, o.doubts from {schema}.doubts_ended e, {schema}.ledger_offset o",
        prepare=True,
    ).fetchone()
    assert row is not None, "both have one row"
    ended, told = row
    return Held(ended, {} if told is None else _why.decode(told))


def mark(connection: Connection, schema: str, found: Iterable[Doubt]) -> int:
    """Have these plates answered as unknown from now on; how many were not before."""
    marked = 0
    for each in found:
        marked += connection.execute(
            f"insert into {schema}.doubts (about, glyphs, household_id, found_in, why)"
            " values (%s, %s, %s, %s, %s) on conflict do nothing",
            (each.about, each.glyphs, each.household_id, each.found_in, each.why),
        ).rowcount
    return marked


def plates_of(connection: Connection, schema: str, household_id: str) -> list[str]:
    """The glyph keys of every plate that a household ever had cover for."""
    found = connection.execute(
        f"select distinct glyphs from {schema}.active_registrations where household_id = %s"
        " order by glyphs",
        (household_id,),
    ).fetchall()
    return [str(glyphs) for (glyphs,) in found]


def end(connection: Connection, schema: str, about: About) -> int:
    """End the doubts of this kind, in the caller's transaction; how many there were."""
    ended = connection.execute(f"delete from {schema}.doubts where about = %s", (about,)).rowcount
    if ended:
        connection.execute(f"update {schema}.doubts_ended set times = times + 1")
    return ended
