"""Random schemes that the loader accepts: every key of the schema, with random values.

A scheme is made as the text of a file, so that nothing is skipped of what a council's own file
goes through. What the checks demand (ids that exist, values that agree) is drawn to fit; nothing
else is held back: strange combinations are the point.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from hypothesis import strategies as st

Draw = Callable[[st.SearchStrategy[Any]], Any]
Table = dict[str, Any]
Value = TypeVar("Value")

BENEFITS = ("universal_credit", "council_tax_support")
DOCUMENTS = ("council_tax_bill", "utility_bill", "tenancy_agreement")
TIMES = ("00:00", "07:15", "08:00", "10:00", "12:30")
LATER = ("13:00", "18:30", "23:45", "24:00")
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

bools = st.booleans()


def one(*values: Value) -> st.SearchStrategy[Value]:
    return st.sampled_from(values)


def some(values: Sequence[Value], least: int = 0) -> st.SearchStrategy[list[Value]]:
    """Some of these, each once, in any order."""
    return st.lists(st.sampled_from(list(values)), unique=True, min_size=least)


def upto(most: int, least: int = 0) -> st.SearchStrategy[int]:
    return st.integers(least, most)


def toml(value: object) -> str:
    """A value as TOML, tables inline."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{value}"'
        case int():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case Mapping():
            return "{ " + ", ".join(f"{key} = {toml(each)}" for key, each in value.items()) + " }"
        case list() | tuple():
            return "[" + ", ".join(toml(each) for each in value) + "]"
        case _:
            raise AssertionError(value)


@st.composite
def schemes(draw: Draw) -> str:
    """The text of a scheme file that is valid."""
    return "\n".join(f"{key} = {toml(value)}" for key, value in draw(tables()).items())


@st.composite
def tables(draw: Draw) -> Table:
    """A scheme file's table."""
    zones = [_zone(draw, n) for n in range(draw(upto(3, 1)))]
    names = [f"product-{n}" for n in range(draw(upto(3, 1)))]
    groups = {"shared": {"products": draw(some(names, 1))}} if draw(bools) else {}
    whole: Table = {
        "schema": 1,
        "id": "random",
        "council": "Random Borough",
        "seed": "none",
        "status": draw(one("live", "proposed", "superseded", "reference")),
        "effective_from": date(2021, 4, 1),
        "revision": draw(upto(3, 1)),
        "timezone": draw(one("Europe/London", "Europe/London", "America/Sao_Paulo")),
        "calendar": {"missing_day": draw(one("next", "last")), "gap": "reject"}
        | {"fold": draw(one("first", "offset"))},
        "household": {"key": "property", "reset_on_move": draw(bools)},
        "view": _view(draw),
        "flow": _flow(draw),
        "proof": _proof(draw),
        "eligibility": [_eligibility(draw) for _ in range(draw(upto(2)))],
        "vehicle_limits": [_vehicle_limit(draw) for _ in range(draw(upto(2)))],
        "zones": zones,
        "concessions": [_concession(draw, n, names) for n in range(draw(upto(2)))],
        "order_groups": _order_groups(draw, names),
        "allowance_groups": groups,
        "fair_use": _fair_use(draw, names),
        "grants": [_grant(draw, n, names) for n in range(draw(upto(2)))],
        "enforcement": _enforcement(draw),
        "lot": {"pick": draw(one("earliest_expiry", "oldest"))},
        "support": {"telephone": "1", "email": "a@b.invalid", "address": "Town Hall"},
        "texting": {"number": "60000", "keyword": draw(one("VISITOR", "PARK"))},
    }
    if draw(upto(30)) == 13:
        whole["status"] = "none"
    if draw(bools):
        whole["effective_at"] = datetime.fromisoformat("2021-04-01T12:00:00+00:00")
    if draw(bools):
        whole["replaces"] = "the-one-before"
    if draw(bools):
        whole["misuse"] = _misuse(draw)
    if whole["status"] != "none":
        whole["products"] = [
            _product(draw, name, names, [zone["id"] for zone in zones], groups) for name in names
        ]
        return whole
    for key in ("concessions", "order_groups", "allowance_groups", "fair_use", "grants"):
        del whole[key]
    return whole


def _zone(draw: Draw, n: int) -> Table:
    zone: Table = {"id": f"Z{n}", "name": f"Zone {n}", "areas": draw(some(("castle", "quay")))}
    if draw(bools):
        zone["scheme_started"] = date(2004, 7, 31)
    hours = [
        {
            "days": draw(one("mon-sat", "mon-fri", "sat", "mon,wed", "mon-sun")),
            "from": draw(one(*TIMES)),
            "to": draw(one(*LATER)),
        }
        for _ in range(draw(upto(2)))
    ]
    return {**zone, "hours": hours}


def _view(draw: Draw) -> Table:
    history = draw(upto(24, 1))
    return {
        "history_months": history,
        "default_months": draw(upto(history, 1)),
        "page_size": draw(upto(50, 1)),
        "search_fields": draw(some(("location", "vrm", "date", "name"))),
    }


def _flow(draw: Draw) -> Table:
    kinds = ("prove_pay_issue", "offer_pay_issue", "pay_decide_post", "register_buy")
    return {
        "kind": draw(one(*kinds)),
        "save_draft": draw(bools),
        "basket": draw(bools),
        "cancel_unpaid": "declined",
        "refund_on_refusal": draw(bools),
        "offer_days": draw(one(0, 0, 1, 14)),
        "target_working_days": draw(one(0, 2, 10)),
        "delivery": draw(one("none", "post")),
        "confirmations": draw(some(("vehicle_limits", "true_and_complete"))),
    }


def _proof(draw: Draw) -> Table:
    documents = [_document(draw, kind) for kind in draw(some(DOCUMENTS, 1))]
    check = {
        "allowed": draw(bools),
        "fee_pence": draw(upto(2000)),
        "fee_placeholder": draw(bools),
        "fee_kept_on_failure": draw(bools),
    }
    return {
        "per": draw(one("application", "address", "registration")),
        "documents_required": draw(upto(len(documents))),
        "reuse_months": draw(one(0, 6)),
        "reuse_recheck_age": draw(bools),
        "council_check": check,
        "documents": documents,
    }


def _document(draw: Draw, kind: str) -> Table:
    test = draw(one("none", "less_than", "within", "current_tax_year", "latest_year"))
    document: Table = {
        "type": kind,
        "accepts": draw(some(("gas", "water"))),
        "conditions": draw(some(("current", "signed_by_all"))),
        "age_test": test,
    }
    if test in ("less_than", "within"):
        document["max_age"] = draw(one("1m", "3m", "28d", "240m", "3660d"))
    return document


def _eligibility(draw: Draw) -> Table:
    rules = (
        *("built_on_or_after", "not_occupied_at_scheme_start", "conversion_or_subdivision"),
        *("in_permit_area", "road_or_property_excluded"),
    )
    rule: Table = {
        "rule": draw(one(*rules)),
        "result": draw(one("refuse", "require", "treat_as_recent")),
        "date": draw(one(date(2000, 1, 1), date(2030, 1, 1))),
        "scheme_started_after": draw(one(date(2004, 7, 31), date(1980, 1, 1))),
        "occupied_means": "council_tax_registered",
        "areas": draw(one([], ["*"], ["castle"])),
        "list": draw(one([], ["castle"], ["home"])) if draw(one(0, 0, 1)) else [],
        "override": "agreed-by-the-council",
    }
    if draw(bools):
        rule["unless"] = "built_with_own_scheme"
    return rule


def _vehicle_limit(draw: Draw) -> Table:
    measure = draw(
        one("max_authorised_mass_kg", "unladen_mass_kg", "goods_mass_kg", "length_mm")
        | one("passengers", "class", "fits_bay")
    )
    limit: Table = {"measure": measure, "effect": draw(one("no_cover", "refuse"))}
    match measure:
        case "class":
            return limit | {"op": "in", "value": draw(some(("bus", "lorry")))}
        case "fits_bay":
            return limit | {"op": "ne", "value": draw(bools)}
        case _:
            return limit | {"op": draw(one("ge", "gt")), "value": draw(upto(5000))}


def _concession(draw: Draw, n: int, names: list[str]) -> Table:
    return {
        "id": f"concession-{n}",
        "products": draw(some(names)),
        "pence": draw(upto(500)),
        "per": draw(one("unit", "holding")),
        "requires": draw(one([], ["listed_benefit"], ["council_tax_support"])),
        "benefits": draw(some(BENEFITS)),
        "min_age": draw(one(0, 67, 130)),
        "evidence": draw(bools),
        "each_claim": draw(bools),
    }


def _order_groups(draw: Draw, names: list[str]) -> Table:
    if not draw(bools):
        return {}
    group = {
        "products": draw(some(names)),
        "max_units": draw(one(1000, 25, 1)),
        "multiple": draw(one(1, 1, 1, 5)),
        "scope": draw(one("order", "day")),
    }
    return {"together": group}


def _fair_use(draw: Draw, names: list[str]) -> Table:
    if not draw(bools):
        return {}
    window = draw(one("rolling_12m", "calendar_month", "calendar_year"))
    return {
        "watched": {"flag_over": draw(upto(5)), "window": window, "products": draw(some(names))}
    }


def _grant(draw: Draw, n: int, names: list[str]) -> Table:
    return {
        "id": f"grant-{n}",
        "product": draw(one(*names)),
        "approver_role": "head_of_parking",
        "adds_allowance": draw(bools),
        "vehicle_bound": draw(bools),
        "reason_required": draw(bools),
    }


def _enforcement(draw: Draw) -> Table:
    return {
        "suspended_bays": draw(one("not_covered", "covered")),
        "bays": draw(some(("permit_holder", "shared_use"))),
        "requires_display": draw(bools),
        "max_lag_s": draw(upto(60)),
    }


def _misuse(draw: Draw) -> Table:
    return {
        "observations_per_day": draw(upto(3, 1)),
        "days_over": draw(upto(3)),
        "steps": draw(some(("observe", "letter", "reply", "decide"))),
        "automatic": draw(bools),
    }


def _product(draw: Draw, name: str, names: list[str], zones: list[str], groups: Table) -> Table:
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
