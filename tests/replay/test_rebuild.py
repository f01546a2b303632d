"""Rebuilt tables are the live ones, row for row, while commands go on and whatever is killed."""

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from threading import Event, Thread
from typing import Any

import pytest

from commands.enrol_resident import EnrolResident
from commands.handling import Sender
from commands.link_mobile import LinkMobile
from commands.list_property import ListProperty
from commands.send_pin import SendPin
from ledger.events import MobileLinked, Recorded
from ledger.refusals import ConcurrentChange, CorruptLedger, Refused
from ledger.store.application import Ledger
from ledger.store.pool import open_pool
from ledger.store.rows import Changes
from projections.active_registrations import REGISTRATIONS
from projections.allowances import ALLOWANCES
from projections.messages import Messages
from projections.registry import EVERY, INLINE
from replay.folding import Folded
from replay.rebuild import compare, rebuild
from tests.replay.town import DAYS, STAFF, Town, town

KILLS = int(os.environ.get("PERMIT_LEDGER_KILLS", "5"))
CATALOG = """
    select 'index', indexrelid::regclass::text, pg_get_indexdef(indexrelid)
      from pg_index i join pg_class c on c.oid = i.indrelid
     where c.relnamespace = 'stevenage'::regnamespace
     union all
    select 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
      from pg_constraint where connamespace = 'stevenage'::regnamespace
     union all
    select 'column', a.attrelid::regclass || '.' || a.attname,
           format_type(a.atttypid, a.atttypmod) || a.attnotnull
      from pg_attribute a join pg_class c on c.oid = a.attrelid
     where c.relnamespace = 'stevenage'::regnamespace and a.attnum > 0 and c.relkind = 'r'
     order by 1, 2
"""


@pytest.fixture
def lived(database: str) -> Iterator[Town]:
    """A council with a varied history, its followers at the present."""
    with town(database) as made:
        for _ in DAYS["stevenage"](made):
            pass
        made.catch_up()
        yield made


def ask(town: Town, statement: str) -> list[tuple[Any, ...]]:
    with town.council.pool.connection() as connection:
        return connection.execute(statement.encode()).fetchall()


ALL_EVENTS = "select 1 from stevenage.stored_events"


def test_rebuilt_tables_take_the_place_of_wrong_ones(lived: Town):
    """Whatever was wrong is right again, and only what was asked for is touched."""
    ledger = lived.council.ledger
    with lived.council.pool.connection() as connection:
        connection.execute("delete from stevenage.receipts")
        connection.execute("update stevenage.accounts set name = 'x', mobile = null")
        connection.execute("update stevenage.sessions set zone = 'NT'")
    assert {each.table for each in compare(ledger, EVERY)} == {"receipts", "accounts", "sessions"}

    rebuilt = rebuild(ledger, EVERY)

    assert compare(ledger, EVERY) == []
    assert [each.model for each in rebuilt] == [model.name for model in EVERY]
    assert {each.events for each in rebuilt} <= set(range(1, len(ask(lived, ALL_EVENTS)) + 1))


def test_tables_keep_their_columns_indexes_constraints_and_names(lived: Town):
    """A refusal knows a unique index by its name; nothing is left beside."""
    before = ask(lived, CATALOG)

    rebuild(lived.council.ledger, EVERY)
    rebuild(lived.council.ledger, EVERY)

    assert ask(lived, CATALOG) == before
    lived.home = lived.council.ledger.household_id("third")
    lived.do(ListProperty(property_ref="third", zone="OT"), by=STAFF)
    with pytest.raises(Refused, match=r"message\.number_in_use"):
        lived.do(EnrolResident(mobile="07700 900003"), by=STAFF)


def test_what_the_sender_marked_stays_marked(lived: Town):
    """A message that was sent is not sent again because of a rebuild."""
    statement = "select message_id, sent_at from stevenage.messages order by 1"
    with lived.council.pool.connection() as connection:
        connection.execute("update stevenage.messages set sent_at = due_at where kind = 'issued'")
    before = ask(lived, statement)

    rebuild(lived.council.ledger, (Messages(),))

    assert ask(lived, statement) == before
    assert len({sent is None for _, sent in before}) == 2


def test_commands_and_followers_go_on_after_a_rebuild(lived: Town):
    """A follower reads on from where its new table ends: nothing twice, nothing missed."""
    rebuild(lived.council.ledger, EVERY)
    lived.do(LinkMobile(mobile="07700 900009"))
    lived.do(SendPin(by_way_of="text"))

    assert compare(lived.council.ledger, EVERY) == []
    lived.catch_up()
    assert compare(lived.council.ledger, EVERY) == []
    pins = "select count(*) from stevenage.messages where kind = 'pin'"
    assert ask(lived, pins) == [(2,)]


def test_an_unknown_kind_of_fact_stops_a_rebuild(lived: Town):
    """It is never skipped: the tables stay as they were, and the fact is named."""
    with lived.council.pool.connection() as connection:
        connection.execute(
            "update stevenage.stored_events set state = convert_to(replace(convert_from(state,"
            " 'UTF8'), 'mobile_linked.v1', 'mobile_linked.v9'), 'UTF8')"
        )
    before = ask(lived, CATALOG)

    with pytest.raises(CorruptLedger, match=rf"household {lived.home}, version \d+, position \d+"):
        rebuild(lived.council.ledger, EVERY)
    with pytest.raises(CorruptLedger, match="mobile_linked"):
        compare(lived.council.ledger, EVERY)

    assert ask(lived, CATALOG) == before


def test_two_rebuilds_of_a_council_do_not_meet(lived: Town):
    """The second is told that one is under way."""
    refused: list[ConcurrentChange] = []

    def again(events: int) -> None:
        with pytest.raises(ConcurrentChange) as error:
            rebuild(lived.council.ledger, INLINE)
        refused.append(error.value)

    rebuild(lived.council.ledger, INLINE, again)

    assert refused


def test_a_table_that_is_never_free_is_left_as_it_was(lived: Town, monkeypatch: pytest.MonkeyPatch):
    """Somebody reads for long: the rebuild gives way each time, and says so in the end."""
    monkeypatch.setattr("replay.rebuild.PATIENCE_MS", (20, 20))
    before = ask(lived, CATALOG)
    with lived.council.pool.connection() as reader, reader.transaction():
        reader.execute("select 1 from stevenage.active_registrations")
        with pytest.raises(ConcurrentChange, match="never free"):
            rebuild(lived.council.ledger, INLINE)

    rebuild(lived.council.ledger, INLINE)
    assert ask(lived, CATALOG) == before


def test_commands_and_checks_go_on_during_rebuilds(lived: Town):
    """No command fails because of a rebuild, and every one of them is in the new tables."""
    council = lived.council
    done, errors, stop = [0], [], Event()

    def live(n: int) -> None:
        key = 0
        stream = council.ledger.household_id(("home", "next-door")[n])
        resident = next(iter(council.ledger.household(stream).residents))
        while not stop.is_set():
            key += 1
            try:
                council.handle(
                    stream,
                    LinkMobile(mobile=f"07700 90{n}{key % 1000:03d}"),
                    Sender(by=STAFF, key=f"{n}/{key}", on_behalf_of=resident),
                )
                done[0] += 1
            except Refused:
                done[0] += 1
            except Exception as error:
                errors.append(error)

    def look() -> None:
        while not stop.is_set():
            try:
                council.check(
                    typed="XY12ZZZ", zone="OT", at=None, known_at=None, bay="", officer="o",
                    device="d",
                )  # fmt: skip
                council.catch_up()
            except Exception as error:
                errors.append(error)

    threads = [Thread(target=live, args=(0,)), Thread(target=live, args=(1,)), Thread(target=look)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(4):
            before = done[0]
            rebuild(council.ledger, EVERY)
            assert compare(council.ledger, EVERY) == []
            assert done[0] > before
    finally:
        stop.set()
        for thread in threads:
            thread.join()

    assert errors == []
    lived.catch_up()
    assert compare(council.ledger, EVERY) == []


def _rebuild_for_ever(dsn: str, ready: Any) -> None:
    with open_pool(dsn, 2, "doomed") as pool:
        ledger = Ledger("stevenage", pool, INLINE)
        ready.set()
        while True:
            rebuild(ledger, EVERY)


def test_a_killed_rebuild_leaves_whole_tables(lived: Town, database: str):
    """Killed at any point: the live tables are whole, and the next rebuild clears what it left."""
    spawn = multiprocessing.get_context("spawn")
    before = ask(lived, CATALOG)
    for n in range(KILLS):
        ready = spawn.Event()
        process = spawn.Process(target=_rebuild_for_ever, args=(database, ready))
        process.start()
        assert ready.wait(30)
        time.sleep(random.Random(n).uniform(0, 0.3))
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()

        assert compare(lived.council.ledger, EVERY) == []
    _when_alone(lived)
    assert ask(lived, CATALOG) == before


def _when_alone(town: Town) -> None:
    """Rebuild once more, as soon as the server has noticed that the killed one is gone."""
    for _ in range(100):
        try:
            rebuild(town.council.ledger, EVERY)
        except ConcurrentChange:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the killed rebuild still holds its lock")


def test_a_patch_in_memory_changes_what_the_statement_changes():
    """Only open rows are closed, only rows that match, and the last value of a column holds."""
    forever = datetime(9999, 12, 31, tzinfo=UTC)
    instants = [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3)]
    folded = Folded()

    def row(cover: str, version: int) -> dict[str, object]:
        made: dict[str, object] = dict.fromkeys(REGISTRATIONS.columns, "")
        return made | {"cover_id": cover, "version": version, "known_until": forever}

    folded.patch(REGISTRATIONS, {"cover_id": "a"}, known_until=instants[0])
    folded.put(REGISTRATIONS, row("a", 1))
    folded.put(REGISTRATIONS, row("b", 1))
    folded.patch(REGISTRATIONS, {"cover_id": "a"}, known_until=instants[1])
    folded.put(REGISTRATIONS, row("a", 2))
    folded.patch(REGISTRATIONS, {"cover_id": "a"}, known_until=instants[2])

    known = {key: each["known_until"] for key, each in folded.rows_of(REGISTRATIONS).by_key.items()}
    assert known == {("a", 1): instants[1], ("b", 1): forever, ("a", 2): instants[2]}

    folded.put(ALLOWANCES, dict.fromkeys(ALLOWANCES.columns, "x"))
    folded.patch(ALLOWANCES, {"holding_id": "x", "cap": "x"}, counts_until="y")
    folded.patch(ALLOWANCES, {"holding_id": "x", "cap": "z"}, counts_until="z")
    folded.patch(ALLOWANCES, {"holding_id": "x", "cap": "x"}, counts_until=None)
    assert folded.rows_of(ALLOWANCES).by_key["x", "x"]["counts_until"] == "y"


def test_a_model_that_tells_otherwise_now_is_found(lived: Town):
    """A changed fold shows as differences until it is rebuilt."""

    class Shouting(Messages):
        def apply(self, changes: Changes, recorded: Recorded) -> None:
            if not isinstance(recorded.event, MobileLinked):
                super().apply(changes, recorded)
                return
            super().apply(changes, recorded)
            row = dict.fromkeys(self.tables[0].columns)
            changes.put(
                self.tables[0],
                row
                | {
                    "message_id": f"{recorded.household_id}/{recorded.originator_version}",
                    "household_id": recorded.household_id,
                    "resident_id": "",
                    "kind": "linked",
                    "subject": "",
                    "due_at": recorded.recorded_at,
                },
            )

    [difference] = compare(lived.council.ledger, (Shouting(),))
    assert difference.kind == "missing"
    assert difference.household_id == str(lived.home)

    rebuild(lived.council.ledger, (Shouting(),))
    assert compare(lived.council.ledger, (Shouting(),)) == []
