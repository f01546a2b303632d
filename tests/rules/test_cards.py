"""What one card covers, and what an end that came early takes of it."""

from datetime import UTC, datetime, timedelta

import pytest

from ledger.rules import cards
from tests.given import editions_of
from tests.rules.test_refund import holding

NORWICH = editions_of("norwich-2015").latest
BEGINS = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ended_why", "after", "hours"),
    [("", 6, None), ("surrendered", 6, 6), ("surrendered", 0, 0), ("surrendered", -5, 0)],
)
def test_an_end_that_came_early_ends_the_cover_of_a_card(
    ended_why: str, after: int, hours: int | None
) -> None:
    """The tail to the next morning outlasts the last day, and not an early end (X-071)."""
    product = NORWICH.product("day-scratchcard")
    assert product is not None
    lot = holding(1000, 10, 0, 365)
    lot.ended_why = ended_why
    lot.in_force_until = BEGINS + timedelta(hours=after)

    found = cards.period(BEGINS, lot, product, NORWICH)
    assert found.begins == BEGINS
    if hours is None:
        assert found.ends > BEGINS + timedelta(hours=24)
    else:
        assert found.ends == BEGINS + timedelta(hours=hours)
