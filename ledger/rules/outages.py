"""What the register of outages takes: what failed, from when to when, how it was found, and why.

Source: reference/enforcement-and-evidence.md D6, E16.
"""

from collections.abc import Iterator
from datetime import datetime

from ledger.refusals import Refusal


def refusals(
    *, failed_from: datetime, failed_until: datetime | None, reason: str, at: datetime
) -> Iterator[Refusal]:
    """Every `outage.*` reason why it is not taken, in their order."""
    if failed_from > at or (failed_until is not None and failed_until > at):
        yield Refusal("outage.in_future", "what has not failed yet is no outage")
    if failed_until is not None and failed_until <= failed_from:
        yield Refusal("outage.ends_before_it_begins", "its end comes after its beginning")
    if not reason.strip():
        yield Refusal("outage.reason_missing", "say what happened")
