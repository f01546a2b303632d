"""Book a unit of a holding for a visitor's vehicle, or one each for several, now or ahead.

All or nothing, or one by one where the scheme says so: those that can be are booked then, and the
answer says which were not and why. The mark is a snapshot: what is saved under a visitor's name
never alters a booking.

Source: STV-014, STV-079 to 104, STV-117, HAN-020 to 030; X-001, X-013, X-015, X-017, X-018, X-021,
X-040.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from copy import deepcopy
from datetime import date, datetime, timedelta

from msgspec import Struct, structs

from commands import saving, vehicles_named
from commands.base import Command, Context, Values
from commands.finding import holding_of
from ledger.calendar import local_date
from ledger.events import AnyEvent, Cover, DrawnUnits, ListedVehicle, NotBooked, VoucherBooked
from ledger.household.evolve import evolve
from ledger.household.state import Holding, Household
from ledger.refusals import Refusal, Refused, refuse_if
from ledger.rules import allowance, booking, eligibility, lots, validity
from ledger.rules import vehicles as vehicle_rules
from ledger.rules.marks import looks_british
from ledger.scheme.products import ChannelTerms, Product
from ledger.scheme.schema import Scheme
from ledger.values import Period

ANY_TIME = ChannelTerms(immediate=True, future=True)
"""For staff, who act in person: the limits of a channel are not theirs."""


class BookVoucher(Command, frozen=True, kw_only=True, tag="book_voucher"):
    """`start` is `now` or a local time. `until` is a caller's stated end, kept as a note
    (X-038).
    """

    vehicles: tuple[str, ...]
    product: str = ""
    holding: str = ""
    start: str = "now"
    zone: str = ""
    until: str = ""
    email: bool = True
    name: str = ""


class Drawn(Struct, frozen=True):
    """What a booking draws on: the product, its scheme, and one lot for each vehicle's unit."""

    product: Product
    scheme: Scheme
    lots: list[Holding]


def decide(command: BookVoucher, household: Household, context: Context) -> list[AnyEvent]:
    """Cover the vehicles. Raises Refused with every `vehicle.*` and `booking.*` reason, in that
    order.
    """
    begins, start_refusal = booking.start(command.start, context.at, context.scheme)
    if start_refusal is not None and start_refusal.code == "booking.start_in_past":
        wanted, _ = booking.asked(command.start, context.at, context.scheme)
        drawn, _ = draw(command, household, context, wanted, len(command.vehicles))
        if drawn is not None and drawn.product.use.backdate:
            begins, start_refusal = wanted, None
    return decide_from(command, household, context, begins, context.at, start_refusal)


def decide_from(
    command: BookVoucher,
    household: Household,
    context: Context,
    begins: datetime,
    asked_at: datetime,
    start_refusal: Refusal | None,
) -> list[AnyEvent]:
    """As decide, for a start that is known already; how far ahead it is counts from `asked_at`."""
    refuse_if(eligibility.scheme_refusal(context.scheme))
    resident = context.resident(household)
    bad_marks = list(vehicles_named.refusals(command.vehicles))
    if not command.vehicles:
        bad_marks.append(Refusal("vehicle.mark_invalid", "no vehicle is named"))
    vehicles = vehicles_named.listed(command.vehicles)
    drawn, reasons = draw(command, household, context, begins, len(command.vehicles))
    if drawn is not None and not drawn.product.concurrency.multi_atomic and len(vehicles) > 1:
        refuse_if(*bad_marks, start_refusal)
        return _one_by_one(command, household, context, begins, asked_at)
    if drawn is not None:
        reasons += _time_refusals(command, household, context, drawn, vehicles, begins, asked_at)
    refuse_if(*bad_marks, start_refusal, *reasons)
    assert drawn is not None
    booked = [
        _booked(command, context, resident.resident_id, vehicle, units, begins)
        for vehicle, units in zip(vehicles, _chunks(drawn), strict=True)
    ]
    return [*booked, *saving.named(household, command.name, vehicles, context)]


def _one_by_one(
    command: BookVoucher,
    household: Household,
    context: Context,
    begins: datetime,
    asked_at: datetime,
) -> list[AnyEvent]:
    """Each vehicle as if it were asked for alone, after those before it (concurrency.multi_atomic).

    Raises Refused with every reason where none can be booked.
    """
    then = deepcopy(household)
    events: list[AnyEvent] = []
    refused: list[tuple[str, Refusal]] = []
    for typed in command.vehicles:
        alone = structs.replace(command, vehicles=(typed,))
        try:
            booked = decide_from(alone, then, context, begins, asked_at, None)
        except Refused as error:
            refused += [(typed, refusal) for refusal in error.refusals]
            continue
        for event in booked:
            evolve(then, event, context.at)
        events += booked
    if not events:
        raise Refused(refusal for _, refusal in refused)
    assert isinstance(events[0], VoucherBooked)
    not_booked = tuple(
        NotBooked(typed=typed, code=refusal.code, detail=refusal.detail)
        for typed, refusal in refused
    )
    return [structs.replace(events[0], not_booked=not_booked), *events[1:]]


def draw(
    command: BookVoucher,
    household: Household,
    context: Context,
    begins: datetime,
    count: int,
) -> tuple[Drawn | None, list[Refusal]]:
    """The lots for so many vehicles on the day of this start, or why there are none."""

    def product_of(holding: Holding) -> Product | None:
        return context.edition(holding.edition).product(holding.product)

    held = lots.in_hand(household, product_of, context.at)
    if context.channel == "text":
        held = [holding for holding in held if _by_text(product_of(holding))]
    if command.holding:
        named = holding_of(household, command.holding)
        held = [holding for holding in held if holding.holding_id == named.holding_id]
    choices = [command.product] if command.product else lots.candidates(held)
    if len(choices) > 1:
        return None, [
            Refusal("booking.product_unclear", f"say which of {', '.join(choices)} to draw on")
        ]
    held = [holding for holding in held if holding.product in choices]
    with_units = [holding for holding in held if holding.units_left > 0]
    if not with_units:
        return None, [Refusal("booking.no_units", f"0 units left, {count} asked for")]
    then = [lot for lot in held if validity.begins_in(lot, begins, context.scheme)]
    first = next((lot for lot in then if lot.units_left > 0), with_units[0])
    product = product_of(first)
    assert product is not None
    scheme = context.edition(first.edition)
    day = local_date(begins, scheme.tz)
    wanted = count * product.use.units_per_vehicle
    units = list(lots.drawn(lots.in_order(then, product)))
    if not then:
        last = max(holding.last_day for holding in with_units)
        return Drawn(product, scheme, []), [
            Refusal("booking.outside_holding", f"{day} is outside what is held, to {last}")
        ]
    if len(units) < wanted:
        return Drawn(product, scheme, []), [
            Refusal("booking.no_units", f"{len(units)} units left for {day}, {wanted} asked for")
        ]
    return Drawn(product, scheme, units[:wanted]), []


def _time_refusals(
    command: BookVoucher,
    household: Household,
    context: Context,
    drawn: Drawn,
    vehicles: tuple[ListedVehicle, ...],
    begins: datetime,
    asked_at: datetime,
) -> list[Refusal]:
    product, scheme = drawn.product, drawn.scheme
    home = household.property
    zone = drawn.lots[0].zone if drawn.lots else (home.zone if home else "")
    glyphs = [vehicle.glyphs for vehicle in vehicles]
    reasons = list(booking.channel_refusals(begins, asked_at, _terms(product, context), scheme))
    reasons += vehicle_rules.own_refusals(household, product, glyphs, begins)
    if command.zone and command.zone != zone:
        reasons.append(Refusal("booking.zone", f"the permit is for zone {zone}"))
    period = validity.use_period(
        begins, product, scheme, datetime.max.replace(tzinfo=begins.tzinfo)
    )
    reasons += booking.duplicate_refusals(household, glyphs, period, product, scheme)
    in_use = booking.in_use_refusal(household, product, period, len(vehicles))
    if in_use is not None:
        reasons.append(in_use)
    reasons += allowance.use_refusals(
        household,
        product,
        scheme,
        zone,
        context.resident(household).resident_id,
        units=len(vehicles) * product.use.units_per_vehicle,
        used_on=local_date(period.begins, scheme.tz),
        last_day=_last_day(period, scheme),
    )
    return reasons


def _last_day(period: Period, scheme: Scheme) -> date:
    """The last local day that a use touches."""
    return local_date(period.ends - timedelta(microseconds=1), scheme.tz)


def _by_text(product: Product | None) -> bool:
    return product is not None and "text" in product.channels


def _terms(product: Product, context: Context) -> ChannelTerms:
    channel = context.channel
    # At the counter staff use what residents use at home: no scheme has terms for it alone.
    terms = None if channel == "counter" else product.channels.get(channel)
    if terms is not None:
        return terms
    return product.channels.get("website", ANY_TIME)


def _chunks(drawn: Drawn) -> Iterator[list[Holding]]:
    size = drawn.product.use.units_per_vehicle
    for n in range(0, len(drawn.lots), size):
        yield drawn.lots[n : n + size]


def _booked(
    command: BookVoucher,
    context: Context,
    resident_id: str,
    vehicle: ListedVehicle,
    units: list[Holding],
    begins: datetime,
) -> VoucherBooked:
    booking_id, lot = context.new_id(), units[0]
    taken = Counter(each.holding_id for each in units)
    # The terms are those that this lot was sold under; another lot's may be others.
    scheme = context.edition(lot.edition)
    product = scheme.product(lot.product)
    assert product is not None
    # A visit that takes units of several lots outlasts none of them.
    ends = min(each.in_force_until for each in units)
    period = validity.use_period(begins, product, scheme, ends)
    return VoucherBooked(
        booking_id=booking_id,
        holding_id=lot.holding_id,
        product=product.id,
        units=taken.pop(lot.holding_id),
        others=tuple(DrawnUnits(holding_id=other, units=n) for other, n in taken.items()),
        resident_id=resident_id,
        edition=scheme.edition,
        name=command.name,
        tell=_tell(product, command.email),
        stated_until=command.until,
        counted=allowance.counted_use(
            product,
            scheme,
            lot.zone,
            units=len(units),
            used_on=local_date(period.begins, scheme.tz),
            last_day=_last_day(period, scheme),
        ),
        covers=(
            Cover(
                cover_id=booking_id,
                kind="booking",
                holding_id=lot.holding_id,
                product=product.id,
                typed=vehicle.typed,
                shown=vehicle.shown,
                glyphs=vehicle.glyphs,
                zone=lot.zone,
                covers_from=period.begins,
                covers_until=period.ends,
            ),
        ),
    )


def _tell(product: Product, wanted: bool) -> bool:
    """True where a confirmation goes out: by default where the scheme sends one, unless turned
    off.
    """
    match product.notify.booked:
        case "none":
            return False
        case "email_opt_out":
            return wanted
        case _:
            return True


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    booked = [event for event in events if isinstance(event, VoucherBooked)]
    first = booked[0].covers[0]
    warnings = [
        warning for event in booked for warning in _warnings(event, household, events, context)
    ]
    return {
        "bookings": [event.booking_id for event in booked],
        "remaining": household.units_left(booked[0].product, context.at),
        "from": first.covers_from.isoformat(),
        "until": first.covers_until.isoformat(),
        "pence": sum(event.pence for event in booked),
        "drawn_from": [event.holding_id for event in booked],
        "warnings": warnings,
        "not_booked": [
            f"{each.typed}: {each.code}: {each.detail}" for each in booked[0].not_booked
        ],
    }


def _warnings(
    event: VoucherBooked, household: Household, events: Sequence[AnyEvent], context: Context
) -> list[str]:
    """What to ask the resident about the mark. Where a product is not for foreign vehicles a mark
    of no UK shape earns a word, never a refusal: a shape is no proof (STV-125).
    """
    (cover,) = event.covers
    scheme = context.edition(event.edition)
    product = scheme.product(event.product)
    found = saving.warnings(household, cover.typed, events)
    if product is not None:
        found += booking.duplicate_warnings(household, cover, product, scheme)
    if product is not None and not product.vehicles.foreign and not looks_british(cover.shown):
        found.append(
            f"{cover.shown} does not look like a UK mark, and foreign vehicles have no cover"
        )
    return found
