"""A long history streams in constant memory.

Source: issue: 100,000 events stream in constant memory. `PERMIT_LEDGER_DEEP` tries as many.
"""

import os
import tracemalloc
from datetime import timedelta
from io import BytesIO

from msgspec.structs import replace

from commands.book_voucher import BookVoucher
from commands.cancel_booking import CancelBooking
from ledger.events import Recorded, tag_of
from ledger.store.mapper import encode
from ledger.store.pool import Connection
from replay.history import history, write_json_lines
from tests.replay.town import Town, town

EVENTS = 100_000 if os.environ.get("PERMIT_LEDGER_DEEP") else 20_000
MORE_BYTES_MAX = 6_000_000


class Nowhere(BytesIO):
    """Takes what is written and keeps nothing."""

    def write(self, data: object, /) -> int:
        return len(data)  # type: ignore[arg-type]


def test_a_history_of_many_events_takes_no_more_memory_than_one_of_few(database: str):
    """Every act with what it changed; measured from the first thousand acts on."""
    with town(database) as made:
        stored = lived_long(made, EVENTS)
        acts = history(made.council.ledger, made.home, attempts=True, checks=True)
        tracemalloc.start()
        try:
            for _ in range(1_000):
                next(acts)
            tracemalloc.reset_peak()
            begun, _ = tracemalloc.get_traced_memory()
            written = write_json_lines(acts, Nowhere())
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert written == stored - 1_000
    assert peak - begun < MORE_BYTES_MAX, f"{peak - begun:,} bytes more at the peak"


def lived_long(made: Town, events: int) -> int:
    """Book and cancel once, then store the same again and again, a minute later each time, under
    ids of their own; how many events there are.
    """
    made.at("2026-11-19 10:00").move_in().buy("virtual-visitor-vouchers")
    booked = made.do(BookVoucher(vehicles=("G885WFE",), start="2026-11-20 08:00"))["bookings"][0]
    made.do(CancelBooking(booking=booked))
    ledger = made.council.ledger
    known = list(ledger.facts(made.home))
    with made.council.pool.connection() as connection:
        _again(connection, made, known[-2:], booked, events - len(known))
    return events


def _again(
    connection: Connection, made: Town, pair: list[Recorded], booked: str, more: int
) -> None:
    version, position = pair[-1].originator_version, pair[-1].position
    with (
        connection.transaction(),
        connection.cursor() as cursor,
        cursor.copy(
            f"copy {made.council.schema}.stored_events (originator_id, originator_version,"
            " notification_id, topic, state) from stdin"
        ) as copy,
    ):
        for n in range(1, more + 1):
            fact = pair[(n - 1) % 2]
            entry = fact.entry
            at = entry.recorded_at + timedelta(minutes=n)
            number = f"{(n - 1) // 2:020x}"
            state = encode(replace(entry, recorded_at=at)).replace(booked.encode(), number.encode())
            topic = tag_of(fact.event)
            copy.write_row((made.home, version + n, position + n, topic, state))
