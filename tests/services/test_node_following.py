"""A node follows a ledger: through cut lines, restored servers and facts that it does not know."""

from contextlib import suppress
from threading import Event, Thread
from time import monotonic, sleep

import pytest

from commands.book_voucher import BookVoucher
from commands.cancel_booking import CancelBooking
from commands.handling import Sender
from ledger.refusals import CorruptLedger
from ledger.store.pool import connect
from projections.registry import INLINE
from replay.rebuild import rebuild
from services.node.answering import KnowledgeTooOld
from services.node.following import OutOfStep
from tests.replay.town import town
from tests.services.test_node import asking, booked, home

__all__ = ["asking"]
START = "2026-11-20 20:20"


def test_a_fact_that_is_not_known_stops_the_node_and_it_answers_nothing(database, asking):
    with town(database) as each:
        home(each)
        asked = asking(each).catch_up()
        stop = Event()
        with connect(database) as connection:
            connection.execute(
                f"insert into {each.council.schema}.stored_events select gen_random_uuid(), 1,"
                " (pg_current_xact_id()::text::bigint << 12) + 1, 'moved_to_mars.v1',"
                " replace(convert_from(state, 'UTF8'), topic, 'moved_to_mars.v1')::bytea"
                f" from {each.council.schema}.stored_events limit 1"
            )

        with pytest.raises(CorruptLedger, match=r"position [0-9]+, version 1: .*moved_to_mars"):
            asked.follower.run(stop)
        with pytest.raises(KnowledgeTooOld):
            asked.says("AB12CDE")


def test_a_cut_connection_is_made_anew_and_nothing_is_missed(database, asking):
    with town(database) as each:
        home(each)
        asked = asking(each).catch_up()
        table = asked.follower.table
        stop = Event()
        running = Thread(target=asked.follower.run, args=(stop,))
        running.start()
        try:
            with connect(database) as connection:
                cut = connection.execute(
                    "select count(pg_terminate_backend(pid)) from pg_stat_activity"
                    " where datname = current_database() and application_name"
                    " = 'permit-ledger node'"
                ).fetchone()
            assert cut == (1,)
            booked(each, "AB12CDE")
            deadline = monotonic() + 30
            covered = False
            while not covered and monotonic() < deadline:
                with suppress(KnowledgeTooOld):
                    covered = asked.says("AB12CDE").answer.covered
                sleep(0.02)
        finally:
            stop.set()
            running.join()

        assert covered
        assert asked.follower.table is table, "it went on, and did not begin anew"


def test_a_ledger_that_does_not_go_on_from_what_is_held_is_read_anew(database, asking):
    """A server that was restored to an earlier moment, or promoted without the last facts."""
    with town(database) as each:
        home(each)
        booking = booked(each, "AB12CDE")
        asked = asking(each).catch_up()
        assert asked.says("AB12CDE").answer.covered
        schema = each.council.schema
        with connect(database) as connection:
            connection.execute(
                f"delete from {schema}.stored_events where notification_id"
                f" = (select max(notification_id) from {schema}.stored_events)"
            )
            connection.execute(
                f"delete from {schema}.active_registrations where cover_id = %s", (booking,)
            )
            # What was done by hand is seen, and a restore is not done by hand.
            connection.execute(f"delete from {schema}.doubts")
            left = connection.execute(
                f"select count(*) from {schema}.active_registrations where shown = 'AB12CDE'"
            ).fetchone()
        assert left == (0,), "the cover has the booking's id"
        asked.follower.hang_up()
        stop = Event()
        running = Thread(target=asked.follower.run, args=(stop,))
        running.start()
        deadline = monotonic() + 30
        reason = None
        while reason != "no_right" and monotonic() < deadline:
            with suppress(KnowledgeTooOld):
                reason = asked.says("AB12CDE").answer.reason
            sleep(0.02)
        stop.set()
        running.join()

        assert reason == "no_right"


def test_nothing_is_missed_while_many_write_at_once(database, asking):
    """Followed beneath concurrent commits, it holds what a fresh snapshot holds (promise P5)."""
    with town(database) as each:
        residents = []
        for n in range(4):
            each.move_in(f"home-{n}", f"07700 90000{n}")
            each.buy("virtual-visitor-vouchers")
            residents.append((each.home, each.resident))
        asked = asking(each).catch_up()

        def write(n):
            stream, by = residents[n]
            for m in range(12):
                booking = BookVoucher(vehicles=(f"AB{m + 10}C{'DEFG'[n]}E",), start=START)
                sender = Sender(by=by, key=f"{n}/{m}")
                made = each.council.handle(stream, booking, sender).values["bookings"]
                if m % 3 == 0:
                    cancel = CancelBooking(booking=made[0])
                    each.council.handle(stream, cancel, Sender(by=by, key=f"{n}/{m}/cancel"))

        writers = [Thread(target=write, args=(n,)) for n in range(4)]
        for writer in writers:
            writer.start()
        while any(writer.is_alive() for writer in writers):
            asked.follower.look()
        asked.catch_up()

        fresh = asking(each).catch_up()
        assert len(fresh.follower.table) > 30
        assert asked.follower.table._plates == fresh.follower.table._plates


def test_a_plate_in_doubt_is_unknown_to_a_node_and_read_anew_once_it_is_not(database, asking):
    """What the node holds may be what was altered: it is forgotten with the doubt (P18)."""
    with town(database) as each:
        home(each)
        booked(each, "AB12CDE")
        schema = each.council.schema
        with connect(database) as connection:
            connection.execute(f"update {schema}.active_registrations set zone = 'NT'")
        asked = asking(each).catch_up()
        table = asked.follower.table
        answer = asked.says("AB12CDE").answer
        assert (answer.covered, answer.reason) == (None, "unknown")
        assert "by other than the ledger" in answer.hint
        assert asked.says("ZZ99ZZZ").answer.covered is False

        rebuild(each.council.ledger, INLINE)

        with pytest.raises(OutOfStep, match="made anew"):
            asked.follower.look()
        asked.follower._forget_everything()
        assert asked.catch_up().says("AB12CDE").answer.covered
        assert asked.follower.table is not table


def test_a_ledger_of_another_epoch_is_read_anew(database, asking):
    """Every position that the node knows is there, and yet what it knows may be lost (P19)."""
    with town(database) as each:
        home(each)
        asked = asking(each).catch_up()
        with connect(database) as connection:
            connection.execute(
                f"update {each.council.schema}.ledger_offset set epoch = gen_random_uuid()"
            )

        with pytest.raises(OutOfStep, match="another epoch"):
            asked.follower.look()
