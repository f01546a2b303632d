"""A smallest scheme file, and what is refused of a text: shared by the tests of schemes."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from ledger.scheme.faults import SchemeError, SchemeRejected
from ledger.scheme.loading import parse

CHECKOUT = Path(__file__).parents[2]
SHARED = CHECKOUT.parent / "shared"
SCHEMES = CHECKOUT / "ledger" / "schemes"

NONE: Mapping[str, object] = MappingProxyType({})

SMALLEST = """
schema = 1
id = "smallest"
council = "A Council"
status = "live"
effective_from = 2026-01-01

[[zones]]
id = "A"

[[zones]]
id = "B"

[[products]]
id = "day-voucher"
kind = "day_voucher"
price = { model = "flat", pence = 100 }
"""


def rejected(text: str, replacements: Mapping[str, object] = NONE) -> tuple[SchemeError, ...]:
    """Every fault of a text; none where it is accepted."""
    try:
        parse(text, "a.toml", replacements)
    except SchemeRejected as refusal:
        return refusal.errors
    return ()


def rejected_with(replacements: Mapping[str, object]) -> tuple[SchemeError, ...]:
    """Every fault of the smallest file with values replaced."""
    return rejected(SMALLEST, replacements)
