"""What a refusal carries, and in which order."""

import re
from pathlib import Path

import pytest

from ledger.refusals import (
    TOPICS,
    ConcurrentChange,
    CorruptLedger,
    LedgerError,
    NotFound,
    Refusal,
    Refused,
    in_order,
    refuse_if,
)

ROOT = Path(__file__).resolve().parent.parent
VEHICLE = Refusal("vehicle.mark_invalid", "no mark")
ZONE = Refusal("booking.zone", "another zone")
DUPLICATE = Refusal("booking.duplicate", "twice")


def test_topics_keep_their_order_and_reasons_theirs_within_a_topic():
    """The order of topics is documented (scenario language)."""
    assert in_order([ZONE, VEHICLE, DUPLICATE]) == (VEHICLE, ZONE, DUPLICATE)


def test_a_reason_is_given_once():
    assert in_order([ZONE, ZONE]) == (ZONE,)


def test_a_refusal_carries_every_reason():
    refused = Refused([ZONE, VEHICLE])

    assert refused.codes == ("vehicle.mark_invalid", "booking.zone")
    assert str(refused) == "vehicle.mark_invalid: no mark; booking.zone: another zone"


def test_a_refusal_without_a_reason_is_a_mistake():
    with pytest.raises(AssertionError):
        Refused([])


def test_nothing_is_refused_where_no_reason_applies():
    refuse_if()
    refuse_if(None, None)
    with pytest.raises(Refused) as refused:
        refuse_if(None, ZONE, None, VEHICLE)
    assert refused.value.codes == ("vehicle.mark_invalid", "booking.zone")


def test_what_is_not_there_and_what_is_anothers_look_the_same():
    assert str(NotFound("booking")) == "no such booking"
    assert str(NotFound("scheme", "nowhere")) == "no such scheme: nowhere"


def test_the_tree_of_errors():
    for error in (Refused([ZONE]), NotFound("x"), ConcurrentChange("x"), CorruptLedger("x")):
        assert isinstance(error, LedgerError)


def test_every_code_in_the_program_is_of_a_known_topic():
    """`topic.reason`, lower case; a topic that is not in the list could not be put in order."""
    codes = set()
    for folder in ("ledger", "commands"):
        for path in (ROOT / folder).rglob("*.py"):
            codes |= set(re.findall(r'Refusal\(\s*"([^"]+)"', path.read_text(encoding="utf-8")))

    assert len(codes) > 30
    for code in codes:
        assert re.fullmatch(r"[a-z]+\.[a-z_]+", code), code
        assert code.partition(".")[0] in TOPICS, code
