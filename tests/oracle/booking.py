"""Using what is held by the unit: visits booked, texted, amended, cancelled; cards dated.

Source: STV-079 to 111, HAN-020 to 035, NOR-085 to 087, NOR-149 to 153, RBW-029 to 032; X-001,
X-004, X-005, X-013, X-015, X-018, X-021, X-037 to X-043, X-054, X-068 to X-073.
"""

from datetime import date, datetime, timedelta
from typing import Any

from tests.oracle.days import DAY, clock_of, day_of, midnight, to_instant, wall
from tests.oracle.home import (
    give_cover,
    in_hand,
    left_of,
    mark,
    outsider,
    plate,
    take_cover,
)
from tests.oracle.said import Fact, Said, no, yes

MINUTE = timedelta(minutes=1)


def by_the_unit(product: Any, medium: str) -> bool:
    """A product whose every use takes a unit."""
    permits = ("clock", "on_switch", "on_display", "holding_start")
    return product.medium == medium and product.use.start not in permits


def book(home: Fact, ask: Fact) -> Said:
    """A visit now or later, one vehicle or several, all or none (X-013)."""
    outside = outsider(home, ask)
    if outside is not None:
        return outside
    codes, may = marks(ask["vehicles"]), set[str]()
    start = ask["at"] if ask["start"] == "now" else wall(ask["start"])
    if start is None:
        return no("booking.no_such_time", anything=True)
    if start < ask["at"].replace(second=0, microsecond=0):
        codes.add("booking.start_in_past")
    else:
        start = max(start, ask["at"])
    held, product, unsure = drawn_on(home, ask, "virtual", day_of(start), len(ask["vehicles"]))
    if product is None:
        return Said(codes | held, may=may, anything=True, unsure=unsure)
    if ask.get("zone") and ask["zone"] != home["zone"]:  # RBW-017, STV-082
        codes.add("booking.zone")
    silent = channel(home, ask, product, start, codes)
    day = day_of(start)
    lots, none = lots_on(home, ask, product, day, len(ask["vehicles"]))
    unsure = unsure or twice(home, ask["vehicles"], product, start, codes, may)
    may |= {"booking.duplicate"} if "booking.start_in_past" in codes else set()
    if none:
        may |= codes | {"booking.no_units", "booking.outside_holding"}
        codes = codes & {"booking.start_in_past"} or none
    until = use_ends(product, start)
    if product.use.end.kind == "hours" and any(until > lot["until"] for lot in lots):
        unsure = "tail"
    return using(
        home,
        ask,
        codes,
        may,
        product=product,
        start=start,
        until=until,
        day=day,
        unsure=unsure,
        silent=silent,
        kind="booking",
    )


def using(home: Fact, ask: Fact, codes: set[str], may: set[str], **of: Any) -> Said:
    """The answer to a use, and what it does to the household."""
    product, start, until, kind = of["product"], of["start"], of["until"], of["kind"]
    amount = len(ask["vehicles"]) * product.use.units_per_vehicle

    def then(told: Fact) -> None:
        for use, typed, drawn in zip(told["uses"], ask["vehicles"], told["drawn"], strict=True):
            holding = home["holdings"][drawn]
            assert in_hand(holding, ask["at"]), "drawn from what is over"
            assert holding["starts"] <= of["day"] <= holding["last_day"], "drawn from another time"
            earliest = earliest_lots(home, ask, product, of["day"])
            assert drawn in earliest, f"drawn from {drawn}, where {earliest} end first"
            holding["left"] -= product.use.units_per_vehicle
            home["bookings" if kind == "booking" else "cards"][use] = {
                "holding": drawn,
                "product": product.id,
                "shown": mark(typed),
                "day": of["day"],
                "from": told["from"],
                "until": told["until"],
                "gone": False,
            }
            give_cover(
                home,
                use,
                ask["at"],
                kind="active",
                shown=mark(typed),
                plate=plate(typed),
                zone=home["zone"],
                product=product.id,
                **{"from": told["from"], "until": told["until"]},
            )

    left = left_of(home, product.id, ask["at"]) - amount
    figures = {"until": until, "remaining": left, "from": start}
    if kind == "booking" and start < ask["at"]:
        del figures["from"]
    return Said(
        codes,
        may=may,
        anything=of["silent"],
        refused=of["silent"],
        unsure=of["unsure"],
        figures=figures,
        then=then,
    )


def marks(typed: tuple[str, ...]) -> set[str]:
    return {"vehicle.mark_invalid" for each in typed if mark(each) is None}


def drawn_on(
    home: Fact, ask: Fact, medium: str, day: date, amount: int
) -> tuple[set[str], Any, str]:
    """The product a use draws on: the one named, or the only one that fits (HAN-027)."""
    scheme = home["scheme"]
    held = [h for h in home["holdings"].values() if in_hand(h, ask["at"])]
    held = [h for h in held if by_the_unit(scheme.product(h["product"]), medium)]
    if ask.get("holding"):
        held = [h for h in held if h["id"] == ask["holding"]]
        if not held:
            return set(), None, ""
    if ask.get("product"):
        held = [h for h in held if h["product"] == ask["product"]]
    kinds = sorted({h["product"] for h in held})
    if not kinds:
        return {"booking.no_units"}, None, ""
    if len(kinds) == 1:
        return set(), scheme.product(kinds[0]), ""
    fit = {
        h["product"] for h in held if h["left"] >= amount and h["starts"] <= day <= h["last_day"]
    }
    if len(fit) > 1:
        return {"booking.product_unclear"}, None, ""
    return set(), scheme.product(fit.pop()) if fit else None, "product_fits"


def lots_on(
    home: Fact, ask: Fact, product: Any, day: date, amount: int
) -> tuple[list[Fact], set[str]]:
    """The lots that a use of that day may draw on, and why none does (STV-117, X-018, X-036)."""
    held = [h for h in home["holdings"].values() if in_hand(h, ask["at"])]
    held = [h for h in held if h["product"] == product.id]
    if ask.get("holding"):
        held = [h for h in held if h["id"] == ask["holding"]]
    on_day = [h for h in held if h["starts"] <= day <= h["last_day"]]
    need = amount * product.use.units_per_vehicle
    if sum(h["left"] for h in on_day) >= need:
        return [h for h in on_day if h["left"]], set()
    outside = (
        "card.date_outside_holding" if product.medium == "paper" else "booking.outside_holding"
    )
    left = sum(h["left"] for h in held)
    return [], {"booking.no_units"} if on_day or not left else {outside}


def earliest_lots(home: Fact, ask: Fact, product: Any, day: date) -> set[str]:
    """The lots that end first among those that are valid on the day and have a unit left."""
    lots, _ = lots_on(home, ask, product, day, 1)
    first = min((lot["last_day"] for lot in lots), default=None)
    return {lot["id"] for lot in lots if lot["last_day"] == first}


def twice(
    home: Fact,
    typed: tuple[str, ...],
    product: Any,
    start: datetime,
    codes: set[str],
    may: set[str],
) -> str:
    """`booking.duplicate`, and what is left open about another product's unit."""
    found, other = doubled(home, typed, product, start, "")
    (may if "booking.start_in_past" in codes else codes).update(found)
    may |= {"booking.duplicate"} if other else set()
    return "other_product" if other and not found else ""


def doubled(
    home: Fact, typed: tuple[str, ...], product: Any, start: datetime, but: str
) -> tuple[set[str], bool]:
    """A second unit for the same vehicle and day would be wasted (X-021, X-073); of a unit that
    lasts hours, one for hours that are covered already. True: another product's unit is near."""
    if product.use.duplicate != "reject":
        return set(), False
    plates = [plate(each) for each in typed if mark(each) is not None]
    if len(set(plates)) < len(plates):
        return {"booking.duplicate"}, False
    other = False
    for name, use in [*home["bookings"].items(), *home["cards"].items()]:
        if use["gone"] or name == but or plate(use["shown"]) not in plates:
            continue
        overlaps = use["from"] < use_ends(product, start) and start < use["until"]
        same = overlaps if product.use.end.kind == "hours" else use["day"] == day_of(start)
        counts = use["product"] == product.id and not use.get("void")
        if same and counts:
            return {"booking.duplicate"}, False
        other = other or ((overlaps or same) and not counts)
    return set(), other


def use_ends(product: Any, start: datetime) -> datetime:
    """When cover of one use ends, exclusively (X-004, X-054, X-068)."""
    end = product.use.end
    match end.kind:
        case "end_of_day":
            return midnight(day_of(start) + DAY)
        case "hours":
            return start + timedelta(hours=end.hours)
        case "days":
            return midnight(day_of(start) + timedelta(days=end.days))
        case "next_day":
            return to_instant(datetime.combine(day_of(start) + DAY, end.until_time))
    raise AssertionError(end.kind)


def channel(home: Fact, ask: Fact, product: Any, start: datetime, codes: set[str]) -> bool:
    """How far ahead, and whether at all; True where the catalogue has no code (HAN-020, X-040)."""
    terms = product.channels.get(ask["channel"])
    if terms is None:
        return True
    if ask["start"] == "now":
        return not terms.immediate
    if not terms.future:
        return True
    days = terms.max_days
    if days is not None and clock_of(start) > clock_of(ask["at"]) + timedelta(days=days):
        codes.add("booking.too_far_ahead")
    return False


def text(home: Fact, ask: Fact) -> Said:
    """`VISITOR` and a mark from a linked mobile: a stay from the confirmation on (HAN-031 to 035,
    X-039)."""
    scheme, confirmed = home["scheme"], max(ask.get("confirmed") or ask["at"], ask["at"])
    outside = outsider(home, ask)
    if outside is not None:
        return outside
    has_texts = [p for p in scheme.products if "text" in p.channels]
    if not has_texts:
        return no(anything=True)
    words = ask["body"].split(None, 1)
    if len(words) < 2 or words[0].upper() != scheme.texting.keyword.upper():
        return no("message.not_understood", anything=True)
    if mark(words[1]) is None:
        return no(anything=True)
    asked = {**ask, "vehicles": (words[1],), "start": "now", "channel": "text"}
    day = day_of(confirmed)
    none, product, unsure = drawn_on(home, asked, "virtual", day, 1)
    if product is None:
        return Said(none, anything=True, refused=not unsure, unsure=unsure)
    codes, may = set[str](), set[str]()
    silent = channel(home, asked, product, confirmed, codes)
    _, without = lots_on(home, asked, product, day, 1)
    unsure = unsure or twice(home, asked["vehicles"], product, confirmed, codes, may)
    if without:
        may |= codes | {"booking.no_units", "booking.outside_holding"}
        codes = without
    return using(
        home,
        asked,
        codes,
        may,
        product=product,
        start=confirmed,
        until=use_ends(product, confirmed),
        day=day,
        unsure=unsure,
        silent=silent,
        kind="booking",
    )


def amend(home: Fact, ask: Fact) -> Said:
    """Another vehicle, before the start; never another start (STV-107 to 110, X-005)."""
    outside = outsider(home, ask)
    if outside is not None:
        return outside
    booking = home["bookings"].get(ask["booking"])
    if booking is None or booking["gone"]:
        return no(anything=True)
    codes = set[str]()
    if ask.get("start"):
        codes.add("booking.start_fixed")
    if ask["at"] >= booking["from"]:
        codes.add("booking.started")
    new, unsure = ask.get("vehicle", ""), ""
    if new:
        codes |= marks((new,))
        product = home["scheme"].product(booking["product"])
        found, other = doubled(home, (new,), product, booking["from"], ask["booking"])
        codes |= found
        unsure = "other_product" if other and not found else ""
        if mark(new) is not None and plate(new) == plate(booking["shown"]):
            unsure = "same_vehicle"

    def then(told: Fact) -> None:
        booking["shown"] = mark(new)
        take_cover(home, ask["booking"], ask["at"])
        give_cover(
            home,
            ask["booking"],
            ask["at"],
            kind="active",
            shown=mark(new),
            plate=plate(new),
            zone=home["zone"],
            product=booking["product"],
            **{"from": booking["from"], "until": booking["until"]},
        )

    may = {"booking.duplicate", "vehicle.mark_invalid", "booking.started", "booking.start_fixed"}
    return Said(codes, may=may, unsure=unsure, then=then)


def cancel(home: Fact, ask: Fact) -> Said:
    """Before the start the unit goes back to its own lot (STV-090, STV-108, X-005, X-018)."""
    outside = outsider(home, ask)
    if outside is not None:
        return outside
    booking = home["bookings"].get(ask["booking"])
    if booking is None or booking["gone"]:
        return no(anything=True)
    if ask["at"] >= booking["from"]:
        return no("booking.started")
    product = home["scheme"].product(booking["product"])

    def then(told: Fact) -> None:
        booking["gone"] = True
        home["holdings"][booking["holding"]]["left"] += product.use.units_per_vehicle
        take_cover(home, ask["booking"], ask["at"])

    lot = home["holdings"][booking["holding"]]
    back = product.use.units_per_vehicle if in_hand(lot, ask["at"]) else 0
    return yes(then, remaining=left_of(home, booking["product"], ask["at"]) + back)


def scratch(home: Fact, ask: Fact) -> Said:
    """A paper card, dated (and timed) for a vehicle (NOR-149, RBW-031, RBW-032, X-070, X-071)."""
    outside = outsider(home, ask)
    if outside is not None:
        return outside
    asked = {**ask, "vehicles": (ask["vehicle"],)}
    codes, may = marks((ask["vehicle"],)), set[str]()
    start = wall(ask["time"]) if ask.get("time") else None
    if ask.get("time") and start is None:  # X-103; a card that is not there has no time either
        return no(anything=True)
    day = day_of(start) if start else ask["day"]
    held, product, unsure = drawn_on(home, asked, "paper", day, 1)
    if product is None:
        return Said(codes | held, anything=True, refused=not unsure, unsure=unsure)
    timed = product.use.start == "scratched_time"
    if timed != bool(start):
        return no(anything=True)
    start = start or midnight(day)
    now = ask["at"].replace(second=0, microsecond=0)
    past = start < now if timed else day < day_of(ask["at"])
    _, none = lots_on(home, asked, product, day, 1)
    unsure = unsure or twice(home, asked["vehicles"], product, start, codes, may)
    if none:
        may |= codes | {"booking.no_units", "card.date_outside_holding", "booking.start_in_past"}
        codes = set() if past else none
    until = use_ends(product, start)
    lots, _ = lots_on(home, asked, product, day, 1)
    if not product.use.tail_past_expiry and any(until > lot["until"] for lot in lots):
        unsure = "tail"
    return using(
        home,
        asked,
        codes,
        may,
        product=product,
        start=start,
        until=until,
        day=day,
        unsure=unsure,
        silent=past,
        kind="card",
    )
