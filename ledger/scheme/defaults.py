"""What a scheme means where its file is silent: the values that a user would expect.

A product takes the defaults of its medium, then those of its kind, then those of both together,
then its own. Tables are merged key by key; lists and channels are replaced whole. What is not here
is the default of the Struct's field.

Source: reference/schemes.md, section 1; X-018, X-023, X-024, X-028, X-032, X-043.
"""

from copy import deepcopy
from typing import Final, get_args

from ledger.scheme.measures import MONTHS_MAX
from ledger.scheme.plain import Table, entries, named, number, table, text
from ledger.scheme.products import Pick

NO_CHANGE: Final[Table] = {
    "amend": [],
    "cancel": False,
    "deadline": "none",
    "returns_unit": False,
}
ONE_IN_FORCE: Final[Table] = {
    "max": 1,
    "unit": "permit",
    "scope": "household",
    "window": "concurrent",
}
ONE_PERMIT: Final[Table] = {
    "pack": {"size": 1, "min": 1, "max": 1, "multiple": 1},
    "concurrency": {"uses": 1},
    "change": NO_CHANGE,
}
BY_DISPLAY: Final[Table] = {"use": {"start": "on_display", "end": "holding_end"}}
BY_SWITCH: Final[Table] = {
    "use": {"start": "on_switch", "end": "until_switched"},
    "vehicles": {"binding": "listed"},
}
MONTHS: Final = 12
PICKS: Final = get_args(Pick)

BY_MEDIUM: Final[dict[str, Table]] = {
    "virtual": {
        "channels": {"website": {"immediate": True, "future": True}},
    },
    "paper": {
        "channels": {"website": {"immediate": False, "future": False}},
        "change": NO_CHANGE,
        "display": {"place": "windscreen"},
    },
}
BY_KIND: Final[dict[str, Table]] = {
    "multi_day_permit": {
        "use": {"start": "holding_start"},
        "vehicles": {"binding": "at_purchase"},
        "change": NO_CHANGE,
    },
    "clock_permit": {
        **ONE_PERMIT,
        "use": {"start": "clock"},
        "clock": {},
        "allowance": [ONE_IN_FORCE],
    },
    "annual_permit": {**ONE_PERMIT, "allowance": [ONE_IN_FORCE]},
    "long_stay_permit": {**ONE_PERMIT, "allowance": [ONE_IN_FORCE]},
    "resident_permit": {
        **ONE_PERMIT,
        "use": {"start": "holding_start", "end": "holding_end"},
        "vehicles": {"binding": "at_purchase", "listed_max": 1},
        "change": {**NO_CHANGE, "amend": ["vehicle"], "deadline": "before_start"},
    },
}
BY_BOTH: Final[dict[tuple[str, str], Table]] = {
    ("day_voucher", "paper"): {"use": {"start": "start_of_day"}},
    ("hourly_voucher", "paper"): {"use": {"start": "scratched_time"}},
    ("annual_permit", "virtual"): BY_SWITCH,
    ("annual_permit", "paper"): BY_DISPLAY,
    ("long_stay_permit", "virtual"): BY_SWITCH,
    ("long_stay_permit", "paper"): BY_DISPLAY,
}

DOCUMENTS: Final[tuple[Table, ...]] = (
    {"type": "council_tax_bill", "age_test": "current_tax_year"},
    {"type": "utility_bill"},
    {"type": "bank_statement"},
    {"type": "tenancy_agreement"},
)
"""One proof of residency at most three months old; a Council Tax bill is sent once a year."""

MAX_AGE: Final = "3m"


def completed(plain: Table) -> Table:
    """A copy of the file's table in which every silent key that has a default has it."""
    whole = deepcopy(plain)
    whole.setdefault("proof", {})
    if isinstance(whole["proof"], dict):
        whole["proof"].setdefault("documents", [dict(document) for document in DOCUMENTS])
    for _, document in entries(table(whole, "proof"), "documents", ""):
        if document.get("age_test", "within") == "within":
            document.setdefault("max_age", MAX_AGE)
    for _, zone in entries(whole, "zones", ""):
        zone.setdefault("name", zone.get("id", ""))
    for path, fair in named(whole, "fair_use"):
        _take_products_of_group(whole, path.partition(".")[2], fair)
    if isinstance(whole.get("products"), list):
        whole["products"] = [
            _product(entry, table(whole, "lot")) if isinstance(entry, dict) else entry
            for entry in _members(whole, "products")
        ]
    return whole


def _members(parent: Table, key: str) -> list[object]:
    value = parent[key]
    assert isinstance(value, list)
    return value


def _product(product: Table, lot: Table) -> Table:
    medium, kind = text(product, "medium") or "virtual", text(product, "kind") or ""
    pick = text(lot, "pick")
    silent: Table = {"lot": {"pick": pick} if pick in PICKS else {}}
    for layer in (BY_MEDIUM.get(medium), BY_KIND.get(kind), BY_BOTH.get((kind, medium))):
        silent = _merged(silent, layer or {})
    whole = _merged(silent, product)
    whole.setdefault("name", _spoken(text(product, "id") or ""))
    _fix_months(whole)
    return whole


def _merged(under: Table, over: Table) -> Table:
    """`over` laid on `under`: tables key by key, except channels; everything else replaced."""
    result = deepcopy(under)
    for key, value in over.items():
        below = result.get(key)
        if isinstance(value, dict) and isinstance(below, dict) and key != "channels":
            result[key] = _merged(below, value)
        else:
            result[key] = deepcopy(value)
    return result


def _fix_months(product: Table) -> None:
    """A fixed term is its own least and most; where the applicant chooses there is no fixed one."""
    holding = product.setdefault("holding", {})
    if not isinstance(holding, dict) or "months_min" in holding or "months_max" in holding:
        return
    holding.setdefault("months", MONTHS)
    months = number(holding, "months")
    # A term out of range is reported once, under the author's own key.
    if months is not None and 1 <= months <= MONTHS_MAX:
        holding["months_min"] = holding["months_max"] = months


def _spoken(product_id: str) -> str:
    """A name for people from an id: `scratch-2h` is "Scratch 2h"."""
    return product_id.replace("-", " ").replace("_", " ").capitalize()


def _take_products_of_group(plain: Table, name: str, fair: Table) -> None:
    """A fair use rule without products is about those of the order or allowance group it names."""
    for groups in ("order_groups", "allowance_groups"):
        products = table(table(plain, groups), name).get("products")
        if isinstance(products, list):
            fair.setdefault("products", [each for each in products if isinstance(each, str)])
