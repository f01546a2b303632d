"""Whose tokens a node takes: all of the council but residents', read every few looks.

They are read rather than asked for one by one, so that a check costs no round trip, and on the
connection that follows the ledger, so that a revoked token is as old as any other knowledge at
most: a node that cannot hear of its end refuses everybody.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from msgspec import Struct

from ledger.store.pool import Connection
from services.identity.tokens import TokenRole


class Admitted(Struct, frozen=True, kw_only=True):
    """Whose token it is, and until when it is good; None: until it is revoked."""

    role: TokenRole
    name: str
    expires_at: datetime | None


def admitted(connection: Connection, schema: str) -> Mapping[bytes, Admitted]:
    """Every token that is not revoked, residents' aside, by its digest."""
    found: list[tuple[Any, ...]] = connection.execute(
        f"select token_digest, role, name, expires_at from {schema}.tokens"
        " where revoked_at is null and role <> 'resident'",
        prepare=True,
    ).fetchall()
    return {
        bytes(digest): Admitted(role=cast(TokenRole, role), name=name, expires_at=expires_at)
        for digest, role, name, expires_at in found
    }
