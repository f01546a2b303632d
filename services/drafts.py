"""Applications that somebody began and will go on with later: one for each resident and product.

They are no facts: nothing was asked of the council yet. A draft is deleted when it is sent.

Source: STV-042; scheme TOML `flow.save_draft`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from psycopg.types.json import Jsonb

from ledger.store.pool import Connection


class Draft(Struct, frozen=True, kw_only=True):
    """What was entered so far, by the name of its field."""

    product: str
    answers: Mapping[str, Sequence[str]]
    saved_at: datetime


def save(
    connection: Connection,
    schema: str,
    *,
    household: UUID,
    resident: str,
    product: str,
    answers: Mapping[str, Sequence[str]],
    at: datetime,
) -> None:
    """Keep what was entered; it replaces what was kept before."""
    connection.execute(
        f"insert into {schema}.drafts (resident_id, product, household_id, answers, saved_at)"
        " values (%s, %s, %s, %s, %s) on conflict (resident_id, product) do update set"
        " answers = excluded.answers, saved_at = excluded.saved_at",
        (resident, product, household, Jsonb(dict(answers)), at),
    )


def find(connection: Connection, schema: str, resident: str, product: str) -> Draft | None:
    """The draft of that product, where there is one."""
    return next(
        (each for each in of_resident(connection, schema, resident) if each.product == product),
        None,
    )


def of_resident(connection: Connection, schema: str, resident: str) -> list[Draft]:
    """What a resident has begun and not sent, the latest first."""
    found = connection.execute(
        f"select product, answers, saved_at from {schema}.drafts where resident_id = %s"
        " order by saved_at desc, product",
        (resident,),
        prepare=True,
    ).fetchall()
    return [Draft(product=row[0], answers=row[1], saved_at=row[2]) for row in found]


def forget(connection: Connection, schema: str, resident: str, product: str) -> None:
    """Delete a draft: it was sent, or is not wanted."""
    connection.execute(
        f"delete from {schema}.drafts where resident_id = %s and product = %s",
        (resident, product),
    )
