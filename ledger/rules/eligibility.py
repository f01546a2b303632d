"""Who may have a product: the person, the property, the zone, and what must be shown first.

Source: scheme TOML `eligibility`, `products[].zones_*`, `requires_support`; STV-005 to 009,
STV-021, GRV-001, HAN-001, RBW-004, RBW-005, RBW-041, NOR-044, NOR-122 to 129; X-051, X-080,
X-093.
"""

from collections.abc import Iterator
from datetime import date

from ledger.events import Actor
from ledger.household.state import Household, Property, Resident
from ledger.refusals import Refusal
from ledger.scheme.products import Product
from ledger.scheme.schema import EligibilityRule, Scheme, Zone

TREATED_AS_BUILT = date.max
"""A conversion or subdivision counts as recently built, whatever its walls (NOR-127)."""


def scheme_refusal(scheme: Scheme) -> Refusal | None:
    """`scheme.none` where the council has no scheme at all."""
    if scheme.status != "none":
        return None
    return Refusal("scheme.none", "the council has no visitor-parking scheme")


def resident_refusals(resident: Resident) -> Iterator[Refusal]:
    """Reasons that lie in the person."""
    if not resident.verified:
        yield Refusal("eligibility.not_verified", "the residence of this account is not verified")


def product_refusals(
    product: Product,
    household: Household,
    scheme: Scheme,
    *,
    support: str,
    zone_asked: str,
) -> Iterator[Refusal]:
    """Reasons that lie in the property, its zone, or in what is shown."""
    home = household.property
    assert home is not None
    yield from property_refusals(home, scheme)
    if not product.offered_in(home.zone):
        yield Refusal("eligibility.zone", f"not offered in zone {home.zone}")
    elif zone_asked and zone_asked != home.zone:
        yield Refusal("eligibility.zone", f"the zone follows from the address: {home.zone}")
    if product.requires_support and support != product.requires_support:
        yield Refusal(
            "eligibility.support_missing", f"needs the support of {product.requires_support}"
        )


def property_refusals(home: Property, scheme: Scheme) -> Iterator[Refusal]:
    """`eligibility.property_excluded` for each rule of the scheme that this property falls
    under.
    """
    if home.excluded:
        yield Refusal("eligibility.property_excluded", "this property is not eligible")
    built = home.built_on
    if home.converted and any(
        rule.rule == "conversion_or_subdivision" for rule in scheme.eligibility
    ):
        built = TREATED_AS_BUILT
    for rule in scheme.eligibility:
        if _falls_under(rule, home, built, scheme.zone(home.zone)):
            yield Refusal(
                "eligibility.property_excluded", f"this property is not eligible: {rule.rule}"
            )


def _falls_under(
    rule: EligibilityRule, home: Property, built: date | None, zone: Zone | None
) -> bool:
    if rule.result != "refuse" or not _concerns(rule, home):
        return False
    if rule.override in home.overrides and _can_be_overridden(rule, home):
        return False
    if rule.unless == "built_with_own_scheme" and home.built_with_own_scheme:
        return False
    match rule.rule:
        case "built_on_or_after":
            return built is not None and rule.built_from is not None and built >= rule.built_from
        case "road_or_property_excluded":
            return home.property_ref in rule.listed or bool(set(home.areas) & set(rule.listed))
        case "not_occupied_at_scheme_start":
            return not home.built_with_own_scheme and _came_after(rule, home, zone)
        case _:
            return False


def _came_after(rule: EligibilityRule, home: Property, zone: Zone | None) -> bool:
    """True where nobody was registered for Council Tax here when the area's scheme began (NOR-126).

    A zone may name the day of its own scheme; where it does not, the rule's day stands for it. What
    is not known of a property refuses nobody.
    """
    since, registered = rule.scheme_started_after, home.council_tax_from
    if since is None or registered is None:
        return False
    began = (zone.scheme_started if zone else None) or since
    return since <= began < registered


def _concerns(rule: EligibilityRule, home: Property) -> bool:
    return not rule.areas or "*" in rule.areas or bool(set(rule.areas) & set(home.areas))


def _can_be_overridden(rule: EligibilityRule, home: Property) -> bool:
    """True where the rule has an override, and the property lies where it may be given.

    An override that is named for an area, as `city-centre-only`, is for properties that the rule
    concerns by that area alone: "most" of those are excluded, every one of the others (X-080).
    """
    if rule.override is None or not _concerns(rule, home):
        return False
    area = rule.override.removesuffix("-only")
    everywhere = area == rule.override
    named = set(home.areas) if "*" in rule.areas or not rule.areas else set(rule.areas)
    return everywhere or named & set(home.areas) == {area}


def override_refusals(
    home: Property, scheme: Scheme, override: str, by: Actor, reason: str
) -> Iterator[Refusal]:
    """Reasons why this person cannot set a rule aside for this property, or not without saying
    why.
    """
    if by.role not in ("staff", "approver"):
        yield Refusal("grant.approver_missing", "the council decides this")
    if not reason.strip():
        yield Refusal("grant.reason_missing", "say why the property is eligible all the same")
    rules = [rule for rule in scheme.eligibility if rule.override == override]
    if not any(_can_be_overridden(rule, home) for rule in rules):
        yield Refusal("grant.not_offered", "no rule can be set aside so for this property")


def offered(household: Household, scheme: Scheme) -> list[str]:
    """The products that this address may have, in the scheme's order (STV-009, STV-016)."""
    home = household.property
    if home is None or scheme.status == "none" or any(property_refusals(home, scheme)):
        return []
    return [product.id for product in scheme.products if product.offered_in(home.zone)]
