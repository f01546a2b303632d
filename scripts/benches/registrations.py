"""Registrations by the million, for benches: rows straight into the officers' read model.

Every plate has one right that holds now, and others that ended, as years of use leave them. The
plate of a number is always the same, so that a client knows what it can ask for.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from ledger.store.pool import Connection
from ledger.values import FOREVER
from projections.active_registrations import REGISTRATIONS

ROWS_A_PLATE = 4
BLOCK = 10_000
SECONDS_MAX = 1_500.0
"""Time for a whole load: what takes longer is given up, with what there was until then."""
SAID_EVERY = 1_000_000
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_SCATTER = 7_368_787


def plate(n: int) -> str:
    """The n-th plate: no two are the same, and neighbours are nowhere near each other."""
    rest = n * _SCATTER % (24**5 * 100)
    found = []
    for _ in range(5):
        rest, letter = divmod(rest, 24)
        found.append(_LETTERS[letter])
    a, b, c, d, e = found
    return f"{a}{b}{rest:02d}{c}{d}{e}"


def begins(row: int, now: datetime) -> datetime:
    """When the right of a row begins: of each plate's, the first holds now for a month; each
    further one held for a day, thirty days before the one after it.
    """
    age = row % ROWS_A_PLATE if row < 0 else row
    return now - timedelta(days=1 + 30 * age)


class LoadTookTooLong(Exception):
    """Loading was given up; the message says how many rows there were, and of how many."""


def load(
    connection: Connection, schema: str, plates: range, ages: range, zones: list[str], now: datetime
) -> None:
    """Copy the rights of these plates, of each of these ages (0 holds now), with their indexes
    made anew afterwards; then the statistics. Raises LoadTookTooLong.

    A long load says on standard error how far it is.
    """
    table = f"{schema}.active_registrations"
    columns = ", ".join(REGISTRATIONS.columns)
    wanted = len(plates) * len(ages)
    begun, done = time.monotonic(), 0
    connection.execute("set statement_timeout = 0")
    connection.execute("set maintenance_work_mem = '512MB'")
    # These rows have no facts: that they are put by hand is meant, and nobody is to doubt them.
    connection.execute("set permit_ledger.appending = 'on'")
    with _without_indexes(connection, schema), connection.cursor() as cursor:
        for age in ages:
            with cursor.copy(f"copy {table} ({columns}) from stdin".encode()) as copy:
                for first in range(plates.start, plates.stop, BLOCK):
                    block = range(first, min(first + BLOCK, plates.stop))
                    copy.write(_lines(block, age, zones, now))
                    done += len(block)
                    _say(done, wanted, len(block), begun)
                    if time.monotonic() - begun > SECONDS_MAX:
                        raise LoadTookTooLong(f"{done:,} of {wanted:,} rows in {SECONDS_MAX:.0f} s")
    connection.execute(f"vacuum analyze {table}".encode())
    if wanted > SAID_EVERY:
        _tell(f"{wanted:,} rows, their indexes and statistics: {time.monotonic() - begun:.0f} s")


@contextmanager
def _without_indexes(connection: Connection, schema: str) -> Iterator[None]:
    """The table's indexes are dropped, and made anew when the context ends."""
    table = f"{schema}.active_registrations"
    made = [
        row[0]
        for row in connection.execute(
            "select pg_get_indexdef(indexrelid) from pg_index"
            f" where indrelid = '{table}'::regclass and not indisprimary".encode()
        ).fetchall()
    ]
    for text in made:
        name = text.split(" ON ")[0].rsplit(" ", 1)[-1]
        connection.execute(f"drop index {schema}.{name}".encode())
    connection.execute(f"alter table {table} drop constraint active_registrations_pkey".encode())
    yield
    connection.execute(
        f"alter table {table} add constraint active_registrations_pkey"
        " primary key (cover_id, version)".encode()
    )
    for text in made:
        connection.execute(text.encode())


def _say(done: int, wanted: int, last: int, begun: float) -> None:
    if wanted > SAID_EVERY and done // SAID_EVERY > (done - last) // SAID_EVERY:
        _tell(f"{done:,} of {wanted:,} rows in {time.monotonic() - begun:.0f} s")


def _tell(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def _lines(plates: range, age: int, zones: list[str], now: datetime) -> str:
    """Rows of one age in COPY's own format."""
    starts = begins(age, now)
    ends = now + timedelta(days=29) if age == 0 else starts + timedelta(days=1)
    period = (
        f"{starts.isoformat()}\t{ends.isoformat()}\t{starts.isoformat()}\t{FOREVER.isoformat()}"
    )
    lines = []
    for n in plates:
        mark = plate(n)
        lines.append(
            f"{n}-{age}\t{age + 1}\t{n:032x}\th{n}\tvisitor-vouchers\tbooking\t{mark}\t{mark}"
            f"\t{zones[n % len(zones)]}\t{period}\n"
        )
    return "".join(lines)
