"""What is counted: money, purchases, visits and households, as sums over households.

Every figure is a sum or a count, so that the order of the households makes no difference, and only
one household is held in memory at a time. Money is pence.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from msgspec import Struct, field

from ledger.events import (
    AnyEvent,
    ApplicationRefused,
    HoldingIssued,
    HoldingRefunded,
    HoldingReplaced,
    PaymentAuthorised,
    VoucherBooked,
)
from ledger.household.state import Application, Household

BANDS: Final = ("0", "1", "2-5", "6+")
"""Refused purchases of one household, in bands."""
SHARES: Final = ("none", "up to a quarter", "up to half", "more than half", "every one")
"""The share of a household's visits that is lost, in bands."""
WAITING: Final = "waiting"
"""Why nothing was issued where nobody refused: a step is open that nobody took."""
GONE: Final = "gone"
"""Why a visit is lost where nobody refused it: what it was to be taken from is not there."""


class Place(Struct, frozen=True, order=True):
    """What a figure is counted by: the zone, the reduced price claimed (or none), the product."""

    zone: str
    concession: str
    product: str


class Sold(Struct):
    """Money taken less what went back, units issued, and purchases."""

    pence: int = 0
    units: int = 0
    sales: int = 0

    def add(self, other: "Sold") -> None:
        self.pence += other.pence
        self.units += other.units
        self.sales += other.sales


class Till(Struct):
    """What was sold under one set of terms, by place."""

    sold: dict[Place, Sold] = field(default_factory=dict)

    def at(self, place: Place) -> Sold:
        return self.sold.setdefault(place, Sold())

    def add(self, other: "Till") -> None:
        for place, sold in other.sold.items():
            self.at(place).add(sold)

    @property
    def pence(self) -> int:
        return sum(sold.pence for sold in self.sold.values())

    def ring(self, household: Household, events: Iterable[AnyEvent]) -> None:
        """Count what these facts, which have happened to the household, took or gave back."""
        for event in events:
            match event:
                case PaymentAuthorised():
                    for name, pence in zip(event.applications, event.shares, strict=True):
                        self._paid(household, household.applications[name], pence)
                case ApplicationRefused():
                    application = household.applications[event.application_id]
                    self.at(_place(household, application)).pence -= event.refunded_pence
                case HoldingIssued():
                    concession = _concession(household, event.application_id)
                    sold = self.at(Place(event.zone, concession, event.product))
                    sold.units += event.units
                    sold.sales += 1
                case HoldingRefunded():
                    self._of_holding(household, event.holding_id).pence -= event.pence
                case HoldingReplaced():
                    self._of_holding(household, event.holding_id).pence += event.fee_pence
                case VoucherBooked():
                    self._of_holding(household, event.holding_id).pence += event.pence
                case _:
                    pass

    def _paid(self, household: Household, application: Application, share: int) -> None:
        """Each line has its own price; a fee beside them belongs to the first."""
        lines = application.lines
        fee = share - sum(line.pence for line in lines)
        for n, line in enumerate(lines):
            place = Place(application.zone, application.concession, line.product)
            self.at(place).pence += line.pence + (fee if n == 0 else 0)

    def _of_holding(self, household: Household, holding_id: str) -> Sold:
        held = household.holdings[holding_id]
        concession = _concession(household, held.application_id)
        return self.at(Place(held.zone, concession, held.product))


def _place(household: Household, application: Application) -> Place:
    return Place(application.zone, application.concession, application.product)


def _concession(household: Household, application_id: str) -> str:
    application = household.applications.get(application_id)
    return application.concession if application else ""


class Lost(Struct, frozen=True, order=True):
    """Something that would not be had: where, and the first reason."""

    place: Place
    reason: str


class Figures(Struct, kw_only=True):
    """Everything that is counted under one set of proposed terms.

    `shorter` counts visits that would be covered for a part of their time only, `minutes` what they
    lose; `unknown` those whose end nobody recorded, so that it cannot be said. `hit` counts
    households by band of refused purchases, `losing` by share of visits lost; `wider` is what was
    refused then and would be sold.
    """

    till: Till = field(default_factory=Till)
    purchases: Counter[Place] = field(default_factory=Counter)
    refused: Counter[Lost] = field(default_factory=Counter)
    visits: Counter[Place] = field(default_factory=Counter)
    lost: Counter[Lost] = field(default_factory=Counter)
    shorter: Counter[Place] = field(default_factory=Counter)
    minutes: Counter[Place] = field(default_factory=Counter)
    unknown: int = 0
    households: Counter[str] = field(default_factory=Counter)
    affected: Counter[str] = field(default_factory=Counter)
    hit: Counter[str] = field(default_factory=Counter)
    losing: Counter[str] = field(default_factory=Counter)
    paying: Counter[str] = field(default_factory=Counter)
    other: Counter[str] = field(default_factory=Counter)
    wider: Till = field(default_factory=Till)
    wider_households: int = 0

    def add(self, others: "Figures") -> None:
        """Take another's figures in: sums, whatever the order."""
        self.till.add(others.till)
        self.wider.add(others.wider)
        self.unknown += others.unknown
        self.wider_households += others.wider_households
        for name in _COUNTERS:
            counter: Counter[object] = getattr(self, name)
            counter.update(getattr(others, name))


_COUNTERS: Final = (
    "purchases",
    "refused",
    "visits",
    "lost",
    "shorter",
    "minutes",
    "households",
    "affected",
    "hit",
    "losing",
    "paying",
    "other",
)


def band(refused: int) -> str:
    """The band of so many refused purchases."""
    if refused > 5:
        return "6+"
    return "2-5" if refused > 1 else str(refused)


def share(lost: int, visits: int) -> str:
    """The band of so many visits lost of so many."""
    if not lost:
        return "none"
    if lost == visits:
        return "every one"
    if lost * 4 <= visits:
        return "up to a quarter"
    return "up to half" if lost * 2 <= visits else "more than half"
