"""What a purchase would cost, without asking for it: the figures an application would be given."""

from collections.abc import Iterator, Sequence
from datetime import date

from ledger.household.state import Household, Resident
from ledger.refusals import Refusal, refuse_if
from ledger.rules import eligibility, ordering
from ledger.rules.ordering import Wanted
from ledger.scheme.schema import Scheme


def quote(
    household: Household,
    scheme: Scheme,
    resident: Resident,
    wanted: Sequence[Wanted],
    *,
    concession: str,
    evidence: bool,
    on: date,
) -> int:
    """Pence. Raises Refused with every reason of the order, or of the zone of the address."""
    assert household.property is not None
    zone = household.property.zone
    refuse_if(eligibility.scheme_refusal(scheme))
    refuse_if(
        *_zone_refusals(scheme, wanted, zone),
        *ordering.refusals(
            scheme, household, resident, wanted, concession=concession, evidence=evidence, on=on
        ),
    )
    lines = ordering.lines(scheme, household, wanted, zone=zone, concession=concession, on=on)
    return sum(line.pence for line in lines)


def _zone_refusals(scheme: Scheme, wanted: Sequence[Wanted], zone: str) -> Iterator[Refusal]:
    for product, _ in ordering.products(scheme, wanted):
        if not product.offered_in(zone):
            yield Refusal("eligibility.zone", f"not offered in zone {zone}")
