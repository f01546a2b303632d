"""Give back the money for a holding, or for all that an order issued, where the scheme does.

What is refunded ends now and never counted as bought. An exchange of unused units gives new paper
for them, and voids the old.

Source: scheme TOML `refund`; RBW-008, RBW-034, NOR-156; A-121, A-123, A-165; X-042, X-053, X-100.
"""

from collections.abc import Iterator, Sequence

from commands import ending as early
from commands.base import Command, Context, Values
from commands.finding import application_of, holding_of
from ledger.events import AnyEvent, HoldingRefunded, HoldingReplaced
from ledger.household.state import Holding, Household
from ledger.refusals import Refusal, refuse_if
from ledger.rules import ending, refund
from ledger.scheme.products import Product


class RefundHolding(Command, frozen=True, kw_only=True, tag="refund_holding"):
    """A holding, or the application (order) that issued several. `replace`: exchange unused
    units.
    """

    holding: str = ""
    application: str = ""
    replace: bool = False


def decide(command: RefundHolding, household: Household, context: Context) -> list[AnyEvent]:
    """Pay back, all or nothing. Raises Refused with `refund.non_refundable` or
    `refund.not_replaceable`.
    """
    holdings = _holdings(command, household)
    refuse_if(
        None if holdings else Refusal("refund.non_refundable", "nothing was issued to refund"),
        *(
            refusal
            for holding in holdings
            for refusal in refund.refusals(
                holding,
                _product(holding, context),
                replace=command.replace,
                over=not holding.in_hand(context.at),
            )
        ),
    )
    if command.replace:
        return [_exchanged(holding) for holding in holdings]
    return list(_refunded(holdings, household, context))


def _holdings(command: RefundHolding, household: Household) -> list[Holding]:
    if command.holding:
        return [holding_of(household, command.holding)]
    application = application_of(household, command.application)
    return [
        holding
        for holding in household.holdings.values()
        if holding.application_id == application.application_id
    ]


def _product(holding: Holding, context: Context) -> Product:
    product = context.edition(holding.edition).product(holding.product)
    assert product is not None
    return product


def _exchanged(holding: Holding) -> HoldingReplaced:
    """New paper for as many units as are unused. The void numbers are the last ones printed."""
    old = refund.in_use(holding)
    return HoldingReplaced(
        holding_id=holding.holding_id,
        serials=refund.new_serials(holding, holding.units_left),
        fee_pence=0,
        void_serials=old[len(old) - holding.units_left :],
    )


def _refunded(
    holdings: list[Holding], household: Household, context: Context
) -> Iterator[AnyEvent]:
    gone_back: dict[str, int] = {}
    for holding in holdings:
        application = household.applications.get(holding.application_id)
        payment_id = application.payment_id if application else ""
        payment = household.payments.get(payment_id)
        pence = refund.pence(holding, _product(holding, context), context.today)
        before = gone_back.get(payment_id, payment.refunded_pence if payment else 0)
        gone_back[payment_id] = before + pence
        caps = ending.every_cap(holding)
        yield early.ended(household, holding, "refunded", caps, context)
        yield HoldingRefunded(
            holding_id=holding.holding_id,
            application_id=holding.application_id,
            payment_id=payment_id,
            pence=pence,
            payment_refunded_pence=before + pence,
        )
    gone = [holding.holding_id for holding in holdings]
    yield from early.dependants(household, gone, context.at, context)


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    refunded = [event for event in events if isinstance(event, HoldingRefunded)]
    replaced = [event for event in events if isinstance(event, HoldingReplaced)]
    return {
        "pence": sum(event.pence for event in refunded),
        "holdings": [
            *(event.holding_id for event in refunded),
            *(event.holding_id for event in replaced),
        ],
        "serials": [serial for event in replaced for serial in event.serials],
    }
