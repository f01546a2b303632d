"""What a refusal carries, and in which order."""

import ast
import re
from pathlib import Path

import pytest

from ledger.refusals import (
    CODES,
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


def codes_in(text: str) -> set[str]:
    """The codes of every Refusal that a source makes. A code that is no literal is its source."""
    calls = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
    made = (call.args[0] for call in calls if call.args and ast.unparse(call.func) == "Refusal")
    return {
        str(code.value) if isinstance(code, ast.Constant) else ast.unparse(code) for code in made
    }


def test_every_code_in_the_program_is_in_the_list():
    """Codes are documented: nothing is refused with one that the list does not have."""
    folders = ("ledger", "commands", "projections", "services", "web", "scripts")
    sources = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    codes = set().union(*(codes_in(path.read_text(encoding="utf-8")) for path in sources))

    assert len(codes) > 60
    # The receipt of an earlier refusal gives its stored codes again.
    assert codes - {"code"} <= CODES


def test_a_code_that_is_not_in_the_list_is_found():
    text = 'def f():\n    yield Refusal("booking.no_reason", "why")\n    yield Refusal(name, "x")\n'

    assert codes_in(text) == {"booking.no_reason", "name"}
    assert not codes_in(text) & CODES


def test_codes_are_a_topic_and_a_reason_in_lower_case():
    assert all(re.fullmatch(r"[a-z]+\.[a-z_]+", code) for code in CODES)
    assert {code.partition(".")[0] for code in CODES} == set(TOPICS)


def test_the_codes_of_the_scenario_language_keep_their_order_of_topics():
    """As documented there; topics of our own come between correction and key."""
    documented = (
        "scheme vehicle eligibility application document purchase allowance payment booking permit"
        " card refund grant message correction"
    )
    assert list(TOPICS) == [*documented.split(), "visitor", "notice", "case", "outage", "key"]
