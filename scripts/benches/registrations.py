"""Registrations by the million, for benches: rows straight into the officers' read model.

Every plate has one right that holds now, and others that ended, as years of use leave them. The
plate of a number is always the same, so that a client knows what it can ask for.
"""

from datetime import datetime, timedelta
from uuid import UUID

from ledger.store.pool import Connection
from ledger.values import FOREVER
from projections.active_registrations import REGISTRATIONS

ROWS_A_PLATE = 4
BLOCK = 10_000
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


def load(
    connection: Connection, schema: str, plates: range, ages: range, zones: list[str], now: datetime
) -> None:
    """Copy the rights of these plates, of each of these ages (0 holds now), with their indexes
    made anew afterwards; then the statistics.
    """
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
    columns = ", ".join(REGISTRATIONS.columns)
    with connection.cursor() as cursor:
        for age in ages:
            with cursor.copy(f"copy {table} ({columns}) from stdin".encode()) as copy:
                for first in range(plates.start, plates.stop, BLOCK):
                    block = range(first, min(first + BLOCK, plates.stop))
                    copy.write(_lines(block, age, zones, now))
    connection.execute("set statement_timeout = 0")
    connection.execute(
        f"alter table {table} add constraint active_registrations_pkey"
        " primary key (cover_id, version)".encode()
    )
    for text in made:
        connection.execute(text.encode())
    connection.execute(f"vacuum analyze {table}".encode())


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
            f"{n}-{age}\t{age + 1}\t{UUID(int=n)}\th{n}\tvisitor-vouchers\tbooking\t{mark}\t{mark}"
            f"\t{zones[n % len(zones)]}\t{period}\n"
        )
    return "".join(lines)
