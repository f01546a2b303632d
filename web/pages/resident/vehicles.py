"""The vehicles of a permit that keeps a list: which one is active, switched with one tap.

Source: GRV-006 to 018, GRV-030 to 036; X-023 to X-027.
"""

from msgspec import Struct

from commands.add_vehicle import AddVehicle
from commands.remove_vehicle import RemoveVehicle
from commands.switch_vehicle import SwitchVehicle
from ledger.household.state import Holding
from ledger.refusals import NotFound
from ledger.scheme.products import Product
from ledger.values import FOREVER
from web.pages.forms import mistake
from web.pages.framework import RESIDENT, Link, Redirect, View, Visit, get, post
from web.pages.resident.booking_quote import product_of, warnings_of
from web.pages.resident.own import Own, own
from web.pages.sending import send


class Listing(Struct, frozen=True, kw_only=True):
    """A permit in force with its vehicles: the active one's mark, and the others in order."""

    holding: Holding
    product: Product
    active: str
    others: tuple[str, ...]

    @property
    def most(self) -> int:
        """How many may be listed, the active one too; 0 is any number."""
        return self.product.vehicles.listed_max

    @property
    def full(self) -> bool:
        return bool(self.most) and len(self.holding.vehicles) >= self.most

    @property
    def ends(self) -> bool:
        return self.holding.in_force_until < FOREVER


def listings(visit: Visit, mine: Own) -> list[Listing]:
    """The permits with a list that are in force now, the resident's own."""
    found = []
    for holding in mine.household.holdings.values():
        product = product_of(visit, holding)
        mine_own = holding.resident_id == mine.resident.resident_id
        if product is None or product.vehicles.binding != "listed":
            continue
        if not mine_own or not holding.in_force(mine.now):
            continue
        active = holding.vehicles.get(holding.active)
        found.append(
            Listing(
                holding=holding,
                product=product,
                active=active.shown if active else "",
                others=tuple(
                    each.shown
                    for each in holding.vehicles.values()
                    if each.glyphs != holding.active
                ),
            )
        )
    return found


def shown(visit: Visit) -> View:
    """Every permit with its vehicles."""
    return View(template="resident/vehicles.html", values={"listings": listings(visit, own(visit))})


def _holding(visit: Visit) -> str:
    """The permit that the form names. Raises NotFound for what is not the resident's own."""
    named = visit.form.get("holding")
    if named not in [each.holding.holding_id for each in listings(visit, own(visit))]:
        raise NotFound("permit")
    return named


def switched(visit: Visit) -> Redirect:
    """Make another vehicle the active one, from this instant."""
    command = SwitchVehicle(vehicle=visit.form.get("vehicle"), holding=_holding(visit))
    answer = send(visit, visit.household, command)
    said = f"{visit.form.get('vehicle')} is the active vehicle now. Officers see it at once."
    warnings = warnings_of(answer.values)
    if warnings:
        said = f"{said} But: {'; '.join(warnings)}."
    to = "/vehicles" if visit.form.get("to") == "vehicles" else ""
    return Redirect(to=to, notice=said, kind="important" if warnings else "success")


def added(visit: Visit) -> Redirect:
    """List one more vehicle."""
    holding, typed = _holding(visit), visit.form.get("mark")
    if not typed:
        raise mistake("mark", "Enter the registration number of the vehicle")
    send(visit, visit.household, AddVehicle(vehicle=typed, holding=holding))
    return Redirect(to="/vehicles", notice=f"{typed.upper()} is on the list.")


def removed(visit: Visit) -> Redirect:
    """Take a vehicle off the list."""
    mark = visit.form.get("vehicle")
    send(visit, visit.household, RemoveVehicle(vehicle=mark, holding=_holding(visit)))
    return Redirect(to="/vehicles", notice=f"{mark} is off the list.")


PAGES = (
    get("/vehicles", RESIDENT, shown),
    post("/vehicles/switch", RESIDENT, switched, again=shown),
    post("/vehicles/add", RESIDENT, added, again=shown, fields={"vehicle": "mark"}),
    post("/vehicles/remove", RESIDENT, removed, again=shown),
)

LINKS = (
    Link(
        text="Vehicles",
        path="/vehicles",
        roles=RESIDENT,
        hint="The vehicles on your permit, and which one is active.",
        bar=False,
    ),
)
