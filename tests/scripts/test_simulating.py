"""An invented history: the same for the same seed, believable, and made by real commands alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from random import Random

import pytest
from psycopg.rows import class_row

from commands.handling import Sender
from commands.list_property import ListProperty
from ledger.events import Actor
from ledger.refusals import ConcurrentChange, NotFound
from ledger.store.pool import Connection, connect
from ledger.values import nearly
from projections.lookups import SEEN, LookupSeen
from projections.registry import EVERY
from replay.shown import shown_again
from replay.verify import verify
from scripts.simulating import YEAR, History, main
from scripts.simulation import people
from scripts.simulation.in_bulk import InBulk
from scripts.simulation.spool import spools
from services.councils import open_councils
from tests.databases import Databases

UNTIL = datetime(2026, 11, 1, tzinfo=UTC)
KINDS = ("stevenage", "gravesham", "hampshire")


def simulated(
    dsn: str,
    council: str,
    seed: int,
    *,
    households: int = 6,
    years: float = 1.2,
    one_by_one: bool = False,
) -> int:
    return main(
        council, households, years, seed, dsn, quiet=True, until=UNTIL, one_by_one=one_by_one
    )


def stored(connection: Connection, council: str) -> list[tuple[object, ...]]:
    """What the ledger holds; positions aside, which are the server's."""
    return connection.execute(
        "select originator_id::text, originator_version, topic, state"
        f" from {council}.stored_events order by originator_id, originator_version"
    ).fetchall()


def topics(connection: Connection, council: str) -> dict[str, int]:
    rows = connection.execute(
        f"select topic, count(*)::int from {council}.stored_events group by topic"
    )
    return dict(rows.fetchall())


@contextmanager
def connected(dsn: str) -> Iterator[Connection]:
    with connect(dsn) as connection:
        yield connection


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(databases: Databases) -> None:
    """Events as they are stored, with who, when and the receipt of each command."""
    found = []
    for seed in (5, 5, 6):
        with databases.clone() as dsn:
            assert simulated(dsn, "hampshire", seed, households=4, years=0.8) == 0
            with connected(dsn) as connection:
                found.append(stored(connection, "hampshire"))

    assert len(found[0]) > 50
    assert found[0] == found[1]
    assert found[0] != found[2]


@pytest.mark.parametrize("council", KINDS)
def test_every_kind_of_scheme_gets_a_past_with_its_mistakes(database: str, council: str) -> None:
    """Bought, paid, used, checked and refused, all within the time that was asked for."""
    assert simulated(database, council, 3) == 0
    with connected(database) as connection:
        kinds = topics(connection, council)
        used = {"voucher_booked.v1", "vehicle_switched.v1", "card_used.v1"} & kinds.keys()
        assert used
        assert {"property_listed.v1", "resident_registered.v1", "holding_issued.v1"} <= kinds.keys()
        assert sum(kinds.values()) > 100
        for table in ("refused_attempts", "lookups"):
            row = connection.execute(f"select count(*) from {council}.{table}").fetchone()
            assert row is not None
            assert row[0] > 0
        late = connection.execute(
            f"select count(*) from {council}.active_registrations where known_from >= %s", (UNTIL,)
        ).fetchone()
        assert late == (0,)


NO_READ_MODELS = {
    "stored_events": ["notification_id"],
    "refused_attempts": ["attempt_id"],
    "lookups": ["lookup_id", "seen_low", "seen_high", "seen_not", "answer", "answer_digest"],
    "snapshots": [],
}
"""What else there is of a history, and the columns of it that are the server's own."""


def everything(dsn: str, council: str) -> dict[str, list[str]]:
    """Every row of every table, but for positions and numbers that the server gave."""
    tables = {table.name: list[str]() for model in EVERY for table in model.tables}
    found: dict[str, list[str]] = {}
    with open_councils(dsn, [council]) as councils, connected(dsn) as connection:
        assert councils[council].caught_up(30)
        report = verify(councils[council].ledger)
        assert report.ok, report.problems
        for table, own in (tables | NO_READ_MODELS).items():
            told = "answer::jsonb - '{seen,receipt}'::text[]" if table == "lookups" else "null"
            rows = connection.execute(
                "select ((to_jsonb(t) - %s::text[]) || jsonb_build_object('told',"
                f" {told}))::text from {council}.{table} t order by 1",
                (own,),
            ).fetchall()
            found[table] = [row for (row,) in rows]
    return found


@pytest.mark.parametrize(
    ("council", "years"), [("stevenage", 1.2), ("gravesham", 1.2), ("hampshire", 2.5)]
)
def test_a_history_in_bulk_is_the_one_that_the_commands_leave_one_by_one(
    databases: Databases, council: str, years: float
) -> None:
    """Facts, receipts, refused attempts, look-ups, snapshots and read models, byte for byte; and
    `verify` finds nothing in either."""
    found = []
    for one_by_one in (False, True):
        with databases.clone() as dsn:
            assert simulated(dsn, council, 3, years=years, one_by_one=one_by_one) == 0
            found.append(everything(dsn, council))
    bulk, single = found

    assert len(bulk["stored_events"]) > 100
    assert bulk["snapshots"]
    for table, rows in single.items():
        assert bulk[table] == rows, table


def test_after_a_history_in_bulk_the_ledger_goes_on(database: str) -> None:
    """New positions lie above all of the history's, and what officers were shown can be made
    again from the positions that each look-up names (P8)."""
    assert simulated(database, "stevenage", 3) == 0
    with open_councils(database, ["stevenage"]) as councils, connected(database) as connection:
        council = councils["stevenage"]
        before = last_position(connection)
        council.handle(
            council.ledger.household_id("new"),
            ListProperty(property_ref="new", zone=council.editions.latest.zones[0].id),
            Sender(by=Actor("staff", "clerk"), key="new"),
        )
        assert last_position(connection) > before
        with connection.cursor(row_factory=class_row(LookupSeen)) as cursor:
            kept = cursor.execute(f"select {SEEN} from stevenage.lookups").fetchall()
        assert len(kept) > 3
        for each in kept:
            again = shown_again(council.ledger, council.editions, each)
            assert again.decode() == each.answer


def test_a_history_in_bulk_is_not_stored_over_another(database: str) -> None:
    """Whoever was given facts meanwhile keeps them, and nothing of the history is stored."""
    with open_councils(database, ["stevenage"]) as councils:
        council = councils["stevenage"]
        with council.pool.connection() as connection, spools(connection) as files:
            history = History(
                council, 2, 1, UNTIL - YEAR / 4, UNTIL, recorder=InBulk(council, files)
            )
            living = history.live()
            council.handle(
                council.ledger.household_id("new"),
                ListProperty(property_ref="new", zone=council.editions.latest.zones[0].id),
                Sender(by=Actor("staff", "clerk"), key="new"),
            )
            with pytest.raises(ConcurrentChange, match="nothing was stored"):
                for _ in living:
                    pass
    with connected(database) as connection:
        assert sum(topics(connection, "stevenage").values()) == 1


def last_position(connection: Connection) -> int:
    row = connection.execute("select max(notification_id) from stevenage.stored_events").fetchone()
    assert row is not None
    return int(row[0])


def test_what_falls_due_is_recorded_at_its_own_instant(database: str) -> None:
    """Units and permits lapse by the worker's own job, in between the commands."""
    assert simulated(database, "hampshire", 3, households=4, years=2.5) == 0
    with connected(database) as connection:
        assert topics(connection, "hampshire").get("holding_expired.v1", 0) > 0


def test_doing_it_again_changes_nothing(database: str) -> None:
    """The keys come from the seed as well: a second run is one long retry."""
    assert simulated(database, "gravesham", 4, households=2, years=0.5) == 0
    with connected(database) as connection:
        before = topics(connection, "gravesham")
        assert simulated(database, "gravesham", 4, households=2, years=0.5) == 0
        assert topics(connection, "gravesham") == before


def test_a_council_without_a_scheme_has_no_past(database: str) -> None:
    with pytest.raises(NotFound):
        simulated(database, "atlantis", 1)


@pytest.mark.parametrize(("households", "years"), [(0, 1.0), (5, 0.0), (5, -1.0)])
def test_nobody_and_no_time_at_all_are_asked_for_wrongly(
    database: str, households: int, years: float, capsys: pytest.CaptureFixture[str]
) -> None:
    assert simulated(database, "hampshire", 1, households=households, years=years) == 2
    assert "at least one household" in capsys.readouterr().err


def test_a_slip_is_another_mark_and_mostly_a_near_one() -> None:
    """Mistakes are what a finger does: most are one edit away, as an officer is told."""
    chance = Random(1)
    marks = [people.mark(chance) for _ in range(200)]
    slips = [people.slipped(chance, mark) for mark in marks]

    assert sum(nearly(a, b) for a, b in zip(marks, slips, strict=True)) > 150
