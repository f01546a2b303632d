"""Plain numbered SQL files, each applied once to a council's schema, in a transaction of its own.

A file is `NNNN_name.sql`, numbered from 0001 without a gap, and is never edited once a ledger has
it: the checksum of every applied file is kept and compared before anything runs. Names in a file
resolve in the council's schema alone (`search_path`), so an extension's operator classes are
written with their schema.

MigrationError
├── BadSchemaName         the name cannot be a council's schema
├── BadMigrationFolder    no folder, or a misnamed, duplicate, missing or unreadable file
├── MigrationMismatch     what the ledger has applied is not what the files say
└── MigrationFailed       PostgreSQL refused a file, or the file ended its own transaction

Source: design.md section 7; services.md section 1 (migrations).
"""

import hashlib
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from msgspec import Struct
from psycopg import sql
from psycopg.pq import TransactionStatus
from psycopg.rows import tuple_row

Connection = psycopg.Connection[Any]

_SCHEMA = re.compile(r"[a-z][a-z0-9_]{0,62}")
_COUNCIL = re.compile(r"[a-z][a-z0-9-]{0,62}")
_RESERVED = frozenset({"public", "information_schema"})
_FILE = re.compile(r"(?P<number>[0-9]{4})_(?P<name>[a-z0-9_]+)\.sql")
_POLL_SECONDS = 0.02


class MigrationError(Exception):
    """A schema cannot be brought to what the files say. `file` is empty where no one file is at
    fault."""

    def __init__(self, detail: str, *, file: str = "") -> None:
        self.file = file
        super().__init__(f"{file}: {detail}" if file else detail)


class BadSchemaName(MigrationError):
    """Not a name a council's schema can have."""


class BadMigrationFolder(MigrationError):
    """The files themselves are wrong, whatever the ledger holds."""


class MigrationMismatch(MigrationError):
    """The ledger has applied something else than these files. Nothing was changed."""


class MigrationFailed(MigrationError):
    """The file was refused; its transaction left nothing behind unless the message says
    otherwise."""


class Migration(Struct, frozen=True, kw_only=True):
    """One file: its number, name, text, and the SHA-256 of its bytes in hex."""

    number: int
    name: str
    file: str
    text: str
    sha256: str


def schema_name(council: str) -> str:
    """The schema of a council: its id with `-` as `_`. Raises BadSchemaName.

    An id holds no `_`, so two councils never share a schema.
    """
    if _COUNCIL.fullmatch(council) is None:
        raise BadSchemaName(
            f"council {council!r}: an id is a lower-case letter, then at most 62 of a-z, 0-9 and -"
        )
    return checked_schema(council.replace("-", "_"))


def checked_schema(schema: str) -> str:
    """The same name, if a council's schema can have it. Raises BadSchemaName."""
    if _SCHEMA.fullmatch(schema) is None:
        raise BadSchemaName(
            f"schema {schema!r}: a name is a lower-case letter, then at most 62 of a-z, 0-9 and _"
        )
    if schema in _RESERVED or schema.startswith("pg_"):
        raise BadSchemaName(f"schema {schema!r} is PostgreSQL's own")
    return schema


def read_migrations(folder: Path) -> tuple[Migration, ...]:
    """Every `.sql` file of the folder, 1 to n; other files are left alone. Raises
    BadMigrationFolder."""
    if not folder.is_dir():
        raise BadMigrationFolder(f"no folder of migrations at {folder}")
    migrations: list[Migration] = []
    for path in sorted(folder.glob("*.sql")):
        migration = _read(path)
        expected = len(migrations) + 1
        if migration.number < expected and migrations:
            raise BadMigrationFolder(
                f"number {migration.number:04} is {migrations[-1].file}'s", file=path.name
            )
        if migration.number != expected:
            raise BadMigrationFolder(f"a gap: number {expected:04} comes next", file=path.name)
        migrations.append(migration)
    return tuple(migrations)


def _read(path: Path) -> Migration:
    match = _FILE.fullmatch(path.name)
    if match is None:
        raise BadMigrationFolder(
            "a migration is named NNNN_name.sql, the name of a-z, 0-9 and _", file=path.name
        )
    content = path.read_bytes()
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadMigrationFolder(f"not UTF-8 at byte {error.start}", file=path.name) from error
    return Migration(
        number=int(match["number"]),
        name=match["name"],
        file=path.name,
        text=text,
        sha256=hashlib.sha256(content).hexdigest(),
    )


def pending(connection: Connection, schema: str, folder: Path) -> list[int]:
    """Numbers not yet applied, ascending; empty where the schema is up to date. Changes nothing.

    Raises MigrationMismatch where the ledger and the files disagree.
    """
    migrations = read_migrations(folder)
    _require_idle(connection)
    with connection.transaction():
        todo = _unapplied(connection, checked_schema(schema), migrations)
    return [migration.number for migration in todo]


def migrate(connection: Connection, schema: str, folder: Path) -> list[int]:
    """Bring the schema, made if missing, up to the files; return the numbers applied, ascending.

    Waits for another process that migrates the same schema, and then does only what is left. Files
    applied before one that fails stay applied. The connection must be outside a transaction, and is
    again afterwards. Raises any MigrationError.
    """
    migrations = read_migrations(folder)
    checked_schema(schema)
    _require_idle(connection)
    with _locked(connection, schema):
        with connection.transaction():
            _prepare(connection, schema)
            todo = _unapplied(connection, schema, migrations)
        for migration in todo:
            _apply(connection, schema, migration)
    return [migration.number for migration in todo]


def _require_idle(connection: Connection) -> None:
    """Within a caller's transaction the files would share it, and all be lost with it."""
    assert connection.info.transaction_status == TransactionStatus.IDLE, "inside a transaction"


@contextmanager
def _locked(connection: Connection, schema: str) -> Iterator[None]:
    """Hold the schema's migration lock. Asked for again and again rather than waited for: the
    connection's time-outs bound a wait, and another process's migration may take longer than they
    allow.
    """
    digest = hashlib.sha256(f"permit-ledger migrations of {schema}".encode()).digest()
    key = int.from_bytes(digest[:8], "big", signed=True)
    while not _row(connection, "select pg_try_advisory_lock(%s)", [key])[0]:
        _end(connection)
        time.sleep(_POLL_SECONDS)
    _end(connection)
    try:
        yield
    finally:
        # A lost connection has let go of its locks by itself, and its own error is the one to show.
        if not connection.closed:
            _row(connection, "select pg_advisory_unlock(%s)", [key])
            _end(connection)


def _end(connection: Connection) -> None:
    """Without autocommit a query opens a transaction; a session lock outlives its commit."""
    if connection.info.transaction_status != TransactionStatus.IDLE:
        connection.commit()


def _prepare(connection: Connection, schema: str) -> None:
    has_schema, has_table = _row(
        connection,
        "select exists (select from pg_namespace where nspname = %(schema)s), exists (select from"
        " pg_tables where schemaname = %(schema)s and tablename = 'schema_migrations')",
        {"schema": schema},
    )
    # Not `if not exists`: that asks for the right to create even where the schema is there.
    if not has_schema:
        connection.execute(sql.SQL("create schema {}").format(sql.Identifier(schema)))
    if not has_table:
        connection.execute(
            sql.SQL(
                "create table {} ("
                " number integer primary key check (number > 0),"
                " name text not null,"
                " sha256 text not null check (sha256 ~ '^[0-9a-f]{{64}}$'),"
                " applied_at timestamptz not null default clock_timestamp())"
            ).format(sql.Identifier(schema, "schema_migrations"))
        )


def _unapplied(
    connection: Connection, schema: str, migrations: tuple[Migration, ...]
) -> tuple[Migration, ...]:
    applied = _applied(connection, schema)
    for position, (number, name, sha256) in enumerate(applied):
        file = f"{number:04}_{name}.sql"
        if number != position + 1:
            raise MigrationMismatch(
                f"schema {schema} has applied it without number {position + 1:04}", file=file
            )
        if position >= len(migrations) or migrations[position].name != name:
            raise MigrationMismatch(
                f"schema {schema} has applied it, and this program does not have it", file=file
            )
        if migrations[position].sha256 != sha256:
            raise MigrationMismatch(
                f"edited since schema {schema} applied it: checksum was {sha256[:12]}, "
                f"is {migrations[position].sha256[:12]}",
                file=file,
            )
    return migrations[len(applied) :]


def _applied(connection: Connection, schema: str) -> list[tuple[int, str, str]]:
    exists = _row(
        connection,
        "select exists (select from pg_tables where schemaname = %s"
        " and tablename = 'schema_migrations')",
        [schema],
    )
    if not exists[0]:
        return []
    with connection.cursor(row_factory=tuple_row) as cursor:
        cursor.execute(
            sql.SQL("select number, name, sha256 from {} order by number").format(
                sql.Identifier(schema, "schema_migrations")
            )
        )
        return cursor.fetchall()


def _apply(connection: Connection, schema: str, migration: Migration) -> None:
    """One file and its record in one transaction. The file's text is sent whole and unchanged, so
    that an error's position is a line of the file."""
    with connection.transaction():
        began = _row(
            connection,
            "select pg_current_xact_id()::text, set_config('search_path', %s, true),"
            " set_config('statement_timeout', '0', true), set_config('lock_timeout', '0', true)",
            [f'"{schema}"'],
        )
        try:
            connection.execute(migration.text.encode())
        except psycopg.Error as error:
            raise MigrationFailed(_where(error, migration.text), file=migration.file) from error
        if connection.info.transaction_status == TransactionStatus.INTRANS:
            ended = _row(
                connection,
                sql.SQL(
                    "insert into {} (number, name, sha256) values (%s, %s, %s)"
                    " returning pg_current_xact_id()::text"
                ).format(sql.Identifier(schema, "schema_migrations")),
                [migration.number, migration.name, migration.sha256],
            )
            if ended[0] == began[0]:
                return
        # Raised inside the block, so the record is rolled back; what the file committed is not.
        raise MigrationFailed(
            "it ends its own transaction; what it committed stays, unrecorded", file=migration.file
        )


def _where(error: psycopg.Error, text: str) -> str:
    position = error.diag.statement_position
    line = f"line {text.count(chr(10), 0, int(position) - 1) + 1}: " if position else ""
    state = f" ({error.sqlstate})" if error.sqlstate else ""
    return f"{line}{error.diag.message_primary or error}{state}"


def _row(connection: Connection, query: Any, values: Any) -> tuple[Any, ...]:
    with connection.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute(query, values).fetchone()
    assert row is not None, "a query for one row"
    return row
