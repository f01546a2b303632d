"""An exception is agreed by the role that the scheme names for it."""

import pytest

from ledger.events import Actor
from ledger.rules import grants
from tests.given import editions_of

NORWICH = editions_of("norwich-2015").latest
HEAD = "head_of_city_development_services"


@pytest.mark.parametrize(
    ("product", "named"), [("day-scratchcard", HEAD), ("short-stay", "an approver")]
)
def test_whoever_may_not_agree_is_told_who_may(product: str, named: str) -> None:
    """NOR-055; of a product without exceptions nobody is named."""
    by = Actor("staff", "s")
    first, *others = grants.refusals(NORWICH, product, vehicle=False, by=by, reason="a reason")

    assert (first.code, first.detail) == ("grant.approver_missing", f"this is agreed by: {named}")
    assert [each.code for each in others] == ["grant.not_offered"] * (product == "short-stay")


@pytest.mark.parametrize(
    ("name", "reason", "codes"),
    [
        (HEAD, "a carer", []),
        (HEAD, "  ", ["grant.reason_missing"]),
        ("another", "a carer", ["grant.approver_missing"]),
    ],
)
def test_the_role_agrees_and_says_why(name: str, reason: str, codes: list[str]) -> None:
    """NOR-052, NOR-055."""
    by = Actor("approver", name)
    found = grants.refusals(NORWICH, "day-scratchcard", vehicle=False, by=by, reason=reason)

    assert [each.code for each in found] == codes
