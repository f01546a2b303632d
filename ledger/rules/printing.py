"""What the council prints on paper when it issues it: zone, address, serial numbers and expiry.

Cards are personal to who bought them: what is printed leads from a card that was lost, sold or
seen in a car to its household. Blank stock bears nothing.

Source: scheme TOML `products[].display.prints`; NOR-080, NOR-081, NOR-145, NOR-148, NOR-150; X-074.
"""

from ledger.household.state import Holding, Property
from ledger.scheme.products import Product


def address(product: Product, home: Property | None) -> str:
    """The address that is printed; empty where none is, or where the council keeps none."""
    return home.address if home is not None and "address" in product.display.prints else ""


def printed(holding: Holding, product: Product) -> str:
    """The paper of a holding in words, in the scheme's order; empty where nothing is printed."""
    words = {
        "zone": f"zone {holding.zone}",
        "address": holding.address,
        "serial": _serials(holding.serials),
        "expiry": f"to {holding.last_day}",
    }
    parts = [words[each] for each in product.display.prints if words[each]]
    return f"{product.name}: {', '.join(parts)}" if parts else ""


def _serials(serials: tuple[str, ...]) -> str:
    match serials:
        case ():
            return ""
        case (one,):
            return one
        case _:
            return f"{serials[0]} to {serials[-1]}"
