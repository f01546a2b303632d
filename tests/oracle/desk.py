"""What staff and officers record: corrections, readings of paper, the misuse procedure.

Source: NOR-023 to 026, NOR-050, NOR-143 to 165, RBW-019; X-059, X-064 to X-073, X-096, X-102, and
the worked examples A-142, A-146, A-158, G-031, G-050.
"""

from datetime import datetime, timedelta
from typing import Any

from tests.oracle.days import DAY, clock_of, controlled, day_of, stay_ends, to_instant
from tests.oracle.home import (
    cut_cover,
    give_cover,
    in_force,
    in_hand,
    mark,
    plate,
    take_cover,
    terms_of,
)
from tests.oracle.permits import end_holding, end_with
from tests.oracle.said import Fact, Said, no, unknown, yes

BEFORE = {"letter": "observe", "reply": "letter", "decide": "reply"}


def correct(home: Fact, ask: Fact) -> Said:
    """That a visit began earlier, or was another vehicle's: known from now on (X-102, G-031)."""
    act = ask["act"]
    use = home["bookings"].get(act) or home["cards"].get(act) or home["stays"].get(act)
    if use is None or not (ask["from"] or ask["vehicle"]):
        return no(anything=True)
    codes = set[str]()
    if not ask["reason"]:
        codes.add("correction.reason_missing")
    if not ask["approver"]:
        codes.add("correction.approver_missing")
    if ask["approver"] == ask["staff"]:
        codes.add("correction.same_person")
    if ask["vehicle"] and mark(ask["vehicle"]) is None:
        codes.add("vehicle.mark_invalid")
    if use.get("gone"):
        codes.add("booking.already_cancelled")
    unsure = still_open(home, use, ask)

    def then(told: Fact) -> None:
        cover = told["covered"]
        facts = {"zone": told["zone"], "plate": plate(cover["shown"]), "product": use["product"]}
        use.update({"from": cover["from"], "until": cover["until"], "shown": cover["shown"]})
        use["corrected"] = True
        if "day" in use:
            use["day"] = day_of(cover["from"])
        if "plate" in use:
            use["plate"] = plate(cover["shown"])
        take_cover(home, act, ask["at"])
        give_cover(home, act, ask["at"], kind="active", **facts, **cover)

    shown = mark(ask["vehicle"]) if ask["vehicle"] else use["shown"]
    begins = ask["from"] or use["from"]
    figures = {"covered": {"from": begins, "until": use["until"], "shown": shown}}
    return Said(codes, anything=True, unsure=unsure, figures=figures, then=then)


def still_open(home: Fact, use: Fact, ask: Fact) -> str:
    """What the catalogue does not say of a correction."""
    holding = home["holdings"][use["holding"]]
    product = home["scheme"].product(use["product"])
    lasts_a_day = product.use.end.kind in ("end_of_day", "next_day")
    if not in_hand(holding, ask["at"]) or use.get("void") or "left_at" in use:
        return "corrected_end"
    if ask["from"] and (ask["from"] < holding["from"] or not lasts_a_day):
        return "corrected_start"
    if ask["from"] and (ask["from"] >= use["from"] or day_of(ask["from"]) != use["day"]):
        return "corrected_start"
    if ask["vehicle"] and mark(ask["vehicle"]) and plate(ask["vehicle"]) == plate(use["shown"]):
        return "same_vehicle"
    return ""


def misuse(home: Fact, ask: Fact) -> Said:
    """Seen, then written to, then heard, then decided: in this order (NOR-023 to 026, X-096)."""
    holding = home["holdings"].get(ask["holding"])
    if holding is None or home["scheme"].misuse is None:
        return no(anything=True)
    steps = holding.setdefault("steps", [])

    def then(told: Fact) -> None:
        steps.append(ask["step"])
        if told["rescinded"]:
            end_holding(home, holding, ask["at"], ask["at"])
            end_with(home, ask["at"], ask["at"])

    if not in_hand(holding, ask["at"]) or ask["step"] in steps or "decide" in steps:
        return unknown("misuse_again", then)
    if BEFORE[ask["step"]] not in steps:
        return no(anything=True)
    if ask["rescind"] and ask["step"] != "decide":
        return unknown("misuse_again", then)
    return yes(then, rescinded=ask["rescind"])


def observe(home: Fact, ask: Fact) -> Said:
    """An officer reads paper in a vehicle: whether it is good here and now (NOR-145 to 165)."""
    if mark(ask["vehicle"]) is None:
        return no("vehicle.mark_invalid", anything=True)
    holding = home["holdings"].get(ask["holding"])
    if holding is None:
        return no(anything=True)
    product = home["scheme"].product(holding["product"])
    card = product.medium == "paper" and product.draws_units
    good, unsure = reads_card(home, ask, holding) if card else reads_clock(home, ask, holding)

    def then(told: Fact) -> None:
        holding.setdefault("steps", []).append("observe")
        if ask["clock"]:
            seen = {"plate": plate(ask["vehicle"]), "at": ask["at"], "product": product.id}
            home.setdefault("readings", []).append(seen)
        for name in told["void"]:
            use = home["cards"][name]
            assert plate(use["shown"]) == plate(ask["vehicle"]), "another vehicle's card"
            assert ask["altered"] or len(set(ask["dates"])) > 1, "a card that was not spoilt"
            use["void"] = True
            cut_cover(home, name, ask["at"], ask["at"])

    if product.medium != "paper" or ask["note_only"]:
        return Said(set(), unsure="" if ask["note_only"] else "read_at_all", then=then)
    return Said(set(), unsure=unsure, figures={"valid": good}, then=then)


def reads_card(home: Fact, ask: Fact, holding: Fact) -> tuple[bool, str]:
    """NOR-149, NOR-150, NOR-153, RBW-019."""
    if not controlled(zone_of(home), ask["at"]):
        return False, "unrecorded_card"
    if ask["altered"] or len(set(ask["dates"])) > 1:
        return False, ""
    if len(ask["dates"]) != 1:
        return False, "unrecorded_card"
    mine = [
        use
        for use in home["cards"].values()
        if use["holding"] == holding["id"]
        and use["day"] == ask["dates"][0]
        and plate(use["shown"]) == plate(ask["vehicle"])
    ]
    spoilt = [use for use in mine if use["gone"] or use.get("void") or use.get("corrected")]
    if len(mine) != 1 or spoilt:
        return False, "unrecorded_card"
    if not in_hand(holding, ask["at"]):
        return False, "unrecorded_card"
    return bool(mine[0]["from"] <= ask["at"] < mine[0]["until"]), ""


def reads_clock(home: Fact, ask: Fact, holding: Fact) -> tuple[bool, str]:
    """NOR-160 to 165: the limit runs from the clock; a clock that was set on is invalid."""
    product, at = terms_of(holding), ask["at"]
    if product.clock is None or not ask["clock"] or product.use.end.kind != "hours":
        return False, "read_at_all"
    zone = zone_of(home)
    if not controlled(zone, at):
        return False, "unrecorded_card"
    if ask["altered"] or not in_force(holding, at):
        return False, ""
    key = plate(ask["vehicle"])
    before = [*home.get("readings", ()), *home["departures"]]
    known = [each for each in before if each["plate"] == key and at - each["at"] < 2 * DAY]
    known += [stay for stay in home["stays"].values() if at - stay["from"] < 2 * DAY]
    set_at = shown_at(ask["clock"], at, product.clock.step_min)
    calm = controlled(zone, set_at) and day_of(set_at) == day_of(at)
    if known or not calm:
        return False, "clock_seen_before"
    return at < stay_ends(set_at, zone, product.use.end.hours), ""


def shown_at(clock: str, at: datetime, step: int) -> datetime:
    """The last time at which a clock that was rounded up can have been set to this."""
    hour, minute = (int(part) for part in clock.split(":"))
    latest = clock_of(at) + timedelta(minutes=step)
    shown = clock_of(at).replace(hour=hour, minute=minute, second=0, microsecond=0)
    return to_instant(shown if shown <= latest else shown - DAY)


def zone_of(home: Fact) -> Any:
    return home["scheme"].zone(home["zone"])
