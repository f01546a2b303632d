"""Random schemes that the loader accepts: every key of the schema, with random values.

A scheme is made as the text of a file, so that nothing is skipped of what a council's own file
goes through. What the checks demand (ids that exist, values that agree) is drawn to fit; nothing
else is held back: strange combinations are the point.
"""

from datetime import date, datetime

from hypothesis import strategies as st

from tests.properties.drawing import Draw, Table, bools, one, some, toml, upto
from tests.properties.product_strategies import product

BENEFITS = ("universal_credit", "council_tax_support")
DOCUMENTS = ("council_tax_bill", "utility_bill", "tenancy_agreement")
TIMES = ("00:00", "07:15", "08:00", "10:00", "12:30")
LATER = ("13:00", "18:30", "23:45", "24:00")


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
        "country": draw(one("england", "scotland", "wales", "northern_ireland")),
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
            product(draw, name, names, [zone["id"] for zone in zones], groups) for name in names
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
