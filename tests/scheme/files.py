"""A smallest scheme file, and what is refused of a text: shared by the tests of schemes."""

from pathlib import Path

from ledger.scheme.faults import SchemeError, SchemeRejected
from ledger.scheme.loading import Loaded, parse

CHECKOUT = Path(__file__).parents[2]
SHARED = CHECKOUT.parent / "shared"
SCHEMES = CHECKOUT / "ledger" / "schemes"

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


def loaded(*more: str, **replacements: object) -> Loaded:
    """The smallest file with more lines after it; `product__key` replaces a product's value."""
    return parse("\n".join((SMALLEST, *more)), "smallest.toml", _paths(replacements))


def rejected(text: str, replacements: dict[str, object] | None = None) -> tuple[SchemeError, ...]:
    """Every fault of a text; none where it is accepted."""
    try:
        parse(text, "a.toml", replacements or {})
    except SchemeRejected as refusal:
        return refusal.errors
    return ()


def rejected_with(replacements: dict[str, object]) -> tuple[SchemeError, ...]:
    """Every fault of the smallest file with values replaced."""
    return rejected(SMALLEST, replacements)


def _paths(replacements: dict[str, object]) -> dict[str, object]:
    return {key.replace("__", "."): value for key, value in replacements.items()}
