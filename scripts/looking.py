"""`permit-ledger allowance`: how much a household has left."""

import sys
from datetime import UTC, date, datetime

import msgspec
from msgspec import Struct
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ledger.calendar import local_date, start_of_day
from ledger.household.state import Household
from ledger.rules import allowance as rule
from ledger.scheme.products import Product
from projections import allowances
from scripts.asking import asked_council, household_of
from scripts.wrong import Wrong
from services.council import Council


class Standing(Struct, frozen=True, kw_only=True):
    """How one cap of a product stands on a date. `resident` is empty for a household's cap."""

    product: str
    on: date
    cap: str
    resident: str
    used: int
    granted: int
    max: int
    available: int
    releases: tuple[tuple[date, int], ...]


def allowance(*, council: str, property_ref: str, product: str, on: str, json: bool) -> int:
    """Every cap of the product. Raises NotFound, Wrong."""
    with asked_council(council) as asked:
        scheme = asked.editions.latest
        now = datetime.now(UTC)
        asked_day = _day(on)
        day = asked_day or local_date(now, scheme.tz)
        at = start_of_day(day, scheme.tz) if asked_day else now
        terms = asked.editions.in_force(day).product(product)
        if terms is None:
            raise Wrong(f"--product is one of {', '.join(p.id for p in scheme.products)}")
        household = household_of(asked, asked.ledger.household_id(property_ref))
        found = standings(asked, household, terms, day, at)
    if json:
        sys.stdout.write(f"{msgspec.json.encode(found).decode()}\n")
    elif not found:
        sys.stdout.write(f"{product} has no allowance\n")
    else:
        Console().print(_table(found))
    return 0


def standings(
    council: Council, household: Household, product: Product, on: date, at: datetime
) -> list[Standing]:
    """Each cap of the product; a cap of each resident's own once for each of them."""
    assert household.property is not None
    found = []
    with council.pool.connection() as connection:
        for cap in rule.caps(product, household.property.zone):
            residents = list(household.residents) if cap.scope == "resident" else [None]
            for resident in residents:
                stands = allowances.standing(
                    connection,
                    council.schema,
                    str(household.household_id),
                    cap=rule.cap_key(cap, product),
                    product=product.id,
                    maximum=cap.max,
                    resident_id=resident,
                    on=on,
                    at=at,
                )
                found.append(
                    Standing(
                        product=product.id,
                        on=on,
                        cap=rule.cap_key(cap, product),
                        resident=resident or "",
                        used=stands.used,
                        granted=stands.granted,
                        max=stands.max,
                        available=stands.available,
                        releases=stands.releases,
                    )
                )
    return found


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        raise Wrong(f"--on is a date YYYY-MM-DD, not {written}") from None


def _table(found: list[Standing]) -> Table:
    table = Table("cap", "resident", "used", "granted", "at most", "left", "comes back")
    for each in found:
        back = ", ".join(f"{units} on {day}" for day, units in each.releases)
        figures = (each.used, each.granted, each.max, each.available)
        cells = (each.cap, each.resident, *map(str, figures), back)
        table.add_row(*(Text(cell) for cell in cells))
    return table
