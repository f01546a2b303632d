"""What the types of a scheme cannot say: ids that exist, once; values that agree.

Each check yields every fault it finds in a completed table, and passes over what has the wrong
type: the reader reports that.

Source: reference/schemes.md, section 3; X-019, X-041, X-093.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from ledger.scheme.checking_prices import price_faults
from ledger.scheme.checking_products import product_faults
from ledger.scheme.faults import SchemeError, shown
from ledger.scheme.plain import Table, entries, joined, named, number, table, text, words
from ledger.scheme.references import ids, unknown
from ledger.scheme.schema import View
from ledger.scheme.spellings import time_of_day

LISTS_OF_IDS: Final = ("zones", "products", "concessions", "grants")
YEARS: Final = range(1900, 2200)
LIST_MEASURES: Final = ("class",)
FLAG_MEASURES: Final = ("fits_bay",)
DATES_NEEDED: Final = {
    "built_on_or_after": "date",
    "not_occupied_at_scheme_start": "scheme_started_after",
}


def faults_of(plain: Table) -> Iterator[SchemeError]:
    """Every fault of a completed table that is not one of type."""
    yield from _duplicates(plain)
    yield from _status(plain)
    yield from _beginning(plain)
    yield from _groups(plain)
    yield from _documents(plain)
    yield from _eligibility(plain)
    yield from _vehicle_limits(plain)
    yield from _hours(plain)
    yield from _view(plain)
    for path, product in entries(plain, "products", ""):
        yield from product_faults(plain, product, path)
        yield from price_faults(plain, product, path)


def _duplicates(plain: Table) -> Iterator[SchemeError]:
    for key in LISTS_OF_IDS:
        yield from _repeated(plain, key, "id", "")
    yield from _repeated(table(plain, "proof"), "documents", "type", "proof")


def _repeated(parent: Table, key: str, name: str, path: str) -> Iterator[SchemeError]:
    seen: set[str] = set()
    for at, entry in entries(parent, key, path):
        word = text(entry, name)
        if word is not None and word in seen:
            yield SchemeError(
                path=joined(at, name),
                found=f"{shown(word)} a second time",
                allowed=f"a different {name} for each entry",
            )
        seen.add(word or "")


def _status(plain: Table) -> Iterator[SchemeError]:
    products = list(entries(plain, "products", ""))
    if plain.get("status") == "none" and products:
        yield SchemeError(
            path="products",
            found=f"{len(products)}",
            allowed='no products where status is "none" (X-093)',
        )
    if plain.get("status") != "none" and not plain.get("products"):
        yield SchemeError(
            path="products",
            found="nothing",
            allowed='at least one product, unless status is "none"',
        )


def _beginning(plain: Table) -> Iterator[SchemeError]:
    name = text(plain, "timezone") or "Europe/London"
    zone = _zone_info(name)
    if zone is None:
        yield SchemeError(
            path="timezone",
            found=shown(name),
            allowed="a name of the time zone database, such as Europe/London",
        )
    begins, at = plain.get("effective_from"), plain.get("effective_at")
    for key, day in (("effective_from", begins), ("effective_at", at)):
        if isinstance(day, date) and day.year not in YEARS:
            yield SchemeError(
                path=key, found=shown(day), allowed=f"a year from {YEARS[0]} to {YEARS[-1]}"
            )
            return
    if zone is not None and isinstance(at, datetime) and at.tzinfo is not None:
        day = at.astimezone(zone).date()
        if day != begins:
            yield SchemeError(
                path="effective_at",
                found=f"an instant on {day}",
                allowed="an instant on the local day of effective_from",
            )
    if plain.get("replaces") is not None and plain.get("replaces") == plain.get("id"):
        yield SchemeError(
            path="replaces", found=shown(plain["id"]), allowed="the id of another scheme"
        )


def _zone_info(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        return None


def _groups(plain: Table) -> Iterator[SchemeError]:
    """Every product that a group, concession or grant names is one of the scheme's."""
    for kind in ("order_groups", "allowance_groups"):
        for path, group in named(plain, kind):
            yield from _unknown_products(plain, group, path)
    for path, fair in named(plain, "fair_use"):
        if "products" not in fair:
            yield SchemeError(
                path=joined(path, "products"),
                found="nothing",
                allowed="a list of products, or the name of an order or allowance group",
            )
    for path, concession in entries(plain, "concessions", ""):
        yield from _unknown_products(plain, concession, path)
    for path, grant in entries(plain, "grants", ""):
        yield from unknown(text(grant, "product"), joined(path, "product"), ids(plain, "products"))


def _unknown_products(plain: Table, group: Table, path: str) -> Iterator[SchemeError]:
    for at, word in words(group, "products", path):
        yield from unknown(word, at, ids(plain, "products"))


def _documents(plain: Table) -> Iterator[SchemeError]:
    proof = table(plain, "proof")
    documents = list(entries(proof, "documents", "proof"))
    for path, document in documents:
        test = document.get("age_test", "within")
        timed = test in ("less_than", "within")
        if timed and "max_age" not in document:
            yield SchemeError(
                path=joined(path, "max_age"),
                found="nothing",
                allowed=f'an age such as "3m" or "28d" where age_test is {shown(test)}',
            )
        if not timed and "max_age" in document:
            yield SchemeError(
                path=joined(path, "max_age"),
                found=shown(document["max_age"]),
                allowed=f"no age where age_test is {shown(test)}",
            )
    needed = number({"documents_required": 1} | proof, "documents_required")
    if needed is not None and needed > len(documents):
        yield SchemeError(
            path="proof.documents_required",
            found=shown(needed),
            allowed=f"at most the {len(documents)} documents that are accepted",
        )


def _eligibility(plain: Table) -> Iterator[SchemeError]:
    for path, rule in entries(plain, "eligibility", ""):
        needed = DATES_NEEDED.get(text(rule, "rule") or "")
        if needed is not None and needed not in rule:
            yield SchemeError(
                path=joined(path, needed),
                found="nothing",
                allowed=f"a date, for the rule {shown(rule['rule'])}",
            )


def _vehicle_limits(plain: Table) -> Iterator[SchemeError]:
    """A mass, length or count has a number, a class a list, a fact true or false (X-019)."""
    for path, limit in entries(plain, "vehicle_limits", ""):
        measure, op, value = text(limit, "measure"), text(limit, "op"), limit.get("value")
        if measure is None or op is None or value is None:
            continue
        if measure in LIST_MEASURES:
            fits, allowed = op == "in" and isinstance(value, list), '"in" and a list'
        elif measure in FLAG_MEASURES:
            fits, allowed = op == "ne" and isinstance(value, bool), '"ne" and true or false'
        else:
            is_number = isinstance(value, int) and not isinstance(value, bool)
            fits, allowed = op in ("ge", "gt") and is_number, '"ge" or "gt" and a number'
        if not fits:
            yield SchemeError(
                path=joined(path, "value"),
                found=f"{shown(op)} and {shown(value)}",
                allowed=f"{allowed}, for {measure}",
            )


def _hours(plain: Table) -> Iterator[SchemeError]:
    for zone_path, zone in entries(plain, "zones", ""):
        for path, hours in entries(zone, "hours", zone_path):
            begins, ends = time_of_day(hours.get("from")), time_of_day(hours.get("to"))
            if begins is None or ends is None:
                continue
            if hours["from"] == "24:00" or (begins >= ends and hours["to"] != "24:00"):
                yield SchemeError(
                    path=joined(path, "to"),
                    found=f"{shown(hours['from'])} to {shown(hours['to'])}",
                    allowed='a time after "from", on the same day; midnight is "24:00"',
                )


def _view(plain: Table) -> Iterator[SchemeError]:
    view = table(plain, "view")
    silent = View()
    history = number({"history_months": silent.history_months} | view, "history_months")
    opened = number({"default_months": silent.default_months} | view, "default_months")
    if history is not None and opened is not None and opened > history:
        yield SchemeError(
            path="view.default_months",
            found=shown(opened),
            allowed=f"at most the {history} of history_months",
        )
