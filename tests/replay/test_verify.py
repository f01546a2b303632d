"""Whatever is altered behind the ledger's back, verify says where."""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import pytest
from psycopg import sql

from ledger.household.state import Household
from ledger.store.application import HOUSEHOLD_SHAPE
from ledger.store.pool import Connection
from replay.verify import Problem, verify
from tests.replay.town import DAYS, Town, town


@pytest.fixture
def lived(database: str) -> Iterator[Town]:
    """A council with a varied history, its followers at the present."""
    with town(database) as made:
        for _ in DAYS["stevenage"](made):
            pass
        made.catch_up()
        made.home = made.council.ledger.household_id("home")
        yield made


@contextmanager
def unguarded(town: Town) -> Iterator[Connection]:
    """A connection for one who may do anything, keys and constraints dropped."""
    with town.council.pool.connection() as connection, connection.transaction():
        connection.execute("set local search_path to stevenage")
        connection.execute("alter table stored_events drop constraint stored_events_pkey")
        connection.execute("drop index stored_events_notification_id_idx")
        yield connection


def alter(town: Town, statement: str) -> int:
    """Do it to the stored events of the home household (`%s`); how many rows it touched."""
    with unguarded(town) as connection:
        return connection.execute(sql.SQL(statement), (town.home,)).rowcount  # type: ignore[arg-type]


def found(town: Town) -> list[Problem]:
    report = verify(town.council.ledger)
    assert report.ok == (not report.problems)
    return list(report.problems)


def places(problems: list[Problem]) -> list[tuple[str, int]]:
    return [(problem.kind, problem.version) for problem in problems]


@pytest.mark.parametrize("council", list(DAYS))
def test_a_ledger_that_nobody_touched_is_whole(database: str, council: str):
    """Every check passes on what real commands wrote, snapshots and followers included."""
    with town(database, council) as made:
        for _ in DAYS[council](made):
            pass
        made.catch_up()

        report = verify(made.council.ledger)

    assert report.problems == ()
    assert report.ok
    assert report.events >= 18
    assert report.households == {"stevenage": 3}.get(council, 1)


def test_a_deleted_event_leaves_a_gap(lived: Town):
    """Versions are 1, 2, 3, ...: the gap is named, and what nothing tells of any more."""
    assert alter(lived, "delete from stored_events where originator_id=%s and originator_version=7")

    problems = found(lived)

    assert problems[0].kind == "version"
    assert problems[0].household_id == str(lived.home)
    assert problems[0].version == 8
    assert problems[0].detail == "version 8 follows version 6"
    assert {problem.kind for problem in problems[1:]} == {"row", "snapshot"}


def test_a_deleted_last_event_is_missed_by_the_rows(lived: Town):
    """A cut tail leaves no gap; what it had made stays behind and is found."""
    last = "(select max(originator_version) from stored_events where originator_id = '{}')"
    statement = "delete from stored_events where originator_id = %s and originator_version = "
    assert alter(lived, statement + last.format(lived.home))

    problems = found(lived)

    assert {problem.kind for problem in problems} == {"row"}
    assert "receipts" in {problem.difference.table for problem in problems if problem.difference}


def test_a_flipped_byte_is_found(lived: Town):
    """Bytes that are no entry any more are named, with household and version."""
    assert alter(
        lived,
        "update stored_events set state = set_byte(state, 0, 0)"
        " where originator_id = %s and originator_version = 3",
    )

    assert places(found(lived)) == [("unreadable", 3)]


def test_a_space_added_is_found(lived: Town):
    """The same entry in other bytes is not what was stored."""
    assert alter(
        lived,
        "update stored_events set state = state || ' '::bytea"
        " where originator_id = %s and originator_version = 3",
    )

    assert places(found(lived)) == [("bytes", 3)]


def test_an_unknown_kind_of_fact_is_found(lived: Town):
    """A tag that this program does not know is unreadable: it is never skipped."""
    assert alter(
        lived,
        "update stored_events set state = convert_to(replace(convert_from(state, 'UTF8'),"
        " 'voucher_booked.v1', 'voucher_booked.v9'), 'UTF8')"
        " where originator_id = %s and topic = 'voucher_booked.v1' and originator_version = 12",
    )

    assert places(found(lived)) == [("unreadable", 12)]


def test_another_topic_is_found(lived: Town):
    """The topic column is a copy: it has to say what the state says."""
    assert alter(
        lived,
        "update stored_events set topic = 'pin_sent.v1'"
        " where originator_id = %s and originator_version = 2",
    )

    assert places(found(lived)) == [("topic", 2)]


def test_events_swapped_in_time_are_found(lived: Town):
    """Positions and recorded instants rise with the versions of a household."""
    assert alter(
        lived,
        "update stored_events set originator_version = 13 - originator_version"
        " where originator_id = %s and originator_version in (2, 11)",
    )

    kinds = places(found(lived))

    assert ("position", 3) in kinds
    assert ("recorded_at", 3) in kinds
    assert ("receipt", 2) in kinds


def test_a_renumbered_event_is_found(lived: Town):
    """Two events of one position, and one that does not rise."""
    assert alter(
        lived,
        "update stored_events set notification_id = (select min(notification_id)"
        " from stored_events) where originator_id = %s and originator_version = 5",
    )

    problems = found(lived)

    assert problems[0].kind == "position"
    assert problems[0].version == 5
    assert "2 events have this position" in [problem.detail for problem in problems]


def test_an_event_stored_twice_is_found(lived: Town):
    """A receipt's key has an effect once."""
    assert alter(
        lived,
        "insert into stored_events select originator_id, originator_version, notification_id + 1,"
        " topic, state from stored_events where originator_id = %s and originator_version = 7",
    )

    problems = found(lived)

    assert ("version", 7) in places(problems)
    assert [problem.kind for problem in problems].count("receipt") == 1


@pytest.mark.parametrize(
    ("statement", "table", "kind", "columns"),
    [
        (
            "update active_registrations set covers_until = covers_until + interval '1 day'"
            " where shown = 'XY12ZZZ'",
            "active_registrations",
            "changed",
            ("covers_until",),
        ),
        ("delete from payments where result = 'declined'", "payments", "missing", ()),
        (
            "insert into deadlines select 'holding', 'none', household_id, due_at, false"
            " from deadlines limit 1",
            "deadlines",
            "extra",
            (),
        ),
        (
            "update sessions set name = 'x' where shown = 'G885WFE'",
            "sessions",
            "changed",
            ("name",),
        ),
    ],
)
def test_a_row_that_is_not_what_the_facts_say_is_found(
    lived: Town, statement: str, table: str, kind: str, columns: tuple[str, ...]
):
    """The difference names the model, the table, the row and its columns."""
    with unguarded(lived) as connection:
        assert connection.execute(statement.encode()).rowcount == 1

    [problem] = found(lived)

    assert problem.kind == "row"
    assert problem.difference is not None
    assert (problem.difference.table, problem.difference.kind) == (table, kind)
    assert problem.difference.columns == columns
    assert table in str(problem)


def test_that_a_message_was_sent_is_no_fact(lived: Town):
    """The sender marks what it sent; a rebuild would not know it, and it is no fault."""
    with unguarded(lived) as connection:
        assert connection.execute("update messages set sent_at = now()").rowcount

    assert found(lived) == []


def test_a_snapshot_that_tells_otherwise_is_found(lived: Town):
    """A decision begins at the snapshot: it has to be what the facts up to it make."""
    household = lived.council.ledger.household(lived.home)
    take_snapshot(lived, household)
    assert found(lived) == []
    household.residents.clear()
    take_snapshot(lived, household)

    assert places(found(lived)) == [("snapshot", household.version)]


def take_snapshot(town: Town, household: Household) -> None:
    with town.council.pool.connection() as connection:
        connection.execute("delete from stevenage.snapshots")
        connection.execute(
            "insert into stevenage.snapshots (originator_id, originator_version, shape, state)"
            " values (%s, %s, %s, %s)",
            (town.home, household.version, HOUSEHOLD_SHAPE, msgspec.msgpack.encode(household)),
        )
