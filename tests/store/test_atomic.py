"""Events, rows, receipt: all of a command is there, or nothing of it.

Source: design section 4 (one transaction, never an implicit one); promises P1, P6.
"""

import itertools
from collections.abc import Callable
from uuid import uuid4

import psycopg
import pytest
from psycopg import errors

from commands.book_voucher import BookVoucher
from commands.handling import Sender
from ledger.events import Recorded, VoucherBooked
from ledger.refusals import ConcurrentChange
from ledger.store import recorder
from ledger.store.application import Ledger
from ledger.store.exchange import BEGIN, COMMIT, exchange, statement
from ledger.store.rows import Changes, ReadModel, Table
from projections.active_registrations import REGISTRATIONS
from projections.registry import INLINE
from scripts.benches.households import Bookers
from services.council import Council
from tests.store.homes import a_council, a_home, a_ledger, appended, counts, visitor


class Failing:
    """A read model that does something of its own to every booking."""

    name = "failing"
    tables: tuple[Table, ...] = ()

    def __init__(self, does: Callable[[Changes, Recorded], None]) -> None:
        self._does = does

    def apply(self, changes: Changes, recorded: Recorded) -> None:
        if isinstance(recorded.event, VoucherBooked):
            self._does(changes, recorded)


class Broken(Exception):
    """What a read model raises by mistake."""


def refuse(changes: Changes, recorded: Recorded) -> None:
    raise Broken("a mistake in a read model")


def end_before_it_begins(changes: Changes, recorded: Recorded) -> None:
    """Rows that the table's own CHECK refuses."""
    for row in changes.of(REGISTRATIONS).puts.values():
        row["covers_until"] = "2000-01-01T00:00:00Z"


def tear_a_text(changes: Changes, recorded: Recorded) -> None:
    for row in changes.of(REGISTRATIONS).puts.values():
        row["shown"] = "AB12\0CDE"


def with_model(council: Council, model: ReadModel) -> None:
    council.handler.ledger = Ledger(council.id, council.pool, (*INLINE, model))


@pytest.mark.parametrize(
    ("does", "error"),
    [
        (refuse, Broken),
        (end_before_it_begins, errors.CheckViolation),
        (tear_a_text, errors.UntranslatableCharacter),
    ],
)
def test_a_read_model_that_fails_leaves_no_event_no_row_and_no_receipt(
    database: str,
    does: Callable[[Changes, Recorded], None],
    error: type[Exception],
) -> None:
    """The facts are not stored without the officer's view of them; the next try is a first one."""
    with a_council(database, 1) as council:
        home = a_home(council, "home")
        before = counts(council.ledger)
        with_model(council, Failing(does))
        booking = BookVoucher(vehicles=("AB12CDE",))
        sender = Sender(by=home.by, key="key")
        with pytest.raises(error):
            council.handle(home.household, booking, sender)
        assert counts(council.ledger) == before

        council.handler.ledger = council.ledger
        council.handle(home.household, booking, sender)
        assert counts(council.ledger)["stored_events"] == before["stored_events"] + 1


def test_a_connection_cut_in_the_middle_leaves_nothing_and_the_retry_succeeds(
    database: str,
) -> None:
    """The server ends the backend between the lock and the append (P1)."""

    def cut(changes: Changes, recorded: Recorded) -> None:
        with psycopg.connect(database, autocommit=True) as other:
            other.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where pid <> pg_backend_pid() and datname = current_database()"
            )

    with a_council(database, 1) as council:
        home = a_home(council, "home")
        before = counts(council.ledger)
        with_model(council, Failing(cut))
        booking = BookVoucher(vehicles=("AB12CDE",))
        sender = Sender(by=home.by, key="key")
        with pytest.raises(psycopg.OperationalError):
            council.handle(home.household, booking, sender)

        council.handler.ledger = council.ledger
        assert counts(council.ledger) == before
        council.handle(home.household, booking, sender)
        assert counts(council.ledger)["receipts"] == before["receipts"] + 1


def test_a_version_that_is_taken_stores_nothing_and_says_so(database: str) -> None:
    """Two that append the same version: one of them, whole."""
    with a_ledger(database, 2, ()) as ledger:
        stream = uuid4()
        facts = appended(ledger, stream, [visitor("1")])
        with ledger.pool.connection() as connection, pytest.raises(errors.UniqueViolation):
            ledger.events.put(facts, connection=connection, changes=Changes(), then=[(COMMIT, ())])

        assert counts(ledger)["stored_events"] == 1


def test_a_commit_that_was_a_rollback_is_an_error(database: str) -> None:
    """PostgreSQL answers COMMIT with ROLLBACK in a failed transaction: never taken for success."""
    with a_ledger(database, 2, ()) as ledger, ledger.pool.connection() as connection:
        exchange(connection, [(BEGIN, ())])
        with pytest.raises(errors.DivisionByZero):
            exchange(connection, [(statement("select 1 / 0"), ())])
        with pytest.raises(errors.InFailedSqlTransaction):
            exchange(connection, [(COMMIT, ())])


def test_nothing_after_a_failed_statement_is_done(database: str) -> None:
    """The statements of one exchange are in order: a failed one ends it, and the line is usable."""
    with a_ledger(database, 2, ()) as ledger, ledger.pool.connection() as connection:
        insert = statement(f"insert into {ledger.schema}.tracking values (%s, 1)", (0,))
        with pytest.raises(errors.DivisionByZero):
            exchange(
                connection,
                [(BEGIN, ()), (statement("select 1 / 0"), ()), (insert, (b"r",)), (COMMIT, ())],
            )
        connection.rollback()
        assert connection.execute(f"select * from {ledger.schema}.tracking").fetchall() == []


def test_statements_that_the_server_forgot_are_prepared_again(database: str) -> None:
    """psycopg sends `deallocate all` after a `drop` through the same connection."""
    with a_ledger(database, 1, ()) as ledger:
        stream = uuid4()
        appended(ledger, stream, [visitor("1")])
        with ledger.pool.connection() as connection:
            connection.execute("deallocate all")
        appended(ledger, stream, [visitor("2")])

        assert ledger.household(stream).version == 2


def test_a_household_that_is_busy_is_a_concurrent_change(database: str) -> None:
    """The lock is not waited for longer than the bound of the pool's connections."""
    with a_council(database, 2) as council, council.pool.connection() as connection:
        home = a_home(council, "home")
        with council.pool.connection() as bounded:
            bounded.execute("set lock_timeout = '50ms'")
        connection.execute("begin")
        key = council.ledger.lock_key(home.household)
        connection.execute("select pg_advisory_xact_lock(%s)", (key,))
        booking = BookVoucher(vehicles=("AB12CDE",))
        with pytest.raises(ConcurrentChange):
            council.handle(home.household, booking, Sender(by=home.by, key="key"))
        connection.rollback()
        council.handle(home.household, booking, Sender(by=home.by, key="key"))


def rows_of(council: Council) -> list[list[tuple[object, ...]]]:
    """Every inline row, but for what the run itself has in it: households, ids and instants."""
    tables = [table for model in INLINE for table in model.tables]
    with council.pool.connection() as connection:
        return [
            connection.execute(f"select count(*) from {council.schema}.{table.name}").fetchall()
            for table in tables
        ] + [
            connection.execute(
                "select version, kind, shown, glyphs, zone, covers_from, known_until > now()"
                f" from {council.schema}.active_registrations order by known_from, version"
            ).fetchall()
        ]


def test_rows_are_the_same_whether_sent_as_parameters_or_in_bulk(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few rows go as parameters, many in JSON: the statement differs, what it leaves does not."""
    with a_council(database, 1) as council:
        live(a_home(council, "home"))
        directly = rows_of(council)
        with council.pool.connection() as connection:
            for name in itertools.chain(
                ("stored_events", "snapshots"),
                (table.name for model in INLINE for table in model.tables),
            ):
                connection.execute(f"truncate {council.schema}.{name}")
        monkeypatch.setattr(recorder, "EVENTS_DIRECT_MAX", 0)
        live(a_home(council, "home"))

        assert rows_of(council) == directly


def live(home: Bookers) -> None:
    for _ in range(7):
        home.step()
