"""What every path of an application ends in: the holdings are issued.

Used by each command that can be the last step (proof, decision, payment, or the application
itself where
nothing is asked for). The caps, the rung and the pools are looked at once more: what was within the
allowance, or at that price, when it was asked for may not be when it is paid.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct

from commands.base import Context
from ledger.calendar import local_date
from ledger.events import AnyEvent, Cover, HoldingIssued, Line, ListedVehicle
from ledger.household.state import Application, Household
from ledger.refusals import Refusal
from ledger.rules import allowance, fair_use, prerequisites, printing, purchase, tariff, validity
from ledger.scheme.products import Product
from ledger.scheme.schema import Scheme
from ledger.values import Period


def holder_refusals(
    household: Household, applications: list[Application], at: datetime
) -> Iterator[Refusal]:
    """`eligibility.not_resident` where the applicant has moved out since: nothing is issued then
    (X-055).
    """
    living = {resident.resident_id for resident in household.living(at)}
    if any(application.resident_id not in living for application in applications):
        yield Refusal("eligibility.not_resident", "the applicant does not live here any more")


def refusals(
    household: Household, applications: list[Application], scheme: Scheme, context: Context
) -> Iterator[Refusal]:
    """Every reason why these, made under one edition, cannot be paid and issued together now:
    `eligibility.prerequisite_missing`, `application.slot`, `application.start_in_past`,
    `purchase.above_maximum`, `allowance.*`, `payment.amount_differs`.
    """
    on = context.today
    beside: list[Line] = []
    for application in applications:
        if not application.replaces_holding:
            yield from prerequisite_refusals(
                application.lines, application.starts_on, household, scheme, context
            )
            yield from tariff.changed_refusals(application, scheme, household, on, beside)
            beside += application.lines
        yield from _term_refusals(application, scheme, context)
    yield from _day_refusals(household, applications, scheme, on)
    yield from allowance_refusals(household, applications, scheme, context)


def _term_refusals(application: Application, scheme: Scheme, context: Context) -> Iterator[Refusal]:
    """`application.start_in_past` where the whole term that was chosen is over by now: there would
    be nothing to issue.
    """
    terms = _terms(application.lines, application.starts_on, scheme, context, context.today)
    for _, term in terms:
        if term.last_day < context.today:
            yield Refusal(
                "application.start_in_past", f"what was asked for ended on {term.last_day}"
            )


def prerequisite_refusals(
    lines: Sequence[Line], starts_on: date, household: Household, scheme: Scheme, context: Context
) -> Iterator[Refusal]:
    """`eligibility.prerequisite_missing` for a line whose product needs another that is neither in
    force when it begins nor in the same order.
    """
    whole = _terms(lines, starts_on, scheme, context, context.today)
    for n, (product, term) in enumerate(whole):
        beside = _required(product, n, whole)
        missing = prerequisites.refusal(product, household, term.in_force.begins, beside)
        if missing is not None:
            yield missing


def _day_refusals(
    household: Household, applications: list[Application], scheme: Scheme, on: date
) -> Iterator[Refusal]:
    """`purchase.above_maximum` where a group's maximum of a day is passed by the payment."""
    bought = purchase.bought_that_day(household, scheme, on)
    for application in applications:
        if application.payment_id:
            continue
        lines = [(line.product, line.units) for line in application.lines]
        yield from purchase.order_refusals(scheme, lines, bought)
        bought += lines


def allowance_refusals(
    household: Household, applications: list[Application], scheme: Scheme, context: Context
) -> Iterator[Refusal]:
    """A reason for each cap that issuing all of these together would pass now."""
    taken: list[tuple[str, str, int]] = []
    for application in applications:
        if not application.replaces_holding:
            yield from line_refusals(
                household,
                application.resident_id,
                application.zone,
                application.lines,
                scheme,
                context,
                taken,
            )


def line_refusals(
    household: Household,
    resident_id: str,
    zone: str,
    lines: Iterable[Line],
    scheme: Scheme,
    context: Context,
    taken: list[tuple[str, str, int]],
) -> Iterator[Refusal]:
    """A reason for each cap that these lines of one application would pass now.

    `taken` holds (whose cap, cap key, amount) of what is bought in the same moment, and is added
    to: a resident's own cap is not used up by another, nor one application's by the next.
    """
    own_application = f"{resident_id}/{len(taken)}"
    whose = {"household": "", "resident": resident_id, "permit": own_application}
    for line in lines:
        product = scheme.product(line.product)
        if product is None:
            continue
        yield from allowance.refusals(
            household,
            product,
            zone,
            resident_id,
            context.today,
            context.at,
            units=line.units,
            packs=line.packs,
            already=[
                (key, n) for who, key, n in taken if who in ("", resident_id, own_application)
            ],
        )
        for cap in allowance.caps(product, zone):
            who = own_application if cap.window == "per_application" else whose[cap.scope]
            key = allowance.cap_key(cap, product)
            taken.append((who, key, allowance.amount(cap, line.units, line.packs)))


class Term(Struct, frozen=True):
    """How long what a line buys lasts: its first and last day, and the instants it is in force."""

    starts_on: date
    last_day: date
    in_force: Period


def terms(
    lines: Sequence[Line],
    starts_on: date,
    household: Household,
    scheme: Scheme,
    context: Context,
    paid_on: date,
) -> list[Term]:
    """The term of each line, were it issued now.

    A product that requires another ends with the last of those in force, or bought with it, at the
    latest (X-092).
    """
    whole = _terms(lines, starts_on, scheme, context, paid_on)
    return [_cut(product, n, whole, household, scheme) for n, (product, _) in enumerate(whole)]


def _terms(
    lines: Sequence[Line], starts_on: date, scheme: Scheme, context: Context, paid_on: date
) -> list[tuple[Product, Term]]:
    found = []
    for line in lines:
        product = scheme.product(line.product)
        assert product is not None
        first = start_day(product, starts_on, context.today, paid_on)
        last = validity.last_day(first, line.months, product, scheme)
        in_force = validity.in_force(first, last, context.at, scheme)
        found.append((product, Term(first, last, in_force)))
    return found


def _required(product: Product, n: int, whole: list[tuple[Product, Term]]) -> list[Period]:
    """The terms of what this product requires, among the other lines of its order."""
    return [
        term.in_force
        for place, (other, term) in enumerate(whole)
        if place != n and other.id == product.requires_product
    ]


def _cut(
    product: Product,
    n: int,
    whole: list[tuple[Product, Term]],
    household: Household,
    scheme: Scheme,
) -> Term:
    term = whole[n][1]
    if product.requires_product is None:
        return term
    begins = term.in_force.begins
    until = prerequisites.held_until(
        household, product.requires_product, begins, beside=_required(product, n, whole), ends={}
    )
    if until is None or until >= term.in_force.ends:
        return term
    last = local_date(until - timedelta(microseconds=1), scheme.tz)
    return Term(term.starts_on, last, Period(begins, until))


def issue(
    application: Application,
    household: Household,
    scheme: Scheme,
    context: Context,
    paid_on: date,
    beside: Sequence[Line],
) -> list[AnyEvent]:
    """One holding for each line, sold under the scheme that the application was made under.

    `beside` holds the lines of other applications that are issued in the same moment.
    """
    order = [(line.product, line.units) for line in (*beside, *application.lines)]
    lasting = terms(application.lines, application.starts_on, household, scheme, context, paid_on)
    return [
        _issue_line(application, n, lasting[n], household, scheme, context, paid_on, order)
        for n in range(len(application.lines))
    ]


def _issue_line(
    application: Application,
    n: int,
    term: Term,
    household: Household,
    scheme: Scheme,
    context: Context,
    paid_on: date,
    order: list[purchase.Bought],
) -> HoldingIssued:
    line = application.lines[n]
    product = scheme.product(line.product)
    assert product is not None
    holding_id = context.new_id()
    covers, active = _covers(application, product, scheme, holding_id, term.in_force, context)
    return HoldingIssued(
        holding_id=holding_id,
        application_id=application.application_id,
        resident_id=application.resident_id,
        product=product.id,
        zone=application.zone,
        units=line.units,
        packs=line.packs,
        pence=line.pence,
        bought_on=paid_on,
        starts_on=term.starts_on,
        last_day=term.last_day,
        in_force_from=term.in_force.begins,
        in_force_until=term.in_force.ends,
        counted=allowance.counted(
            product,
            scheme,
            application.zone,
            units=line.units,
            packs=line.packs,
            bought_on=paid_on,
            bought_at=context.at,
            last_day=term.last_day,
        ),
        edition=scheme.edition,
        slot=line.slot,
        pools=line.pools,
        flagged=fair_use.flagged(household, product.id, scheme, order, paid_on),
        serials=_serials(product, holding_id, line.units),
        tell=n == 0 and product.notify.issued != "none",
        vehicles=application.vehicles,
        active=active,
        covers=covers,
        address=printing.address(product, household.property),
    )


def printed(household: Household, applications: Collection[str], context: Context) -> list[str]:
    """What is printed on the paper that these applications issued, a line for each holding."""
    found = []
    for holding in household.holdings.values():
        product = context.edition(holding.edition).product(holding.product)
        if holding.application_id in applications and product is not None:
            found.append(printing.printed(holding, product))
    return [line for line in found if line]


def start_day(product: Product, chosen: date, today: date, paid_on: date) -> date:
    """The first day of a holding: the one chosen, that of the payment, or that of the issue."""
    match product.holding.starts:
        case "chosen":
            return chosen
        case "purchase":
            return paid_on
        case "issue":
            return today


def _covers(
    application: Application,
    product: Product,
    scheme: Scheme,
    holding_id: str,
    term: Period,
    context: Context,
) -> tuple[tuple[Cover, ...], str]:
    """The covers that a permit gives from its issue on, and the glyph key of its active vehicle."""

    def cover(vehicle: ListedVehicle, kind: str, period: Period) -> Cover:
        return Cover(
            cover_id=context.new_id(),
            kind=kind,  # type: ignore[arg-type]
            holding_id=holding_id,
            product=product.id,
            typed=vehicle.typed,
            shown=vehicle.shown,
            glyphs=vehicle.glyphs,
            zone=application.zone,
            covers_from=period.begins,
            covers_until=period.ends,
        )

    vehicles = application.vehicles
    if product.vehicles.binding == "listed":
        listed = tuple(cover(vehicle, "listed", term) for vehicle in vehicles)
        if not vehicles or not product.vehicles.first_auto:
            return listed, ""
        return (*listed, cover(vehicles[0], "active", term)), vehicles[0].glyphs
    if product.vehicles.binding == "at_purchase":
        period = term
        # What is over before it is issued has no use, nor the tail of one.
        over = term.begins == term.ends
        if not over and product.use.end.kind not in ("holding_end", "until_switched"):
            period = validity.use_period(term.begins, product, scheme, term.ends)
        return tuple(cover(vehicle, "holding", period) for vehicle in vehicles), ""
    return (), ""


def _serials(product: Product, holding_id: str, units: int) -> tuple[str, ...]:
    """The serial numbers printed on paper: the holding's id, and the card's place in it
    (NOR-080).
    """
    if product.medium != "paper":
        return ()
    return tuple(f"{holding_id[:10].upper()}-{n:03d}" for n in range(1, units + 1))
