"""Random products: every key, with values that agree with each other where a check says so."""

from typing import Any

from hypothesis import strategies as st

from tests.properties.drawing import Draw, Table, bools, one, some, upto

KINDS = (
    *("day_voucher", "hourly_voucher", "multi_day_permit", "clock_permit"),
    *("annual_permit", "long_stay_permit", "resident_permit"),
)
STARTS = (
    *("chosen", "scratched_time", "start_of_day", "clock", "on_switch", "on_display"),
    *("on_confirmation", "holding_start"),
)
WINDOWS = ("rolling_12m", "calendar_month", "calendar_year", "concurrent", "per_application")
CHANNELS = ("website", "app", "phone", "text", "post")
PLACES = ("none", "windscreen", "windscreen_nearside", "windscreen_or_side")
MARKS = ("weekday", "day", "date", "month", "time", "am_pm", "vrm", "address")


def product(draw: Draw, name: str, names: list[str], zones: list[str], groups: Table) -> Table:
    start = draw(one(*STARTS))
    only = draw(one([], [], zones[:1], zones))
    excluded = [zone for zone in zones[1:] if zone not in only and draw(bools)]
    product: Table = {
        "id": name,
        "name": f"The {name}",
        "kind": draw(one(*KINDS)),
        "medium": draw(one("virtual", "paper")),
        "zones_only": only,
        "zones_excluded": excluded,
        "zone_overrides": [_override(draw, zone) for zone in draw(some(zones))]
        if draw(one(False, False, True))
        else [],
        "pack": _pack(draw),
        "allowance": _allowances(draw, zones, name, groups),
        "holding": _holding(draw),
        "use": _use(draw, start),
        "channels": {each: _channel(draw) for each in draw(some(CHANNELS, 1))},
        "clock": {
            "step_min": draw(upto(60, 1)),
            "round": "up",
            "counts": draw(one("wall", "controlled")),
            "outside_hours": "next_start",
            "reset": "invalid",
        },
        "change": {
            "amend": draw(some(("vehicle",))),
            "cancel": draw(bools),
            "deadline": draw(one("before_start", "none")),
            "returns_unit": draw(bools),
        },
        "refund": {"money": draw(bools), "replaces_unused": draw(bools)},
        "replacement": {
            "allowed": draw(bools),
            "fee_pence": draw(upto(2000)),
            "fee_placeholder": draw(bools),
            "voids_original": draw(bools),
        },
        "concurrency": {"uses": draw(upto(2)), "multi_atomic": draw(bools)},
        "vehicles": _vehicles(draw, start),
        "display": _display(draw),
        "notify": {
            "issued": draw(one("email", "email_opt_out", "sms", "none")),
            "booked": draw(one("email", "email_opt_out", "sms", "none")),
        },
        "lot": {"pick": draw(one("earliest_expiry", "oldest"))},
    }
    others = [each for each in names if each != name]
    offered = [zone for zone in (only or zones) if zone not in excluded]
    product["price"] = _price(draw, offered, others)
    if others and draw(one(0, 0, 0, 1)):
        product["requires_product"] = draw(one(*others))
    if draw(one(0, 0, 1)):
        product["requires_support"] = draw(one("health_professional", "care_worker"))
    if draw(bools):
        product["no_return"] = {
            "hours": draw(one(1, 4, 744)),
            "scope": "vehicle_zone",
            "from": "departure",
            "other_products_exempt": draw(bools),
        }
    return product


def _override(draw: Draw, zone: str) -> Table:
    override: Table = {"zone": zone}
    for key in ("max_household", "max_resident"):
        if draw(bools):
            override[key] = draw(one(60, 10, 2, 0))
    return override


def _pack(draw: Draw) -> Table:
    most = draw(one(0, 0, 1, 6))
    return {
        "size": draw(one(1, 1, 5, 10)),
        "min": draw(upto(min(most, 2) or 2, 1)),
        "max": most,
        "multiple": draw(upto(min(most, 3) or 3, 1)),
    }


def _price(draw: Draw, offered: list[str], others: list[str]) -> Table:
    model = draw(one("flat", "tiers", "admin_plus_monthly", "per_hour", "by_zone"))
    placeholder = draw(one(False, False, False, True))
    price: Table = {
        "model": model,
        "per": draw(one("unit", "pack", "holding")),
        "declared_by_applicant": draw(bools),
        "placeholder": placeholder,
    }
    if placeholder and others:
        price["above"] = draw(one(*others))
    # An amount may be missing under the mark alone.
    if placeholder and draw(bools):
        return price if model != "tiers" else price | {"by": draw(one("pool", "lowest_free_slot"))}
    match model:
        case "flat":
            price["pence"] = draw(one(0, 100, 1500))
        case "admin_plus_monthly":
            price |= {"admin_pence": draw(upto(2000)), "month_pence": draw(upto(100))}
        case "per_hour":
            price["hour_pence"] = draw(upto(200))
        case "by_zone":
            price["by_zone"] = [{"zone": zone, "pence": draw(upto(500))} for zone in offered]
            price["placeholder"] = placeholder or not offered
        case _:
            by = draw(one("pool", "lowest_free_slot"))
            key = "capacity" if by == "pool" else "slot"
            price["by"] = by
            price["tiers"] = [
                {"pence": draw(upto(9000)), key: draw(upto(9, 1)) if by == "pool" else n}
                for n in range(1, 1 + draw(upto(3, 1)))
            ]
    return price


def _allowances(draw: Draw, zones: list[str], name: str, groups: Table) -> list[Table]:
    """Caps of different keys, and one of each group that names the product."""
    keys = draw(
        st.lists(
            st.tuples(
                one("unit", "pack", "permit"), one("household", "resident", "permit"), one(*WINDOWS)
            ),
            unique=True,
            max_size=2,
        )
    )
    caps = [_cap(draw, *key) | {"zones": draw(some(zones))} for key in keys]
    for group, members in groups.items():
        if name in members["products"]:
            caps.append(_cap(draw, "unit", "household", "rolling_12m") | {"group": group})
    return caps


def _cap(draw: Draw, unit: str, scope: str, window: str) -> Table:
    return {
        "max": draw(one(60, 20, 3, 1)),
        "unit": unit,
        "scope": scope,
        "window": window,
        "granularity": draw(one("date", "instant")),
        "counts": draw(one("purchased", "used")),
        "placeholder": draw(bools),
    }


def _holding(draw: Draw) -> Table:
    least = draw(one(1, 3, 12, 240))
    term: Table = (
        {"months": least}
        if draw(bools)
        else {"months_min": least, "months_max": min(240, least + draw(one(0, 6)))}
    )
    return term | {
        "starts": draw(one("purchase", "issue", "chosen")),
        "postpone": draw(bools),
        "round": draw(one("exact", "month_end")),
        "ends_on_move": draw(bools),
    }


def _use(draw: Draw, start: str) -> Table:
    hours = st.builds(lambda n: {"hours": n}, one(1, 4, 24, 744))
    days = st.builds(lambda n: {"days": n}, one(1, 5, 3660))
    next_day = st.builds(lambda clock: {"next_day": clock}, one("00:00", "10:00", "24:00"))
    match start:
        case "clock":
            end: Any = draw(hours)
        case "on_switch":
            end = "until_switched"
        case _:
            end = draw(one("end_of_day", "end_of_day", "holding_end") | hours | days | next_day)
    return {
        "start": start,
        "end": end,
        "measure": draw(one("elapsed", "wall")),
        "backdate": draw(bools),
        "duplicate": draw(one("reject", "warn")),
        "tail_past_expiry": draw(bools),
        "several_dates": "one_card_each",
        "units_per_vehicle": draw(one(1, 1, 1, 2)),
    }


def _channel(draw: Draw) -> Table:
    future = draw(bools)
    terms: Table = {
        "immediate": draw(bools),
        "future": future,
        "effective": draw(one("at_once", "on_confirmation")),
    }
    return terms | {"max_days": draw(one(0, 14, 3660))} if future and draw(bools) else terms


def _vehicles(draw: Draw, start: str) -> Table:
    listed = draw(one(0, 1, 2, 99))
    return {
        "binding": "listed"
        if start == "on_switch"
        else draw(one("at_use", "at_use", "at_purchase", "listed")),
        "active_max": draw(upto(min(listed, 2) or 2, 1)),
        "listed_max": listed,
        "preferred": draw(upto(2)),
        "foreign": draw(bools),
        "excludes_own": draw(bools),
        "first_auto": draw(bools),
        "on_remove_active": draw(one("reject", "promote_next", "none")),
    }


def _display(draw: Draw) -> Table:
    return {
        "place": draw(one(*PLACES)),
        "permit_place": draw(one(*PLACES)),
        "clock_place": draw(one(*PLACES)),
        "with_clock": draw(bools),
        "marks": draw(some(MARKS)),
        "prints": draw(some(("zone", "address", "serial", "expiry"))),
    }
