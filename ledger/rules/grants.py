"""Exceptions that one role may agree to, case by case: more units, or a permit for one vehicle.

Source: scheme TOML `grants`; NOR-052 to 055, NOR-113, NOR-119.
"""

from collections.abc import Iterator

from ledger.events import Actor
from ledger.refusals import Refusal
from ledger.scheme.schema import GrantTerms, Scheme


def terms_for(scheme: Scheme, product: str, *, vehicle: bool) -> GrantTerms | None:
    """What the scheme lets be agreed about a product: for a vehicle, or in units."""
    return next(
        (
            terms
            for terms in scheme.grants
            if terms.product == product
            and (terms.vehicle_bound if vehicle else terms.adds_allowance)
        ),
        None,
    )


def refusals(
    scheme: Scheme, product: str, *, vehicle: bool, by: Actor, reason: str
) -> Iterator[Refusal]:
    """Reasons why this person cannot agree to it, or not without saying why."""
    named = [terms for terms in scheme.grants if terms.product == product]
    terms = terms_for(scheme, product, vehicle=vehicle)
    roles = {each.approver_role for each in ([terms] if terms else named)}
    if by.role != "approver" or (roles and by.name not in roles):
        wanted = ", ".join(sorted(roles)) or "an approver"
        yield Refusal("grant.approver_missing", f"this is agreed by: {wanted}")
    if (terms is None or terms.reason_required) and not reason.strip():
        yield Refusal("grant.reason_missing", "say why the exception is made")
    if terms is None:
        yield Refusal("grant.not_offered", "the scheme has no such exception")
