"""The questions that one product's application asks, and the command that the answers make.

A product asks only what its terms leave open: how many, for how long, from when, for which
vehicles, at which price. The rules themselves are asked by the command.

Source: STV-022 to 037, GRV-007, HAN-012 to 014, NOR-077, RBW-051; scheme TOML `products`.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from msgspec import Struct

from commands.apply_for_permit import ApplyForPermit
from ledger.rules import tariff
from ledger.scheme.products import Product
from ledger.scheme.schema import Concession
from replay.schemes import council, selling
from replay.schemes.using import SUPPORT
from replay.schemes.words import capital, counted, money, noun
from web.pages.forms import Form, Mistake, Mistakes
from web.pages.resident.own import Own

CHOICES_MAX = 12
"""So many sets are offered to choose from; more are typed."""
MARKS_SHOWN = 3
OPEN_PACKS_MAX = 999


class Questions(Struct, frozen=True, kw_only=True):
    """What is asked. Choices are pairs of value and text; empty or 0: not asked."""

    thing: str
    packs: tuple[tuple[str, str], ...]
    packs_typed: bool
    months: tuple[tuple[str, str], ...]
    start: bool
    marks: int
    marks_needed: bool
    marks_max: int
    slots: tuple[tuple[str, str], ...]
    slot_free: str
    concessions: tuple[tuple[str, str], ...]
    support: str

    @property
    def anything(self) -> bool:
        """Whether there is a question at all."""
        asked = (self.packs, self.packs_typed, self.months, self.start, self.marks)
        return any((*asked, self.slots, self.concessions, self.support))


def questions(mine: Own, product: Product) -> Questions:
    """The questions of a product for this household."""
    scheme, pack, holding = mine.scheme, product.pack, product.holding
    open_ended = pack.max == 0 or pack.max // pack.multiple > CHOICES_MAX
    several = pack.max != pack.min
    concessions = [each for each in scheme.concessions if product.id in each.products]
    ladder = tariff.has_ladder(product) and product.price.declared_by_applicant
    binding = product.vehicles.binding
    most = product.vehicles.listed_max or MARKS_SHOWN
    return Questions(
        thing=_thing(product),
        packs=tuple(_packs(product)) if several and not open_ended else (),
        packs_typed=several and open_ended,
        months=tuple(
            (str(each), counted(each, "month"))
            for each in range(holding.months_min, holding.months_max + 1)
        )
        if holding.months_min != holding.months_max
        else (),
        start=holding.starts == "chosen" and holding.postpone,
        marks=0 if binding == "at_use" else min(most, MARKS_SHOWN),
        marks_needed=binding == "at_purchase",
        marks_max=product.vehicles.listed_max,
        slots=tuple(
            (str(tier.slot), f"Permit {tier.slot} of your household: {money(tier.pence)}")
            for tier in product.price.tiers
        )
        if ladder
        else (),
        slot_free=str(tariff.free_slot(product, mine.household, mine.today, ())) if ladder else "",
        concessions=tuple((each.id, _reduced(each, mine)) for each in concessions),
        support=SUPPORT.get(product.requires_support or "", ""),
    )


def _thing(product: Product) -> str:
    """What is counted: `sets of 20`, `permits`."""
    if product.pack.size > 1:
        return f"sets of {product.pack.size}"
    return f"{noun(product)}s"


def _packs(product: Product) -> list[tuple[str, str]]:
    """`2 sets of 10 (20 scratchcards)`."""
    pack, found = product.pack, []
    first = -(-pack.min // pack.multiple) * pack.multiple
    for packs in range(first, pack.max + 1, pack.multiple):
        units = counted(packs * pack.size, noun(product))
        sets = f" ({selling.sets(packs, pack.size)})" if pack.size > 1 else ""
        found.append((str(packs), units + sets))
    return found


def _reduced(concession: Concession, mine: Own) -> str:
    """Who has the reduced price, and what it is."""
    told = council.concession(concession, mine.scheme).value
    return capital(told.partition(": ")[2] or told)


FIELDS = (
    *("packs", "months", "when", "start-day", "start-month", "start-year", "slot", "concession"),
    *("evidence", "support", *(f"mark{n}" for n in range(1, MARKS_SHOWN + 1))),
)


def answers(form: Form) -> dict[str, list[str]]:
    """What was entered, to be kept until it is sent."""
    return {name: list(form.fields[name]) for name in FIELDS if form.get(name)}


def entered(kept: Mapping[str, Sequence[str]]) -> Form:
    """What was kept, to be read as it was when it was sent."""
    return Form(fields=kept)


def command_of(
    mine: Own, product: Product, form: Form, confirm: tuple[str, ...] | None
) -> ApplyForPermit:
    """The command of these answers. Raises Mistakes with everything to mend."""
    asks = questions(mine, product)
    wrong: list[Mistake] = []
    packs = _read_packs(asks, product, form, wrong)
    months = _one_of("months", asks.months, "Choose for how many months", form, wrong)
    slot = _one_of("slot", asks.slots, "Choose which permit of your household it is", form, wrong)
    allowed = [("", ""), *asks.concessions]
    concession = form.get("concession") if asks.concessions else ""
    if concession not in dict(allowed):
        wrong.append(Mistake(field="concession", text="Choose a price"))
    if asks.support and not form.has("support"):
        text = f"Tick this if {asks.support} supports your application: it is not given otherwise"
        wrong.append(Mistake(field="support", text=text))
    start = _read_start(asks, form, wrong)
    marks = [form.get(f"mark{n}") for n in range(1, asks.marks + 1)]
    if asks.marks_needed and not any(marks):
        wrong.append(Mistake(field="mark1", text="Enter the registration number of the vehicle"))
    if wrong:
        raise Mistakes(*wrong)
    return ApplyForPermit(
        product=product.id,
        quantity=packs * product.pack.size if packs else None,
        months=int(months) if months else None,
        slot=int(slot) if slot else None,
        start=start,
        vehicles=tuple(mark for mark in marks if mark),
        concession=concession,
        evidence=bool(concession) and form.has("evidence"),
        support=(product.requires_support or "") if form.has("support") else "",
        confirm=confirm,
    )


def _read_packs(asks: Questions, product: Product, form: Form, wrong: list[Mistake]) -> int:
    if asks.packs:
        chosen = _one_of("packs", asks.packs, "Choose how many", form, wrong)
        return int(chosen or 0)
    if not asks.packs_typed:
        return 0
    most = product.pack.max or OPEN_PACKS_MAX
    typed = form.get("packs")
    if typed.isascii() and typed.isdigit() and len(typed) <= 6 and 1 <= int(typed) <= most:
        return int(typed)
    text = f"Enter how many {asks.thing} you want, as a number from {product.pack.min} to {most}"
    wrong.append(Mistake(field="packs", text=text))
    return 0


def _one_of(
    field: str, choices: Sequence[tuple[str, str]], text: str, form: Form, wrong: list[Mistake]
) -> str:
    if not choices:
        return ""
    chosen = form.get(field)
    if chosen in dict(choices):
        return chosen
    wrong.append(Mistake(field=field, text=text))
    return ""


def _read_start(asks: Questions, form: Form, wrong: list[Mistake]) -> date | None:
    if not asks.start or form.get("when") == "today":
        return None
    if form.get("when") != "later":
        wrong.append(Mistake(field="when", text="Choose when it is to start"))
        return None
    try:
        return form.day("start", "The start date")
    except Mistakes as error:
        wrong += error.mistakes
        return None
