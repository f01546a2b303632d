"""What the types of one product cannot say: its zones, groups, term, packs, uses and vehicles.

Source: reference/schemes.md, section 3; X-013, X-025, X-041, X-050, X-065, X-084, X-092.
"""

from collections.abc import Iterator

from ledger.scheme.faults import SchemeError, shown
from ledger.scheme.plain import Table, entries, is_true, joined, named, number, table, text, words
from ledger.scheme.references import ids, unknown, zone_unknown
from ledger.scheme.spellings import use_end


def product_faults(plain: Table, product: Table, path: str) -> Iterator[SchemeError]:
    """Every fault of one product of a completed table, but those of its price."""
    yield from _zones(plain, product, path)
    yield from _needs(plain, product, path)
    yield from _allowance(plain, product, path)
    yield from _same_caps(product, path)
    yield from _holding(product, path)
    yield from _pack(product, path)
    yield from _use(product, path)
    yield from _channels(product, path)
    yield from _vehicles(product, path)


def _zones(plain: Table, product: Table, path: str) -> Iterator[SchemeError]:
    for key in ("zones_only", "zones_excluded"):
        for at, zone in words(product, key, path):
            yield from zone_unknown(plain, zone, at)
    for at, override in entries(product, "zone_overrides", path):
        yield from zone_unknown(plain, text(override, "zone"), joined(at, "zone"))
    only = {zone for _, zone in words(product, "zones_only", "")}
    for at, zone in words(product, "zones_excluded", path):
        if zone in only:
            yield SchemeError(
                path=at, found=shown(zone), allowed="a zone that zones_only does not name"
            )


def _needs(plain: Table, product: Table, path: str) -> Iterator[SchemeError]:
    needed, own = text(product, "requires_product"), text(product, "id")
    others = tuple(name for name in ids(plain, "products") if name != own)
    yield from unknown(needed, joined(path, "requires_product"), others)


def _allowance(plain: Table, product: Table, path: str) -> Iterator[SchemeError]:
    own = text(product, "id")
    joined_groups: set[str] = set()
    for at, cap in entries(product, "allowance", path):
        if "max" not in cap and not is_true(cap, "placeholder"):
            yield SchemeError(
                path=joined(at, "max"),
                found="nothing",
                allowed="a whole number, or placeholder = true while it is not known (X-041)",
            )
        for place, zone in words(cap, "zones", at):
            yield from zone_unknown(plain, zone, place)
        group = text(cap, "group")
        if group is None:
            continue
        joined_groups.add(group)
        groups = table(plain, "allowance_groups")
        yield from unknown(group, joined(at, "group"), tuple(groups))
        members = [name for _, name in words(table(groups, group), "products", "")]
        if group in groups and own not in members:
            yield SchemeError(
                path=joined(at, "group"),
                found=shown(group),
                allowed=f"a group whose products have {shown(own)} among them",
            )
    for at, group_table in named(plain, "allowance_groups"):
        name = at.partition(".")[2]
        if name not in joined_groups and own in [
            each for _, each in words(group_table, "products", "")
        ]:
            yield SchemeError(
                path=joined(path, "allowance"),
                found=f"no allowance of the group {shown(name)}",
                allowed="an allowance with that group, since the group names the product",
            )


def _same_caps(product: Table, path: str) -> Iterator[SchemeError]:
    """Two caps of one group, scope, window and unit in one zone would count a purchase twice."""
    seen: list[tuple[tuple[object, ...], set[str]]] = []
    for at, cap in entries(product, "allowance", path):
        whole = {"scope": "household", "window": "rolling_12m", "unit": "unit"} | cap
        key = tuple(text(whole, name) for name in ("group", "scope", "window", "unit"))
        zones = {zone for _, zone in words(cap, "zones", "")}
        if any(key == other and (not zones or not own or zones & own) for other, own in seen):
            yield SchemeError(
                path=at,
                found="a second allowance of the same scope, window and unit",
                allowed="one for each scope, window and unit in a zone",
            )
        seen.append((key, zones))


def _holding(product: Table, path: str) -> Iterator[SchemeError]:
    holding, at = table(product, "holding"), joined(path, "holding")
    least, most = number(holding, "months_min"), number(holding, "months_max")
    fixed = number(holding, "months")
    if (
        fixed is not None
        and not fixed == least == most
        and {"months_min", "months_max"} & {*holding}
    ):
        yield SchemeError(
            path=joined(at, "months"),
            found=f"{fixed} beside months_min or months_max",
            allowed="months, or months_min and months_max",
        )
    for key in ("months_min", "months_max"):
        if "months" not in holding and key not in holding and holding:
            yield SchemeError(
                path=joined(at, key),
                found="nothing",
                allowed="a number of months beside the other of months_min and months_max",
            )
    if least is not None and most is not None and least > most:
        yield SchemeError(
            path=joined(at, "months_min"),
            found=shown(least),
            allowed=f"at most the {most} of months_max",
        )


def _pack(product: Table, path: str) -> Iterator[SchemeError]:
    pack, at = table(product, "pack"), joined(path, "pack")
    least, most = number(pack, "min"), number(pack, "max")
    if least is not None and most and least > most:
        yield SchemeError(
            path=joined(at, "min"), found=shown(least), allowed=f"at most the {most} packs of max"
        )
    multiple = number(pack, "multiple")
    if multiple is not None and most and multiple > most:
        yield SchemeError(
            path=joined(at, "multiple"),
            found=shown(multiple),
            allowed=f"at most the {most} packs of max",
        )


def _use(product: Table, path: str) -> Iterator[SchemeError]:
    use, at = table(product, "use"), joined(path, "use")
    start, kind = text(use, "start") or "chosen", text(product, "kind")
    end = use_end(use.get("end", "end_of_day"))
    if "end" not in use and kind in ("hourly_voucher", "clock_permit", "multi_day_permit"):
        length = "{ days = n }" if kind == "multi_day_permit" else "{ hours = n }"
        yield SchemeError(path=joined(at, "end"), found="nothing", allowed=length)
        return
    if end is None:
        return
    if start == "clock" and end.kind != "hours":
        yield SchemeError(
            path=joined(at, "end"),
            found=shown(use.get("end", "end_of_day")),
            allowed='{ hours = n } where start is "clock"',
        )
    if start == "clock" and "clock" not in product:
        yield SchemeError(
            path=joined(path, "clock"),
            found="nothing",
            allowed='a table of how the clock is set, where use.start is "clock"',
        )
    if (end.kind == "until_switched") != (start == "on_switch"):
        yield SchemeError(
            path=joined(at, "end"),
            found=f"{shown(use.get('end', 'end_of_day'))} with start {shown(start)}",
            allowed='"until_switched" with start "on_switch", and neither without the other',
        )


def _channels(product: Table, path: str) -> Iterator[SchemeError]:
    if product.get("channels") == {}:
        yield SchemeError(path=joined(path, "channels"), found="{}", allowed="at least one channel")
    for at, terms in named(product, "channels"):
        if "max_days" in terms and not is_true(terms, "future"):
            yield SchemeError(
                path=joined(joined(path, at), "max_days"),
                found=shown(terms["max_days"]),
                allowed="no limit where future is not true",
            )


def _vehicles(product: Table, path: str) -> Iterator[SchemeError]:
    vehicles, at = table(product, "vehicles"), joined(path, "vehicles")
    active, listed = number(vehicles, "active_max") or 1, number(vehicles, "listed_max")
    if listed and active > listed:
        yield SchemeError(
            path=joined(at, "active_max"),
            found=shown(active),
            allowed=f"at most the {listed} of listed_max",
        )
    if table(product, "use").get("start") == "on_switch" and vehicles.get("binding") != "listed":
        yield SchemeError(
            path=joined(at, "binding"),
            found=shown(vehicles.get("binding", "at_use")),
            allowed='"listed" where use.start is "on_switch"',
        )
