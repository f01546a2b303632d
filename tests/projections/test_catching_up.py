"""A follower is held back by transactions that began before, and comes to the end after them."""

from threading import Timer

import psycopg

from projections.registry import CATCHING_UP
from replay.rebuild import compare
from tests.replay.town import stevenage_days, town


def test_a_transaction_elsewhere_holds_followers_back_until_it_ends(database: str):
    """Nothing may appear beneath what was read: so a follower waits, and then misses nothing."""
    with town(database) as made, psycopg.connect(database) as other:
        other.execute("select pg_current_xact_id()")
        for _ in stevenage_days(made):
            pass

        assert not made.council.caught_up(0.05)
        Timer(0.3, other.rollback).start()
        assert made.council.caught_up(30.0)

        rows = made.council.ledger
        assert compare(rows, CATCHING_UP) == []
