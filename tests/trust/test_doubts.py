"""A read model that somebody has altered with SQL answers "unknown", and never "not covered".

Source: promises P18; migration 0013.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import psycopg
import pytest
from psycopg.rows import class_row

from projections import doubts, enforcement
from projections.enforcement import CheckAnswer
from projections.lookups import SEEN, LookupSeen
from projections.registry import EVERY
from replay.rebuild import rebuild
from replay.shown import shown_again
from replay.verify import verify
from scripts.working import look_over
from tests.replay.town import DAYS, Town, town

MARK, OTHER = "XY12ZZZ", "G885WFE"


@pytest.fixture
def lived(database: str) -> Iterator[Town]:
    """A council with a varied history, its followers at the present."""
    with town(database) as made:
        for _ in DAYS["stevenage"](made):
            pass
        made.catch_up()
        yield made


@contextmanager
def by_hand(town: Town) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A session of somebody who may do anything."""
    with town.council.pool.connection() as connection, connection.transaction():
        connection.execute("set local search_path to stevenage")
        yield connection


def altered(town: Town, statement: str) -> int:
    with by_hand(town) as connection:
        return connection.execute(statement.encode()).rowcount


def unseen(town: Town, statement: str) -> int:
    """As altered, by somebody who knows how not to be seen."""
    with by_hand(town) as connection:
        connection.execute("alter table active_registrations disable trigger user")
        count = connection.execute(statement.encode()).rowcount
        connection.execute("alter table active_registrations enable always trigger watch_rows")
        connection.execute("alter table active_registrations enable always trigger watch_table")
        return count


def asked(town: Town, mark: str = MARK) -> CheckAnswer:
    return town.council.check(
        typed=mark, zone="OT", at=None, known_at=None, bay="", officer="o", device="d"
    )


def in_doubt(town: Town) -> dict[str, str]:
    """The plates in doubt, and about what."""
    with town.council.pool.connection() as connection:
        return {each.glyphs: each.about for each in doubts.standing(connection, "stevenage")}


@pytest.mark.parametrize("council", list(DAYS))
def test_nothing_that_the_ledger_does_is_doubted(database: str, council: str):
    """An append says that it is one; so does nobody else (P18)."""
    with town(database, council) as made:
        for _ in DAYS[council](made):
            pass
        made.catch_up()
        rebuild(made.council.ledger, EVERY)

        with made.council.pool.connection() as connection:
            assert doubts.standing(connection, made.council.schema) == []


@pytest.mark.parametrize(
    ("statement", "plates"),
    [
        (
            "update active_registrations set covers_until = covers_from where shown = 'XY12ZZZ'",
            {MARK},
        ),
        ("update active_registrations set known_until = now() where shown = 'XY12ZZZ'", {MARK}),
        (
            "update active_registrations set glyphs = 'AA11AAA' where shown = 'XY12ZZZ'",
            {MARK, "AA11AAA"},
        ),
        ("delete from active_registrations where shown = 'XY12ZZZ'", {MARK}),
        ("truncate active_registrations", {""}),
        (
            "insert into active_registrations select 'forged', 1, household_id, holding_id,"
            " product, kind, 'FR33RDE', 'FR33RDE', zone, covers_from, covers_until, known_from,"
            " known_until from active_registrations limit 1",
            {"FR33RDE"},
        ),
        ("update vehicle_facts set length_mm = 99999", {MARK}),
    ],
    ids=["period", "known", "mark", "deleted", "emptied", "forged", "vehicle"],
)
def test_a_plate_whose_row_was_altered_is_unknown_from_that_moment(
    lived: Town, statement: str, plates: set[str]
):
    """Nobody has to look first: the transaction that alters it marks it (P18)."""
    if "vehicle_facts" in statement:
        plates = set(glyphs(lived, "vehicle_facts"))
        assert plates
    altered(lived, statement)

    assert set(in_doubt(lived)) == plates
    for plate in plates:
        found = asked(lived, plate or OTHER)
        assert (found.covered, found.reason, found.right) == (None, "unknown", None)
        assert "by other than the ledger" in found.hint


def glyphs(town: Town, table: str) -> list[str]:
    with by_hand(town) as connection:
        return [str(g) for (g,) in connection.execute(f"select glyphs from {table}".encode())]


def test_only_the_plates_of_altered_rows_are_unknown(lived: Town):
    """Whoever is not concerned is answered as before."""
    before = asked(lived, OTHER)

    altered(lived, "delete from active_registrations where shown = 'XY12ZZZ'")

    after = asked(lived, OTHER)
    assert (after.covered, after.reason) == (before.covered, before.reason)
    assert after.covered is not None


@pytest.mark.parametrize(
    "statement",
    [
        "update stored_events set topic = 'x' where originator_version = 2",
        "delete from stored_events where originator_version = 2",
        "insert into stored_events select originator_id, 1000 + originator_version,"
        " notification_id + (1 << 40), topic, state from stored_events",
        "truncate stored_events",
    ],
    ids=["changed", "deleted", "forged", "emptied"],
)
def test_plates_of_households_whose_facts_were_altered_are_unknown(lived: Town, statement: str):
    """The rows are what they were; whether they are true nobody can tell any more (P18)."""
    altered(lived, statement)

    assert set(in_doubt(lived).values()) == {"facts"}
    assert asked(lived).covered is None


def test_what_is_rolled_back_is_not_doubted(lived: Town):
    """The mark is made in the very transaction that alters."""
    with by_hand(lived) as connection, connection.transaction(force_rollback=True):
        connection.execute("delete from active_registrations")

    assert in_doubt(lived) == {}


def test_setting_triggers_aside_in_a_session_does_not_help(lived: Town):
    """`session_replication_role` silences ordinary triggers; these fire always, rebuilt or not."""
    watching = (
        "select count(*), count(*) filter (where tgenabled = 'A') from pg_trigger"
        " where tgname like 'watch_%' and tgrelid::regclass::text like 'stevenage.%'"
    )
    rebuild(lived.council.ledger, EVERY)

    with by_hand(lived) as connection:
        connection.execute("set local search_path to pg_catalog")
        assert connection.execute(watching).fetchone() == (8, 8)


def test_a_rebuild_ends_the_doubts_about_rows_and_goes_on_watching(lived: Town):
    """The new rows are what the facts make; a later alteration is seen as the first one was."""
    before = asked(lived)
    altered(lived, "delete from active_registrations where shown = 'XY12ZZZ'")

    rebuild(lived.council.ledger, EVERY)

    assert in_doubt(lived) == {}
    assert asked(lived).reason == before.reason
    altered(lived, "delete from active_registrations where shown = 'XY12ZZZ'")
    assert set(in_doubt(lived)) == {MARK}


def test_a_rebuild_does_not_end_a_doubt_about_facts(lived: Town):
    """Rows made anew of altered facts are no truer."""
    altered(lived, "update stored_events set topic = topic")

    rebuild(lived.council.ledger, EVERY)

    assert asked(lived).covered is None


def test_what_got_round_the_watch_is_marked_by_verify(lived: Town):
    """The watch was off for a moment: verify finds the row, and its plate is unknown from then."""
    unseen(lived, "delete from active_registrations where shown = 'XY12ZZZ'")
    assert in_doubt(lived) == {}
    assert asked(lived).covered is not None

    report = verify(lived.council.ledger)

    assert not report.ok
    assert report.in_doubt == 1
    assert in_doubt(lived) == {MARK: "rows"}
    assert "verify found a row" in asked(lived).hint


def test_the_worker_finds_it_within_the_hour(lived: Town, caplog: pytest.LogCaptureFixture):
    """It says so, how many and of what kind, and no mark: a log is read by many."""
    unseen(lived, "update active_registrations set zone = 'NT' where shown = 'XY12ZZZ'")

    look_over(lived.council, Event())

    assert in_doubt(lived) == {MARK: "rows"}
    assert "1 problems (row 1); 1 plates are answered as unknown" in caplog.text
    assert MARK not in caplog.text


def test_more_altered_rows_than_are_named_put_every_plate_in_doubt(lived: Town):
    """Nothing is left out because there was too much of it."""
    unseen(
        lived,
        "insert into active_registrations select 'forged-' || n, 1, household_id, holding_id,"
        " product, kind, 'FR33RDE', 'FR33RDE' || n, zone, covers_from, covers_until, known_from,"
        " known_until from (select * from active_registrations limit 1) one,"
        " generate_series(1, 150) n",
    )

    verify(lived.council.ledger)

    assert "" in in_doubt(lived)
    assert asked(lived, OTHER).covered is None


def test_verify_says_so_where_an_altered_fact_looks_like_any_other(lived: Town):
    """Nothing that is derived from it differs: that it was altered was seen."""
    altered(lived, "update stored_events set state = state where originator_version = 3")

    problems = verify(lived.council.ledger).problems

    assert {problem.kind for problem in problems} == {"doubt"}
    assert str(lived.home) in {problem.household_id for problem in problems}


def test_what_was_shown_is_told_again_in_the_very_bytes(lived: Town):
    """An unknown answer is on record like any other (P8, P9)."""
    altered(lived, "delete from active_registrations where shown = 'XY12ZZZ'")
    found = asked(lived)
    with (
        lived.council.pool.connection() as connection,
        connection.cursor(row_factory=class_row(LookupSeen)) as cursor,
    ):
        (kept,) = cursor.execute(
            f"select {SEEN} from stevenage.lookups where lookup_id = %s", (found.receipt,)
        ).fetchall()
    rebuild(lived.council.ledger, EVERY)

    again = shown_again(lived.council.ledger, lived.council.editions, kept)

    assert again == kept.answer.encode()
    assert enforcement.of_bytes(again).reason == "unknown"
