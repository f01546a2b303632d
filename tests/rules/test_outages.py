"""What the register of outages takes."""

from datetime import timedelta

import pytest

from ledger.rules import outages
from tests.given import instant

NOW = instant("2026-11-19 12:00")
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("failed_from", "failed_until", "reason", "codes"),
    [
        (NOW, None, "power", []),
        (NOW + TICK, None, "power", ["in_future"]),
        (NOW - TICK, NOW, "power", []),
        (NOW - TICK, NOW + TICK, "power", ["in_future"]),
        (NOW - TICK, NOW - TICK, "power", ["ends_before_it_begins"]),
        (NOW, NOW - TICK, " ", ["ends_before_it_begins", "reason_missing"]),
        (NOW, None, "", ["reason_missing"]),
    ],
)
def test_an_outage_is_past_ends_after_it_begins_and_has_its_reason(
    failed_from, failed_until, reason, codes
):
    """Up to this very instant (enforcement and evidence, D6)."""
    found = outages.refusals(
        failed_from=failed_from, failed_until=failed_until, reason=reason, at=NOW
    )
    assert [each.code for each in found] == [f"outage.{code}" for code in codes]
