"""What an answer says beside its verdict: the rule behind each reason, and instants in UTC."""

import re
from typing import get_args

import pytest

from ledger.rules.covering import Reason
from projections.enforcement import RULES
from tests.scheme.coverage import MAP, read_map, rule_ids

ID = re.compile(r"[A-Z]{3}-\d{3}|X-\d{3}")


def test_every_reason_has_its_rule_and_no_other_has() -> None:
    assert set(RULES) == set(get_args(Reason))


@pytest.mark.parametrize("reason", list(RULES))
def test_the_rule_of_a_reason_is_of_the_catalogue_and_something_carries_it(reason: Reason) -> None:
    """An id that a motorist is given can be looked up, and a worked example or a term shows it."""
    ids = ID.findall(RULES[reason].partition(":")[0])
    carried = read_map(MAP.read_text(encoding="utf-8"))

    assert ids, "a reason without a rule"
    for each in ids:
        assert each in rule_ids()
        assert carried[each].keys() & {"scenario", "scheme", "test", "code"}, each


def test_the_rules_name_the_reasons_they_decide() -> None:
    """Read against the catalogue, one by one: a change here is a change of what officers say."""
    assert {reason: ID.findall(text) for reason, text in RULES.items()} == {
        "": ["X-102"],
        "no_right": ["X-102"],
        "not_started": ["X-102"],
        "ended": ["X-004", "X-102"],
        "wrong_zone": ["RBW-017", "NOR-154"],
        "not_active": ["GRV-010", "GRV-013"],
        "vehicle_excluded": ["X-019", "X-020"],
        "suspended_bay": ["RBW-021"],
        "not_controlled": ["GRV-012", "X-067"],
        "unknown": ["X-102"],
    }
