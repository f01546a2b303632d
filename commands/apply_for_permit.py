"""Apply for a product, or for several in one order.

An application keeps the figures it is given here: price, first and last day, edition of the scheme.

Source: STV-022 to 043, STV-128, GRV-007, GRV-008, HAN-012 to 014, RBW-051 to 056, NOR-077,
NOR-122; X-049, X-057.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from commands import issuing, vehicles_named
from commands.base import Command, Context, Values
from ledger.events import AnyEvent, ApplicationSubmitted, Line
from ledger.household.issuing import submitted as as_application
from ledger.household.state import Application, Household, Resident
from ledger.refusals import Refusal, refuse_if
from ledger.rules import documents, eligibility, flow, ordering, purchase, vehicles
from ledger.rules.booking import FARTHEST
from ledger.rules.ordering import Wanted
from ledger.scheme.products import Product


class ApplyForPermit(Command, frozen=True, kw_only=True, tag="apply_for_permit"):
    """`lines` replace product, quantity, months and slot for an order of several products."""

    product: str = ""
    quantity: int | None = None
    months: int | None = None
    slot: int | None = None
    lines: tuple[Wanted, ...] = ()
    start: date | None = None
    vehicles: tuple[str, ...] = ()
    concession: str = ""
    evidence: bool = False
    support: str = ""
    confirm: tuple[str, ...] | None = None
    zone: str = ""

    @property
    def wanted(self) -> tuple[Wanted, ...]:
        one = Wanted(
            product=self.product, quantity=self.quantity, months=self.months, slot=self.slot
        )
        return self.lines or (one,)


def decide(command: ApplyForPermit, household: Household, context: Context) -> list[AnyEvent]:
    """Take the application. Raises Refused with reasons of every topic up to `allowance`."""
    scheme = context.scheme
    refuse_if(eligibility.scheme_refusal(scheme))
    resident = context.resident(household)
    ordered = ordering.products(scheme, command.wanted)
    refuse_if(
        *vehicles_named.refusals(command.vehicles),
        *eligibility.resident_refusals(resident),
        *_product_refusals(command, ordered, household, context),
        *_prerequisite_refusals(command, ordered, household, context),
        *flow.confirmation_refusals(scheme, command.confirm),
        *_start_refusals(command, ordered, context),
        *ordering.refusals(
            scheme,
            household,
            resident,
            command.wanted,
            concession=command.concession,
            evidence=command.evidence,
            on=context.today,
        ),
        *_slot_refusals(command, ordered, household, context),
        *_allowance_refusals(ordered, resident, household, context),
    )
    submitted = _submitted(command, household, resident, ordered, context)
    would_be = _would_be(submitted, context)
    if submitted.state != "issued":
        return [submitted]
    return [submitted, *issuing.issue(would_be, household, scheme, context, context.today, ())]


def _product_refusals(
    command: ApplyForPermit,
    ordered: Sequence[tuple[Product, Wanted]],
    household: Household,
    context: Context,
) -> Iterator[Refusal]:
    named = vehicles_named.listed(command.vehicles)
    for product, _ in ordered:
        yield from eligibility.product_refusals(
            product,
            household,
            context.scheme,
            support=command.support,
            zone_asked=command.zone,
        )
        yield from vehicles.application_refusals(product, household, named, context.at)


def _prerequisite_refusals(
    command: ApplyForPermit,
    ordered: Sequence[tuple[Product, Wanted]],
    household: Household,
    context: Context,
) -> Iterator[Refusal]:
    """For a start that can be had; another is refused for itself."""
    start = _starts_on(command, ordered, context)
    near = context.today <= start <= context.today + FARTHEST
    yield from issuing.prerequisite_refusals(
        [_line(product, wanted) for product, wanted in ordered],
        start if near else context.today,
        household,
        context.scheme,
        context,
    )


def _start_refusals(
    command: ApplyForPermit, ordered: Sequence[tuple[Product, Wanted]], context: Context
) -> Iterator[Refusal]:
    """Reasons in the day that was chosen. A day that nothing would be made of is refused, not
    passed over: what was asked for would begin on another.
    """
    if command.start is None:
        return
    if command.start < context.today:
        yield Refusal("application.start_in_past", f"{command.start} is before {context.today}")
    if command.start - context.today > FARTHEST:
        yield Refusal("application.start_too_far", "a start lies within a hundred years")
    terms = [product.holding for product, _ in ordered]
    fixed = any(each.starts == "chosen" and not each.postpone for each in terms)
    if command.start > context.today and (fixed or not _may_choose(ordered)):
        yield Refusal(
            "application.start_fixed", "the start cannot be postponed: it follows the purchase"
        )


def _may_choose(ordered: Sequence[tuple[Product, Wanted]]) -> bool:
    return any(
        product.holding.starts == "chosen" and product.holding.postpone for product, _ in ordered
    )


def _slot_refusals(
    command: ApplyForPermit,
    ordered: Sequence[tuple[Product, Wanted]],
    household: Household,
    context: Context,
) -> Iterator[Refusal]:
    beside: list[Line] = []
    for product, wanted in ordered:
        yield from ordering.declared_slot_refusals(
            product, wanted, household, context.today, beside
        )
        beside.append(_line(product, wanted))


def _line(product: Product, wanted: Wanted) -> Line:
    """A line as it stands before it has a price: for what it takes of caps and ladders."""
    units = ordering.units(product, wanted)
    term = product.holding
    return Line(
        product=product.id,
        units=units,
        packs=purchase.packs_of(product, units),
        pence=0,
        months=max(term.months_min, min(ordering.months(product, wanted), term.months_max)),
        slot=wanted.slot or 0,
    )


def _allowance_refusals(
    ordered: Sequence[tuple[Product, Wanted]],
    resident: Resident,
    household: Household,
    context: Context,
) -> Iterator[Refusal]:
    assert household.property is not None
    lines = [_line(product, wanted) for product, wanted in ordered]
    yield from issuing.line_refusals(
        household,
        resident.resident_id,
        household.property.zone,
        lines,
        context.scheme,
        context,
        [],
    )


def _starts_on(
    command: ApplyForPermit, ordered: Sequence[tuple[Product, Wanted]], context: Context
) -> date:
    """The day that was chosen, where one may be: else the start follows from the purchase."""
    if command.start and _may_choose(ordered):
        return command.start
    return context.today


def _submitted(
    command: ApplyForPermit,
    household: Household,
    resident: Resident,
    ordered: Sequence[tuple[Product, Wanted]],
    context: Context,
) -> ApplicationSubmitted:
    scheme = context.scheme
    assert household.property is not None
    zone = household.property.zone
    lines = ordering.lines(
        scheme,
        household,
        command.wanted,
        zone=zone,
        concession=command.concession,
        on=context.today,
    )
    pence = sum(line.pence for line in lines)
    starts_on = _starts_on(command, ordered, context)
    application_id = context.new_id()
    state = flow.state_after(
        scheme,
        proved=documents.needed(household, scheme, resident.resident_id) == 0,
        decided=False,
        paid=pence == 0,
    )
    return ApplicationSubmitted(
        application_id=application_id,
        number=application_id[:12].upper(),
        resident_id=resident.resident_id,
        lines=lines,
        pence=pence,
        starts_on=starts_on,
        start_chosen=_may_choose(ordered) and starts_on == command.start,
        last_day=issuing.terms(lines, starts_on, household, scheme, context, context.today)[
            0
        ].last_day,
        zone=zone,
        edition=scheme.edition,
        state=state,
        vehicles=vehicles_named.listed(command.vehicles),
        concession=command.concession,
        evidence=command.evidence,
        support=command.support,
        confirmed=command.confirm or (),
        target_on=flow.target_on(scheme, context.today, context.working_days),
    )


def _would_be(event: ApplicationSubmitted, context: Context) -> Application:
    """The application as it will stand, to look at its caps and issue it where nothing is left to
    do.
    """

    return as_application(event, context.at)


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    submitted = events[0]
    assert isinstance(submitted, ApplicationSubmitted)
    application = household.applications[submitted.application_id]
    return figures(application, household, context)


def figures(application: Application, household: Household, context: Context) -> Values:
    """What an applicant is told of an application, the same at every stage (STV-035, STV-065)."""
    holding = next(
        (h for h in household.holdings.values() if h.application_id == application.application_id),
        None,
    )
    starts_on = holding.starts_on if holding else application.starts_on
    last_day = holding.last_day if holding else application.last_day
    return {
        "application": application.application_id,
        "number": application.number,
        "state": application.state,
        "pence": application.pence,
        "starts": starts_on.isoformat(),
        "last_day": last_day.isoformat(),
        "target": application.target_on.isoformat() if application.target_on else None,
        "refunded": application.refunded_pence,
        "holdings": [
            h.holding_id
            for h in household.holdings.values()
            if h.application_id == application.application_id
        ],
        "printed": issuing.printed(household, (application.application_id,), context),
    }
