"""All councils of a server: those that have a live scheme, each wired once, on two shared pools.

A council is the id of its scheme; its ledger is a PostgreSQL schema of that name. Superseded
editions, and the scheme that was replaced, are kept beside the live one, for the days on which
they were in force and for what was sold under them.

Source: design sections 3, 4 and 7.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from ledger.refusals import NotFound
from ledger.scheme.editions import Editions, SchemeLibrary, in_order
from ledger.scheme.loading import built_in
from ledger.store.pool import open_pool
from ledger.store.restoring import notice_restored, refuse_repeated_positions
from services.council import Council
from services.postgres import refuse_unsafe_server

COMMANDS_MAX, CHECKS_MAX = 16, 8
"""Connections of the two pools, at most. Checks never wait for commands."""


@contextmanager
def open_councils(
    dsn: str,
    only: Collection[str] | None = None,
    *,
    commands_max: int = COMMANDS_MAX,
    checks_max: int = CHECKS_MAX,
    migrate: bool = True,
    lookups_an_hour: int = 0,
    sells_samples: bool = True,
    grown: Callable[[Council], None] | None = None,
) -> Iterator[dict[str, Council]]:
    """The councils by id, or those of `only`, their schemas brought to this version's files
    unless `migrate` is off. `lookups_an_hour` is each officer's limit; 0 is any number.
    `sells_samples` False: nothing is sold at a price that is not the council's own. `grown` is
    called for a council whose schema was there before, and was given more.

    Raises NotFound for a council without a live scheme, UnsafeServer, any MigrationError,
    CorruptLedger for a ledger that was restored and not told so, and SchemeRejected; psycopg.Error
    or PoolTimeout where the server cannot be had.
    """
    editions = chosen(built_in(), only)
    with (
        open_pool(dsn, commands_max, "commands") as pool,
        open_pool(dsn, checks_max, "checks") as checks,
    ):
        with pool.connection() as connection:
            refuse_unsafe_server(connection)
        councils = {
            name: Council(
                name,
                pool,
                checks,
                each,
                lookups_an_hour=lookups_an_hour,
                sells_samples=sells_samples,
            )
            for name, each in editions.items()
        }
        if migrate:
            for council in councils.values():
                applied = council.migrate()
                if grown is not None and applied and applied[0] > 1:
                    grown(council)
            with pool.connection() as connection:
                for council in councils.values():
                    notice_restored(connection, council.schema)
                    refuse_repeated_positions(connection, council.schema)
        yield councils


def chosen(library: SchemeLibrary, only: Collection[str] | None) -> dict[str, Editions]:
    """The editions of every live scheme, or of those named. Raises NotFound."""
    live = {each.scheme.id for each in library.read if each.scheme.status == "live"}
    wanted = live if only is None else set(only)
    for name in sorted(wanted - live):
        known = ", ".join(sorted(live)) or "none"
        raise NotFound("council", f"{name} (there are: {known})")
    return {
        name: in_order(
            scheme
            for scheme in library.editions(name).ordered
            if scheme.status in ("live", "superseded")
        )
        for name in sorted(wanted)
    }
