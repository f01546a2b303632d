"""Lost paper, giving a permit up, and money back, with how it is worked out.

Source: scheme TOML `refund`, `replacement`; RBW-008, RBW-034, RBW-053, NOR-156; X-042, X-053.
"""

from collections.abc import Sequence
from datetime import timedelta

from commands.refund_holding import RefundHolding
from commands.replace_permit import ReplacePermit
from commands.surrender_holding import SurrenderHolding
from ledger.events import Answer, AnyEvent, HoldingEnded, HoldingRefunded, HoldingReplaced
from ledger.household.state import Holding
from ledger.rules import refund
from replay.schemes.words import counted, noun
from replay.wording import day, money
from web.pages.counter.case import Case
from web.pages.counter.deed import Deed, Field
from web.pages.forms import Form


def about(case: Case) -> list[tuple[str, str]]:
    """What a permit is, in three lines."""
    holding = case.holding
    return [
        ("Permit", case.name_of(holding.product, holding.edition)),
        ("Paid", money(holding.pence)),
        ("Last day", day(holding.last_day)),
    ]


def _lost_fields(case: Case) -> list[Field]:
    papers = refund.in_use(case.holding)
    if len(papers) < 2:
        return []
    items = tuple((each, each) for each in papers)
    return [Field(kind="dropdown", name="serial", label="Which paper is lost?", items=items)]


def _lost(case: Case, form: Form) -> ReplacePermit:
    papers = refund.in_use(case.holding)
    serial = form.get("serial") if len(papers) > 1 else ""
    return ReplacePermit(holding=case.holding.holding_id, serial=serial)


def _replaced(case: Case, events: Sequence[AnyEvent]) -> list[tuple[str, str]]:
    (event,) = [each for each in events if isinstance(each, HoldingReplaced)]
    return [
        *([("Void from now on", ", ".join(event.void_serials))] if event.void_serials else []),
        ("New paper", ", ".join(event.serials)),
        ("To pay for it", money(event.fee_pence) if event.fee_pence else "Nothing"),
    ]


def _working(holding: Holding, case: Case) -> str:
    """How what goes back is made, in the words of the rule."""
    product = case.visit.council.editions.edition(holding.edition).product(holding.product)
    assert product is not None
    if product.draws_units:
        unit = counted(holding.units, noun(product))
        return f"{holding.units_left} of {unit} unused, of {money(holding.pence)}"
    days = (holding.last_day - holding.starts_on) // timedelta(days=1) + 1
    left = (holding.last_day - max(case.today, holding.starts_on)) // timedelta(days=1) + 1
    return f"{max(0, left)} of {counted(days, 'day')} left, of {money(holding.pence)}"


def _refunded(case: Case, events: Sequence[AnyEvent]) -> list[tuple[str, str]]:
    back = sum(each.pence for each in events if isinstance(each, HoldingRefunded))
    worked = f"{_working(case.holding, case)}, rounded down to whole pence"
    return [("How it is worked out", worked), ("Goes back", money(back)), *_ended(case, events)]


def _ended(case: Case, events: Sequence[AnyEvent]) -> list[tuple[str, str]]:
    ended = [each for each in events if isinstance(each, HoldingEnded)]
    names = [
        case.name_of(held.product, held.edition)
        for each in ended
        for held in [case.household.holdings[each.holding_id]]
    ]
    void = sum(len(each.void_bookings) for each in ended)
    return [
        ("Ends now", ", ".join(names)),
        *([("Visits that are cancelled", str(void))] if void else []),
    ]


def _exchanged(case: Case, events: Sequence[AnyEvent]) -> list[tuple[str, str]]:
    (event,) = [each for each in events if isinstance(each, HoldingReplaced)]
    return [
        ("Void from now on", counted(len(event.void_serials), "paper")),
        ("New paper", counted(len(event.serials), "paper")),
    ]


def _said_lost(case: Case, answer: Answer) -> str:
    pence = int(answer.values["pence"] or 0)  # type: ignore[arg-type]
    fee = f" The fee is {money(pence)}." if pence else ""
    return f"New paper is made: {answer.values['serial']}.{fee}"


def _said_refunded(case: Case, answer: Answer) -> str:
    return f"{money(int(answer.values['pence'] or 0))} goes back."  # type: ignore[arg-type]


DEEDS = (
    Deed(
        slug="lost",
        heading=lambda case: "Lost or stolen paper",
        button="Make new paper",
        about=about,
        whose=lambda case: case.holding.resident_id,
        fields=_lost_fields,
        command=_lost,
        check=_replaced,
        said=_said_lost,
        errors={"refund.not_replaceable": "serial"},
    ),
    Deed(
        slug="surrender",
        heading=lambda case: "Give this permit up",
        button="Give it up",
        about=about,
        whose=lambda case: case.holding.resident_id,
        command=lambda case, form: SurrenderHolding(holding=case.holding.holding_id),
        check=lambda case, events: [*_ended(case, events), ("Goes back", "No money")],
        said=lambda case, answer: "The permit has ended. No money goes back.",
        warning=True,
    ),
    Deed(
        slug="refund",
        heading=lambda case: "Give the money back",
        button="Give the money back",
        about=about,
        whose=lambda case: case.holding.resident_id,
        command=lambda case, form: RefundHolding(holding=case.holding.holding_id),
        check=_refunded,
        said=_said_refunded,
        warning=True,
    ),
    Deed(
        slug="exchange",
        heading=lambda case: "Exchange what is not used",
        button="Exchange it",
        about=about,
        whose=lambda case: case.holding.resident_id,
        command=lambda case, form: RefundHolding(holding=case.holding.holding_id, replace=True),
        check=_exchanged,
        said=lambda case, answer: "New paper is made for what was not used.",
    ),
)
