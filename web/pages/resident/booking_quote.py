"""What a command would come to, asked before it is sent: its facts and its answer. Nothing is done.

Source: STV-079 to 104 (what a visit costs and covers, before it is confirmed); X-001, X-020.
"""

from copy import deepcopy
from datetime import datetime
from functools import partial

from msgspec import Struct

from commands import excluded
from commands.base import Command, Context, Values
from commands.handling import decided
from commands.registry import USE_CASES
from ledger.events import Actor, AnyEvent
from ledger.household.evolve import evolve
from ledger.household.state import Holding
from ledger.rules import lots, validity
from ledger.scheme.products import ChannelTerms, Product
from ledger.values import nearly, parse_mark
from projections import active_registrations
from replay.schemes.words import counted, noun
from services.council import working_days
from web.asking import VisitorSeen
from web.operations import Call
from web.pages.framework import Visit
from web.pages.resident.own import Own

_DID_YOU_MEAN = "did you mean"


class Bookable(Struct, frozen=True, kw_only=True):
    """A product of which units can be booked, and how many are left in the household. `ends_now`:
    until when a visit that begins now lasts.
    """

    product: Product
    units_left: int
    terms: ChannelTerms
    ends_now: datetime

    @property
    def cost(self) -> str:
        """What one vehicle takes: `1 voucher`."""
        return counted(self.product.use.units_per_vehicle, noun(self.product))

    @property
    def left(self) -> str:
        return f"{counted(self.units_left, noun(self.product))} left"


class Known(Struct, frozen=True, kw_only=True):
    """A mark that the resident has used or saved. `name` is empty where it is not saved."""

    shown: str
    glyphs: str
    name: str = ""


def call_of(visit: Visit, query: object = None) -> Call:
    """The same question as one over HTTP, about the resident's own household."""
    return Call(
        site=visit.site,
        council=visit.council,
        caller=visit.caller,
        params={"household": str(visit.household)},
        headers={},
        body=None,
        query=query,
    )


def product_of(visit: Visit, holding: Holding) -> Product | None:
    """The product by the edition under which it was sold."""
    return visit.council.editions.edition(holding.edition).product(holding.product)


def bookable(visit: Visit, mine: Own) -> list[Bookable]:
    """The products to book on, in the order in which they were bought."""
    held = lots.in_hand(mine.household, partial(product_of, visit), mine.now)
    found: dict[str, Bookable] = {}
    for holding in held:
        product = product_of(visit, holding)
        assert product is not None
        if holding.units_left and product.id not in found:
            terms = product.channels.get("website", ChannelTerms(future=True))
            same = [each for each in held if each.product == product.id and each.units_left]
            lot = lots.in_order(same, product)[0]
            scheme = visit.council.editions.edition(lot.edition)
            covered = validity.use_period(mine.now, product, scheme, lot.in_force_until)
            found[product.id] = Bookable(
                product=product,
                units_left=sum(each.units_left for each in same),
                terms=terms,
                ends_now=covered.ends,
            )
    return list(found.values())


def quoted(visit: Visit, mine: Own, command: Command) -> tuple[list[AnyEvent], Values]:
    """The facts of a command and its answer, as they would be now. Raises Refused with every
    reason, NotFound.
    """
    context = Context(
        at=mine.now,
        by=Actor("resident", mine.resident.resident_id),
        channel="website",
        on_behalf_of="",
        command_key="quoted",
        editions=visit.council.editions,
        working_days=working_days(),
    )
    events = decided(command, mine.household, context)
    then = deepcopy(mine.household)
    for event in events:
        evolve(then, event, context.at)
    values = USE_CASES[type(command)].answer(then, events, context)
    with visit.council.pool.connection() as connection:
        known = partial(active_registrations.facts, connection, visit.council.schema)
        return events, excluded.warned(values, events, context, known)


def warnings_of(values: Values) -> list[str]:
    """The warnings of an answer but for near marks: those are asked about, of one's own alone."""
    found = values.get("warnings")
    texts = found if isinstance(found, list) else []
    return [each for each in texts if not each.startswith(_DID_YOU_MEAN)]


def known_marks(mine: Own, saved: list[VisitorSeen]) -> list[Known]:
    """What the resident saved, then what they used: each mark once."""
    me = mine.resident.resident_id
    shown = [(each.mark, each.name) for each in saved]
    used = [each for each in mine.household.bookings.values() if each.resident_id == me]
    shown += [(each.cover.shown, "") for each in reversed(used) if each.cancelled_at is None]
    found: dict[str, Known] = {}
    for text, name in shown:
        mark = parse_mark(text)
        if mark is not None:
            known = Known(shown=mark.shown, glyphs=mark.glyphs, name=name)
            found.setdefault(mark.glyphs, known)
    return list(found.values())


def near(typed: str, known: list[Known]) -> list[Known]:
    """The known marks that are one slip away from what was typed; none where it is known itself."""
    mark = parse_mark(typed)
    if mark is None or any(each.glyphs == mark.glyphs for each in known):
        return []
    return [each for each in known if nearly(each.glyphs, mark.glyphs)][:3]
