"""Permits and people: vehicles of a permit, stays on a clock, giving up, moving out, exceptions.

Source: GRV-005 to 037, NOR-143 to 165, RBW-007 to 008, RBW-034, RBW-053, NOR-053 to 055, NOR-156;
X-023 to X-026, X-042, X-053, X-055, X-064 to X-067, X-104.
"""

from typing import Any

from tests.oracle.days import clock_of, clock_set, stay_ends
from tests.oracle.home import (
    cut_cover,
    ends_at,
    give_cover,
    in_force,
    in_hand,
    living,
    mark,
    outsider,
    plate,
    terms_of,
    today,
)
from tests.oracle.issuing import issue
from tests.oracle.said import Fact, Said, no, unknown, yes


def permit(home: Fact, ask: Fact, fits: Any) -> tuple[Fact | None, Said | None]:
    """The permit that is meant: the one named, or the only one in force."""
    outside = outsider(home, ask)
    if outside is not None:
        return None, no(anything=True) if ask.get("holding") else outside
    scheme, at = home["scheme"], ask["at"]
    if ask.get("holding"):
        found = home["holdings"].get(ask["holding"])
        if found is None or not fits(scheme.product(found["product"])):
            return None, no(anything=True)
        if not in_force(found, at):
            return None, no("permit.not_in_force", anything=True)
        return found, None
    mine = [h for h in home["holdings"].values() if fits(scheme.product(h["product"]))]
    mine = [h for h in mine if in_force(h, at)]
    if not mine:
        return None, no("permit.not_in_force", anything=True)
    if len(mine) > 1:
        return None, no(anything=True)
    return mine[0], None


def is_listed(product: Any) -> bool:
    return bool(product.vehicles.binding == "listed")


def is_clock(product: Any) -> bool:
    return bool(product.use.start == "clock")


def on_list(holding: Fact, typed: str) -> str | None:
    """The listed mark of the same plate."""
    return next((each for each in holding["listed"] if plate(each) == plate(typed)), None)


def add(home: Fact, ask: Fact) -> Said:
    """GRV-009, GRV-030, GRV-031; X-023, X-025."""
    holding, refusal = permit(home, ask, is_listed)
    if refusal is not None or holding is None:
        return refusal or no()
    if mark(ask["vehicle"]) is None:
        return no("vehicle.mark_invalid", anything=True)
    most = terms_of(holding).vehicles.listed_max
    codes, may = set[str](), set[str]()
    if on_list(holding, ask["vehicle"]) is not None:
        codes.add("vehicle.already_listed")
    if most and len(holding["listed"]) >= most:
        (may if codes else codes).add("vehicle.list_full")
    shown = mark(ask["vehicle"])

    def then(told: Fact) -> None:
        holding["listed"].append(shown)
        is_first = holding["active"] is None
        if is_first:
            holding["active"] = shown
        show(home, holding, shown, ask["at"], "active" if is_first else "listed")

    active = holding["active"] or shown
    figures = {"active": active, "listed": len(holding["listed"]) + 1}
    if not is_first_auto(holding):
        figures.pop("active")
    return Said(codes, may=may, figures=figures, then=then)


def is_first_auto(holding: Fact) -> bool:
    """X-023 speaks of an empty list."""
    return not holding["listed"] or holding["active"] is not None


def show(home: Fact, holding: Fact, shown: Any, at: Any, kind: str) -> None:
    give_cover(
        home,
        f"{holding['id']} {shown}",
        at,
        kind=kind,
        shown=shown,
        plate=plate(shown),
        zone=holding["zone"],
        product=holding["product"],
        **{"from": at, "until": holding["until"]},
    )


def remove(home: Fact, ask: Fact) -> Said:
    """The active vehicle stays while others are listed (X-024)."""
    holding, refusal = permit(home, ask, is_listed)
    if refusal is not None or holding is None:
        return refusal or no()
    if mark(ask["vehicle"]) is None:
        return no(anything=True)
    found = on_list(holding, ask["vehicle"])
    if found is None:
        return no("vehicle.not_listed")
    if holding["active"] == found and len(holding["listed"]) > 1:
        return no("vehicle.is_active")

    def then(told: Fact) -> None:
        holding["listed"].remove(found)
        if holding["active"] == found:
            holding["active"] = None
        cut_cover(home, f"{holding['id']} {found}", ask["at"], ask["at"])

    return yes(then, listed=len(holding["listed"]) - 1)


def switch(home: Fact, ask: Fact) -> Said:
    """One listed vehicle for another, at this very instant (GRV-006, GRV-033 to 036)."""
    holding, refusal = permit(home, ask, is_listed)
    if refusal is not None or holding is None:
        return refusal or no()
    if mark(ask["vehicle"]) is None:
        return no(anything=True)
    found = on_list(holding, ask["vehicle"])
    if found is None:
        return no("vehicle.not_listed")
    before = holding["active"]

    def then(told: Fact) -> None:
        holding["active"] = found
        for shown in (before, found):
            if shown is not None:
                cut_cover(home, f"{holding['id']} {shown}", ask["at"], ask["at"])
        show(home, holding, found, ask["at"], "active")
        if before is not None:
            show(home, holding, before, ask["at"], "listed")

    if before == found:
        return unknown("same_vehicle", lambda told: None)
    return yes(then, active=found, listed=len(holding["listed"]))


def stay(home: Fact, ask: Fact) -> Said:
    """A vehicle begins to stay on a clock permit (NOR-143 to 165; X-064 to X-067)."""
    holding, refusal = permit(home, ask, is_clock)
    if refusal is not None or holding is None:
        return refusal or no()
    if mark(ask["vehicle"]) is None:
        return no("vehicle.mark_invalid", anything=True)
    product, at = terms_of(holding), ask["at"]
    codes, unsure = set[str](), ""
    going_on = [s for s in home["stays"].values() if s["holding"] == holding["id"]]
    for each in going_on:
        if each["left_at"] is None and at < each["until"]:
            codes.add("permit.in_use")
        elif each["left_at"] is None:
            unsure = "ended_stay"
    if product.no_return is not None:
        for left in home["departures"]:
            same = left["plate"] == plate(ask["vehicle"]) and left["product"] == product.id
            hours = (at - left["at"]).total_seconds() / 3600
            if same and hours < product.no_return.hours:
                codes.add("permit.no_return")
    zone = home["scheme"].zone(home["zone"])
    clock = clock_set(at, zone, product.clock.step_min)
    until = stay_ends(clock, zone, product.use.end.hours)
    past_end = until > holding["until"]
    unsure = unsure or ("tail" if past_end else "")

    def then(told: Fact) -> None:
        home["stays"][told["stay"]] = {
            "holding": holding["id"],
            "product": product.id,
            "plate": plate(ask["vehicle"]),
            "shown": mark(ask["vehicle"]),
            "from": at,
            "until": told["until"],
            "left_at": None,
        }
        give_cover(
            home,
            told["stay"],
            at,
            kind="active",
            shown=mark(ask["vehicle"]),
            plate=plate(ask["vehicle"]),
            zone=home["zone"],
            product=product.id,
            **{"from": at, "until": told["until"]},
        )

    figures = {"clock": clock_of(clock).strftime("%H:%M"), "until": until}
    may = {"permit.in_use", "permit.no_return"}
    return Said(codes, may=may, unsure=unsure, figures=figures, then=then)


def leave(home: Fact, ask: Fact) -> Said:
    """The vehicle leaves; the rest of its stay covers nobody (NOR-164)."""
    if mark(ask["vehicle"]) is None:
        return no(anything=True)
    here = [
        (name, each)
        for name, each in home["stays"].items()
        if each["plate"] == plate(ask["vehicle"]) and each["left_at"] is None
    ]
    going_on = [(name, each) for name, each in here if ask["at"] < each["until"]]

    def then(told: Fact) -> None:
        for name, each in here:
            each["left_at"] = ask["at"]
            gone = {"plate": each["plate"], "product": each["product"], "at": ask["at"]}
            home["departures"].append(gone)
            cut_cover(home, name, ask["at"], ask["at"])

    if len(going_on) == 1 and len(here) == 1:
        return yes(then)
    return unknown("leave_unknown", then)


def surrender(home: Fact, ask: Fact) -> Said:
    """What is held is given up; its place among those in force is free again (X-049)."""
    outside = outsider(home, ask)
    if outside is not None:
        return outside
    holding = home["holdings"].get(ask["holding"])
    if holding is None:
        return no(anything=True)

    def then(told: Fact) -> None:
        end_holding(home, holding, ask["at"], ask["at"])
        end_with(home, ask["at"], ask["at"])

    if not in_hand(holding, ask["at"]):
        return no("permit.not_in_force", anything=True)
    if not in_force(holding, ask["at"]):
        return unknown("not_begun", then)
    if holding["who"] != ask["who"]:
        return unknown("surrendered_use", then)
    return yes(then)


def end_holding(home: Fact, holding: Fact, ended: Any, at: Any) -> None:
    """It is over at `ended`: nothing of it covers from then on."""
    holding["ended_at"] = min(ended, ends_at(holding))
    for name, use in [*home["bookings"].items(), *home["cards"].items()]:
        if use["holding"] != holding["id"] or use["gone"]:
            continue
        if use["from"] >= ended:
            use["gone"] = True
        cut_cover(home, name, ended, at)
    for name, each in home["stays"].items():
        if each["holding"] == holding["id"]:
            each["until"] = min(each["until"], ended)
            cut_cover(home, name, ended, at)
    for shown in list(holding["listed"]):
        cut_cover(home, f"{holding['id']} {shown}", ended, at)


def end_with(home: Fact, ended: Any, at: Any) -> None:
    """What came with a permit ends with the last one of its kind (X-092)."""
    for holding in list(home["holdings"].values()):
        needed = home["scheme"].product(holding["product"]).requires_product
        if not needed or not in_hand(holding, ended):
            continue
        with_it = [h for h in home["holdings"].values() if h["product"] == needed]
        if not any(in_hand(h, ended) for h in with_it):
            end_holding(home, holding, ended, at)


def move_out(home: Fact, ask: Fact) -> Said:
    """The holder leaves: what they held ends at that instant (RBW-007, X-055); the next household
    starts afresh (X-104)."""
    person = home["people"].get(ask["resident"])
    if person is None:
        return no(anything=True)
    at, on = ask["at"], ask.get("on") or ask["at"]

    def then(told: Fact) -> None:
        person["left_at"] = on
        home["hazy"] = home["hazy"] or on != at
        for holding in home["holdings"].values():
            product = home["scheme"].product(holding["product"])
            mine = holding["who"] == ask["resident"] and product.holding.ends_on_move
            if mine and in_hand(holding, on):
                end_holding(home, holding, on, at)
        end_with(home, on, at)
        still = [p for p in home["people"].values() if p["left_at"] is None or at < p["left_at"]]
        if not still and home["scheme"].household.reset_on_move:
            for holding in home["holdings"].values():
                holding["uncounted"] = True
            home["hazy_grants"] = bool(home["grants"])

    if person["left_at"] is not None:
        return unknown("moved_before", then)
    if on != at:
        return unknown("moved_before", then)
    return yes(then)


def refund(home: Fact, ask: Fact) -> Said:
    """RBW-008, RBW-034, NOR-156: charges are not given back, unless the scheme says so."""
    holding = home["holdings"].get(ask["holding"])
    if holding is None:
        return no(anything=True)
    if outsider(home, ask) is not None:
        return no(anything=True)
    terms = home["scheme"].product(holding["product"]).refund
    if ask.get("replace"):
        return no("refund.not_replaceable", anything=True)
    if not terms.money:
        return no("refund.non_refundable", anything=True)
    return unknown("surrendered_use", lambda told: None)


def replace(home: Fact, ask: Fact) -> Said:
    """A duplicate for lost paper, for the scheme's fee (RBW-053, X-053)."""
    holding = home["holdings"].get(ask["holding"])
    if holding is None:
        return no(anything=True)
    terms = home["scheme"].product(holding["product"]).replacement
    if not terms.allowed:
        return no("refund.not_replaceable", anything=True)
    if not in_force(holding, ask["at"]):
        return unknown("replace_kind", lambda told: None)
    return yes(lambda told: None)


def grant(home: Fact, ask: Fact) -> Said:
    """An agreed exception, by the role that may agree it, for a reason (NOR-052 to 055)."""
    terms = [g for g in home["scheme"].grants if g.product == ask["product"]]
    terms = [g for g in terms if g.vehicle_bound == bool(ask.get("vehicle"))]
    if not terms:
        return no(anything=True)
    if living(home, ask) is None:
        return no(anything=True)
    codes = set[str]()
    if ask["role"] != "approver" or ask["name"] != terms[0].approver_role:
        codes.add("grant.approver_missing")
    if terms[0].reason_required and not ask["reason"]:
        codes.add("grant.reason_missing")

    def then(told: Fact) -> None:
        if terms[0].adds_allowance:
            one = {"product": ask["product"], "units": ask["units"], "on": today(ask)}
            home["grants"].append(one)
        issue(home, ask, told)

    return Said(codes, then=then)


def lapse(home: Fact, ask: Fact) -> Said:
    """The worker records what has run out, once, and never before (design, section 5)."""
    holding = home["holdings"].get(ask["subject"])
    if ask["kind"] != "holding" or holding is None:
        return no(anything=True)
    if holding["ended_at"] is not None:
        return unknown("lapse_ended", lambda told: holding.update(lapsed=True))
    over = holding["until"] <= ask["at"] and not holding["lapsed"]
    if not over:
        return no(anything=True)
    return yes(lambda told: holding.update(lapsed=True))
