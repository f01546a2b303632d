"""When an earlier fact may be recorded otherwise: with a reason, and by two people.

The past as it was known stays; what is known changes from the correction on.

Source: G-031; X-102; promises (four eyes for what is dated back).
"""

from collections.abc import Iterator
from typing import Literal

from ledger.refusals import Refusal

ReasonCode = Literal[
    "clerical_error",
    "told_late",
    "service_failed",
    "complaint_upheld",
    "ombudsman",
    "tribunal",
    "other",
]
"""Why a record is corrected, for counting; the reason itself is said in words in any case."""


def refusals(*, reason: str, approver: str, by: str) -> Iterator[Refusal]:
    """Every reason why a correction is not taken, in their order."""
    if not approver.strip():
        yield Refusal("correction.approver_missing", "a second person must approve it")
    if not reason.strip():
        yield Refusal("correction.reason_missing", "say why the record was otherwise")
    if approver.strip() and approver.strip().casefold() == by.strip().casefold():
        yield Refusal("correction.same_person", "who records it cannot approve it")
