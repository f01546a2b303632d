"""What is reported: one list of figures, each under the terms that were and under each proposal.

The table, the CSV, the JSON and the page are all made of it, so that they cannot disagree. Money is
pence, a share is never stored but worked out where it is shown.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Literal, TypeVar

from msgspec import Struct

from ledger.scheme.schema import Scheme
from replay.what_if import wording
from replay.what_if.figures import BANDS, SHARES, Figures, Lost, Place, Till
from replay.what_if.lives import Check
from replay.what_if.proposals import Proposal
from replay.what_if.replaying import Sums

Key = TypeVar("Key", Place, Lost)
Unit = Literal["acts", "pence", "purchases", "units", "visits", "minutes", "households"]


class Row(Struct, frozen=True, kw_only=True):
    """One figure. `measure` and `by` name it, `of` is whose it is (empty: all). `now` is None where
    the terms that were have no such figure; `then` has one a proposal, in their order.
    """

    measure: str
    by: str
    of: str
    unit: Unit
    now: int | None
    then: tuple[int, ...]


class Proposed(Struct, frozen=True, kw_only=True):
    """A proposal in words."""

    title: str
    file: str
    changes: tuple[str, ...]
    warnings: tuple[str, ...]


class Count(Struct, frozen=True, kw_only=True):
    """How many of something."""

    of: str
    number: int


class Report(Struct, frozen=True, kw_only=True):
    """The whole answer. `begins`, `ends`: the period's first day, and the first after it.

    `rows` are in the order of a reader's questions; `not_asked` are acts, and `attempts_not_asked`
    refused attempts, that could not be asked again, by command.
    """

    council: str
    council_id: str
    edition: str
    begins: date
    ends: date
    households: int
    check: Check
    acts: tuple[Count, ...]
    as_recorded: tuple[Count, ...]
    not_asked: tuple[Count, ...]
    attempts_not_asked: tuple[Count, ...]
    proposals: tuple[Proposed, ...]
    rows: tuple[Row, ...]
    assumptions: tuple[str, ...]

    def of(self, measure: str, by: str = "") -> list[Row]:
        """The figures of one measure, by one thing."""
        return [row for row in self.rows if (row.measure, row.by) == (measure, by)]

    def one(self, measure: str) -> Row:
        """The figure of a measure over everything."""
        (row,) = self.of(measure)
        return row

    @property
    def checked(self) -> str:
        """The self-check in one sentence."""
        check = self.check
        other = check.acts - check.same
        return (
            f"Of {check.acts:,} acts, {check.accepted:,} are accepted again under the terms they"
            f" had, {check.same:,} of them to the very same facts"
            + (f"; the other {other:,} are listed." if other else ".")
        )


def report(
    council_id: str,
    base: Scheme,
    begins: date,
    ends: date,
    proposals: Sequence[Proposal],
    sums: Sums,
) -> Report:
    """The report of these sums."""
    seen = sums.seen
    return Report(
        council=base.council,
        council_id=council_id,
        edition=base.edition,
        begins=begins,
        ends=ends,
        households=seen.households,
        check=seen.check,
        acts=_counts(seen.by_command),
        as_recorded=_counts(seen.as_recorded),
        not_asked=_counts(seen.not_asked),
        attempts_not_asked=_counts(seen.attempts_not_asked),
        proposals=tuple(
            Proposed(title=p.title, file=p.file, changes=p.changes, warnings=p.warnings)
            for p in proposals
        ),
        rows=tuple(_rows(base, seen.now, sums.figures)),
        assumptions=wording.ASSUMPTIONS,
    )


def _counts(counter: Mapping[str, int]) -> tuple[Count, ...]:
    ordered = sorted(counter.items(), key=lambda each: (-each[1], each[0]))
    return tuple(Count(of=name, number=number) for name, number in ordered)


def _rows(base: Scheme, now: Till, figures: list[Figures]) -> Iterator[Row]:
    yield from _sold(base, now, figures)
    yield from _purchases(base, figures)
    yield from _visits(base, figures)
    yield from _households(base, figures)
    yield from _wider(base, figures)


def _grouped(base: Scheme) -> tuple[tuple[str, Callable[[Place], str]], ...]:
    """By what a figure is split, and what the part of a place is called."""
    return (
        ("", lambda place: ""),
        ("zone", lambda place: wording.zone(base, place.zone)),
        ("concession", lambda place: wording.concession(place.concession)),
        ("product", lambda place: wording.product(base, place.product)),
    )


def _sold(base: Scheme, now: Till, figures: list[Figures]) -> Iterator[Row]:
    tills = [now, *(each.till for each in figures)]
    for by, name in _grouped(base):
        pence = [_by({p: s.pence for p, s in till.sold.items()}, name) for till in tills]
        yield from _lines("income", by, "pence", pence[0], pence[1:])
    # Units of several products are no sum: cards and permits.
    units = [_by({p: s.units for p, s in till.sold.items()}, _product_in(base)) for till in tills]
    yield from _lines("units sold", "product and zone", "units", units[0], units[1:])
    whole = [_by({p: s.units for p, s in till.sold.items()}, _product(base)) for till in tills]
    yield from _lines("units sold", "product", "units", whole[0], whole[1:])


def _product(base: Scheme) -> Callable[[Place], str]:
    return lambda place: wording.product(base, place.product)


def _product_in(base: Scheme) -> Callable[[Place], str]:
    return lambda place: f"{wording.product(base, place.product)}, {wording.zone(base, place.zone)}"


def _purchases(base: Scheme, figures: list[Figures]) -> Iterator[Row]:
    yield _all("purchases made", "purchases", figures, lambda each: each.purchases.values())
    yield from _lost(base, "purchases refused", "purchases", figures, lambda each: each.refused)


def _visits(base: Scheme, figures: list[Figures]) -> Iterator[Row]:
    yield _all("visits made", "visits", figures, lambda each: each.visits.values())
    yield from _lost(base, "visits lost", "visits", figures, lambda each: each.lost)
    for by, name in _grouped(base):
        sums = [_by(each.shorter, name) for each in figures]
        yield from _lines("visits shorter", by, "visits", None, sums)
    yield _all("minutes lost", "minutes", figures, lambda each: each.minutes.values())
    yield _all("visits not measured", "visits", figures, lambda each: [each.unknown])


def _lost(
    base: Scheme,
    measure: str,
    unit: Unit,
    figures: list[Figures],
    lost: Callable[[Figures], Counter[Lost]],
) -> Iterator[Row]:
    """By reason, zone, concession and product; every one is counted once, for its first reason."""
    reasons = [_by(lost(each), lambda one: wording.reason(one.reason)) for each in figures]
    for by, name in _grouped(base):
        sums = [_by(lost(each), _where(name)) for each in figures]
        yield from _lines(measure, by, unit, None, sums)
        if not by:
            yield from _lines(measure, "reason", unit, None, reasons)


def _households(base: Scheme, figures: list[Figures]) -> Iterator[Row]:
    yield _all("households", "households", figures, lambda each: each.households.values())
    yield _all("households affected", "households", figures, lambda each: each.affected.values())
    zones = [
        Counter({wording.zone(base, zone): n for zone, n in each.affected.items()})
        for each in figures
    ]
    yield from _lines("households affected", "zone", "households", None, zones)
    for measure, by, order, counters in (
        ("households", "purchases refused", BANDS, [each.hit for each in figures]),
        ("households", "share of visits lost", SHARES, [each.losing for each in figures]),
        ("households", "what they pay", ("more", "same", "less"), [e.paying for e in figures]),
    ):
        for band in order:
            then = tuple(counter[band] for counter in counters)
            yield Row(measure=measure, by=by, of=band, unit="households", now=None, then=then)
    others = [each.other for each in figures]
    yield from _lines("other acts refused", "act", "acts", None, others)


def _wider(base: Scheme, figures: list[Figures]) -> Iterator[Row]:
    """What was refused then, and would be sold."""
    measure = "refused then, sold now"
    yield _all(measure, "purchases", figures, lambda e: (s.sales for s in e.wider.sold.values()))
    products = [Counter[str]() for _ in figures]
    for counter, each in zip(products, figures, strict=True):
        for place, sold in each.wider.sold.items():
            counter[wording.product(base, place.product)] += sold.sales
    yield from _lines(measure, "product", "purchases", None, products)
    yield _all("worth of it", "pence", figures, lambda each: [each.wider.pence])
    yield _all("by households", "households", figures, lambda each: [each.wider_households])


def _where(name: Callable[[Place], str]) -> Callable[[Lost], str]:
    return lambda lost: name(lost.place)


def _by(counter: Mapping[Key, int], name: Callable[[Key], str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for key, number in counter.items():
        found[name(key)] += number
    return found


def _all(
    measure: str, unit: Unit, figures: list[Figures], values: Callable[[Figures], Iterable[int]]
) -> Row:
    then = tuple(sum(values(each)) for each in figures)
    return Row(measure=measure, by="", of="", unit=unit, now=None, then=then)


def _lines(
    measure: str, by: str, unit: Unit, now: Counter[str] | None, then: list[Counter[str]]
) -> Iterator[Row]:
    """A row for each part that there is under any terms, the greatest first."""
    counters = [*([now] if now is not None else []), *then]
    parts = {part for counter in counters for part in counter} or ({""} if not by else set())
    for part in sorted(parts, key=lambda each: (-max(c[each] for c in counters), each)):
        yield Row(
            measure=measure,
            by=by,
            of=part,
            unit=unit,
            now=None if now is None else now[part],
            then=tuple(counter[part] for counter in then),
        )
