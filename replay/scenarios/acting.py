"""The verbs with which a scenario acts: setting the scene, applying and paying, using."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING, cast

from commands.add_vehicle import AddVehicle
from commands.amend_booking import AmendBooking
from commands.base import Command
from commands.book_voucher import BookVoucher
from commands.cancel_application import CancelApplication
from commands.cancel_booking import CancelBooking
from commands.change_visitor import ChangeVisitor
from commands.move_out import MoveOut
from commands.record_vehicle_facts import RecordVehicleFacts
from commands.register_resident import RegisterResident
from commands.remove_vehicle import RemoveVehicle
from commands.save_visitor import SaveVisitor
from commands.switch_vehicle import SwitchVehicle
from ledger.refusals import NotFound, Refusal, Refused
from ledger.values import parse_mark
from replay.scenarios.common import Act, made, name, sent, stated, strings
from replay.scenarios.naming import Made
from replay.scenarios.outcomes import Accepted, Outcome
from replay.scenarios.outcomes import Refusal as Said
from replay.scenarios.steps import HOME, RES, Step
from services import texts

if TYPE_CHECKING:
    from replay.scenarios.world import LedgerWorld


def property_(world: "LedgerWorld", step: Step) -> Outcome:
    world.list_property(step.label or f"property-{step.number}", step.arguments)
    return Accepted()


def resident(world: "LedgerWorld", step: Step) -> Outcome:
    world.enrol(step.label or f"resident-{step.number}", step.arguments)
    return Accepted()


def register(world: "LedgerWorld", step: Step) -> Outcome:
    label = str(step.arguments.get("property", HOME))
    stream = world.names.properties.get(label) or world.council.ledger.household_id(label)
    command = RegisterResident(
        council_tax_account=str(step.arguments.get("council_tax_account", "")),
        name=step.label or "registered",
    )
    try:
        answer = sent(world, step, command, stream)
    except NotFound:
        raise Refused(
            [Refusal("eligibility.not_verified", "the address and number do not belong together")]
        ) from None
    if step.label:
        world.names.residents[step.label] = (stream, str(answer.values["resident"]))
    return Accepted(values={"verified": answer.values["verified"]})


def vehicle(world: "LedgerWorld", step: Step) -> Outcome:
    facts = {k: v for k, v in step.arguments.items() if k not in ("vehicle", "class")}
    typed = str(step.arguments["vehicle"])
    mark = parse_mark(typed)
    command = RecordVehicleFacts(
        vehicle=typed,
        vehicle_class=cast(str | None, step.arguments.get("class")),
        **cast(dict[str, int], facts),  # type: ignore[arg-type]
    )
    stream = world.council.ledger.vehicle_id(mark.glyphs if mark else "")
    sent(world, step, command, stream)
    return Accepted()


def scheme(world: "LedgerWorld", step: Step) -> Outcome:
    more = cast(Mapping[str, object], step.arguments["set"])
    loaded = world.parsed(more)
    world.replaced.update(more)
    world.council.editions = world.council.editions.with_edition(loaded.scheme, world.now)
    return Accepted()


def cancel(world: "LedgerWorld", step: Step) -> Outcome:
    key = next(k for k in ("booking", "application", "holding") if k in step.arguments)
    thing = made(world, step, key)
    command: Command
    match key:
        case "booking":
            command = CancelBooking(booking=thing.booking)
        case "application":
            command = CancelApplication(application=thing.application)
        case _:
            from replay.scenarios.exceptional import surrender

            return surrender(world, step, thing)
    answer = sent(world, step, command, thing.stream)
    return Accepted(
        values={k: answer.values[k] for k in ("remaining", "state") if k in answer.values}
    )


def book(world: "LedgerWorld", step: Step) -> Outcome:
    asked = step.arguments
    holding = made(world, step, "holding") if "holding" in asked else None
    vehicles = strings(asked["vehicles"]) if "vehicles" in asked else (str(asked["vehicle"]),)
    command = BookVoucher(
        vehicles=vehicles,
        product=str(asked.get("product", "")),
        holding=holding.holdings[0] if holding else "",
        start=stated(asked.get("start", "now")),
        zone=str(asked.get("zone", "")),
        until=str(asked.get("until", "")),
        email=bool(asked.get("email", True)),
        name=str(asked.get("name", "")),
    )
    stream = holding.stream if holding else world.actor(step.by)[0]
    answer = sent(world, step, command, stream)
    bookings = strings(answer.values["bookings"])
    if step.label:
        world.names.made[step.label] = Made(stream=stream, booking=bookings[0])
        for n, booking in enumerate(bookings, start=1):
            world.names.made[f"{step.label}/{n}"] = Made(stream=stream, booking=booking)
    return Accepted(
        values={
            "remaining": answer.values["remaining"],
            "from": datetime.fromisoformat(str(answer.values["from"])),
            "until": datetime.fromisoformat(str(answer.values["until"])),
            "pence": answer.values["pence"],
            "drawn_from": world.names.label_of(strings(answer.values["drawn_from"])[0]),
            "warnings": answer.values["warnings"],
        }
    )


def amend(world: "LedgerWorld", step: Step) -> Outcome:
    booking = made(world, step, "booking")
    command = AmendBooking(
        booking=booking.booking,
        vehicle=str(step.arguments.get("vehicle", "")),
        start=stated(step.arguments.get("start", "")),
    )
    sent(world, step, command, booking.stream)
    return Accepted()


def listing(kind: type[AddVehicle] | type[RemoveVehicle] | type[SwitchVehicle]) -> Act:
    def act(world: "LedgerWorld", step: Step) -> Outcome:
        holding = made(world, step, "holding") if "holding" in step.arguments else None
        command = kind(
            vehicle=str(step.arguments["vehicle"]), holding=holding.holdings[0] if holding else ""
        )
        answer = sent(world, step, command, holding.stream if holding else None)
        # A file has no word for nothing: none active is written as an empty mark.
        return Accepted(
            values={"active": answer.values["active"] or "", "listed": answer.values["listed"]}
        )

    return act


def save_visitor(world: "LedgerWorld", step: Step) -> Outcome:
    command = SaveVisitor(
        vehicle=str(step.arguments["vehicle"]),
        name=str(step.arguments.get("name", "")),
        preferred=bool(step.arguments.get("preferred", False)),
    )
    answer = sent(world, step, command)
    return Accepted(values={k: answer.values[k] for k in ("visitors", "warnings")})


def change_visitor(world: "LedgerWorld", step: Step) -> Outcome:
    command = ChangeVisitor(
        vehicle=str(step.arguments["vehicle"]),
        to=str(step.arguments.get("to", "")),
        name=str(step.arguments.get("name", "")),
        preferred=cast(bool | None, step.arguments.get("preferred")),
    )
    answer = sent(world, step, command)
    return Accepted(values={k: answer.values[k] for k in ("visitors", "warnings")})


def text(world: "LedgerWorld", step: Step) -> Outcome:
    try:
        answer = texts.receive(
            world.council,
            from_number=str(step.arguments["from"]),
            body=str(step.arguments["body"]),
            confirmed_at=cast(datetime | None, step.arguments.get("confirmed")),
            key=step.key or world.fresh_key(),
        )
    except Refused as refused:
        details = tuple(refusal.detail for refusal in refused.refusals)
        return Said(codes=refused.codes, details=details, values={"reply": False})
    if step.label:
        (booking,) = strings(answer.values["bookings"])
        streams = world.names.properties.values()
        home = next(each for each in streams if booking in world.household(each).bookings)
        name(world, step, Made(stream=home, booking=booking))
    return Accepted(values={"reply": True, "remaining": answer.values["remaining"]})


def move_out(world: "LedgerWorld", step: Step) -> Outcome:
    stream, resident_id = world.names.residents[str(step.arguments.get("resident", RES))]
    command = MoveOut(resident=resident_id, on=cast(datetime | None, step.arguments.get("on")))
    sent(world, step, command, stream)
    return Accepted()


def wait(world: "LedgerWorld", step: Step) -> Outcome:
    return Accepted()


def race(world: "LedgerWorld", step: Step) -> Outcome:
    """All commands at the same instant, on connections of their own."""
    commands = cast(Sequence[Step], step.arguments["commands"])
    with ThreadPoolExecutor(len(commands)) as threads:
        outcomes = list(threads.map(world.perform, commands))
    accepted = [o for o in outcomes if isinstance(o, Accepted)]
    refused = [o.codes[0] for o in outcomes if not isinstance(o, Accepted) and hasattr(o, "codes")]
    home, _, _ = world.actor(commands[0].by)
    household = world.household(home)
    products = {h.product for h in household.holdings.values()}
    named = {str(c.arguments["product"]) for c in commands if "product" in c.arguments}
    remaining = sum(household.units_left(p, world.now) for p in named or products)
    return Accepted(values={"accepted": len(accepted), "refused": refused, "remaining": remaining})


VERBS: dict[str, Act] = {
    "property": property_,
    "resident": resident,
    "register": register,
    "vehicle": vehicle,
    "scheme": scheme,
    "cancel": cancel,
    "book": book,
    "amend": amend,
    "add_vehicle": listing(AddVehicle),
    "remove_vehicle": listing(RemoveVehicle),
    "switch": listing(SwitchVehicle),
    "save_visitor": save_visitor,
    "change_visitor": change_visitor,
    "text": text,
    "move_out": move_out,
    "wait": wait,
    "race": race,
}
