"""What each act changed, before and after: units left, allowance used, the active vehicle, cover.

Followed fact by fact; nothing is decided again. What can change no more is forgotten now and then,
so that a long history takes no more memory than a short one: what was forgotten is told without
its `before`.

Source: promise: a household's whole history, readable; STV-110, GRV-011.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from ledger.calendar import local_date
from ledger.events import (
    AnyEvent,
    BookingCancelled,
    CardUsed,
    Cover,
    CoverCorrected,
    DrawnUnits,
    HoldingEnded,
    HoldingExpired,
    HoldingIssued,
    Recorded,
    ResidentMovedOut,
    VehicleAdded,
    VehicleRemoved,
    VehicleSwitched,
    VoucherBooked,
)
from ledger.store.rows import Changes, Row
from projections.allowances import ALLOWANCES, Allowances
from replay.folding import Folded
from replay.wording import end, moment, named

KEPT_MAX = 4_096
What = Literal["units_left", "allowance_used", "active_vehicle", "cover"]
_WORDS: dict[What, str] = {
    "units_left": "units left of",
    "allowance_used": "used of the allowance",
    "active_vehicle": "active vehicle of",
    "cover": "cover",
}


class Change(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that an act changed. `of` is the id of a holding or a cover, or the allowance's
    name; `name` says it in words. None: there was none, or there is none any more.
    """

    what: What
    of: str
    name: str
    before: str | int | None
    after: str | int | None

    def __str__(self) -> str:
        thing = f"{_WORDS[self.what]} {self.name}".strip()
        return f"{thing}: {_said(self.before)} -> {_said(self.after)}"


def _said(value: str | int | None) -> str:
    return "none" if value is None else str(value)


class _Held(Struct):
    """What is followed of a holding."""

    product: str
    left: int
    active: str


class Following:
    """A household as far as changes are told of it."""

    def __init__(self, time_zone: ZoneInfo) -> None:
        self._tz = time_zone
        self._holdings: dict[str, _Held] = {}
        self._covers: dict[str, Cover] = {}
        self._shared: dict[str, tuple[DrawnUnits, ...]] = {}
        """Of a visit that took units of several holdings: of which, and how many."""
        self._allowances = Folded()
        self._model = Allowances()

    def take(self, fact: Recorded) -> tuple[Change, ...]:
        """What this fact changed. Facts are given in order, none left out."""
        changes = (
            *self._units(fact.event),
            *self._active(fact.event),
            *self._used(fact),
            *self._covered(fact.event),
        )
        self._forget(fact.recorded_at)
        return changes

    def _units(self, event: AnyEvent) -> Iterator[Change]:
        match event:
            case HoldingIssued():
                shown = {each.glyphs: each.shown for each in event.vehicles}
                held = _Held(event.product, event.units, shown.get(event.active, ""))
                self._holdings[event.holding_id] = held
                yield _left(event.holding_id, held, None, event.units)
                if held.active:
                    yield _active(event.holding_id, held, "", held.active)
            case VoucherBooked():
                drawn = (DrawnUnits(holding_id=event.holding_id, units=event.units), *event.others)
                if event.others:
                    self._shared[event.booking_id] = drawn
                yield from self._taken(drawn, 1)
            case CardUsed():
                yield from self._taken(
                    (DrawnUnits(holding_id=event.holding_id, units=event.units),), 1
                )
            case BookingCancelled():
                own = DrawnUnits(holding_id=event.holding_id, units=event.units_returned)
                yield from self._taken((own, *event.others_returned), -1)
            case HoldingExpired():
                yield from self._over((event.holding_id,))
            case HoldingEnded():
                yield from self._void(event.void_bookings, (event.holding_id,))
                yield from self._over((event.holding_id,))
            case ResidentMovedOut():
                yield from self._void(event.void_bookings, event.ended_holdings)
                yield from self._over(event.ended_holdings)
            case _:
                pass

    def _taken(self, drawn: tuple[DrawnUnits, ...], sign: int) -> Iterator[Change]:
        for each in drawn:
            held = self._holdings.get(each.holding_id)
            if held is not None and each.units:
                before = held.left
                held.left -= sign * each.units
                yield _left(each.holding_id, held, before, held.left)

    def _void(self, bookings: tuple[str, ...], ended: tuple[str, ...]) -> Iterator[Change]:
        """Units that a void visit took of a holding that goes on are there again."""
        for booking_id in bookings:
            drawn = self._shared.pop(booking_id, ())
            yield from self._taken(tuple(d for d in drawn if d.holding_id not in ended), -1)

    def _over(self, holdings: tuple[str, ...]) -> Iterator[Change]:
        for holding_id in holdings:
            held = self._holdings.pop(holding_id, None)
            if held is not None:
                if held.left:
                    yield _left(holding_id, held, held.left, 0)
                if held.active:
                    yield _active(holding_id, held, held.active, "")

    def _active(self, event: AnyEvent) -> Iterator[Change]:
        match event:
            case VehicleSwitched() | VehicleAdded(active=True):
                now = event.shown
            case VehicleRemoved() if self._active_of(event.holding_id) == event.shown:
                now = ""
            case _:
                return
        held = self._holdings.get(event.holding_id)
        if held is not None and held.active != now:
            before, held.active = held.active, now
            yield _active(event.holding_id, held, before, now)

    def _active_of(self, holding_id: str) -> str:
        held = self._holdings.get(holding_id)
        return held.active if held else ""

    def _used(self, fact: Recorded) -> Iterator[Change]:
        """How much of each allowance that the fact touches is used, at the fact's own instant."""
        touched = Changes()
        self._model.apply(touched, fact)
        changes = touched.tables.get(ALLOWANCES.name)
        if changes is None:
            return
        rows = self._allowances.rows_of(ALLOWANCES).by_key
        keys = [*changes.puts, *changes.patches]
        old = [rows[key] for key in keys if key in rows]
        caps = dict.fromkeys(_cap(row) for row in (*old, *changes.puts.values()))
        at = fact.recorded_at
        on = local_date(at, self._tz)
        before = {cap: self._amount(cap, on, at) for cap in caps}
        self._model.apply(self._allowances, fact)
        for cap in caps:
            after = self._amount(cap, on, at)
            if after != before[cap]:
                name, _ = cap
                yield Change(
                    what="allowance_used",
                    of=name,
                    name=name,
                    before=before[cap],
                    after=after,
                )

    def _amount(self, cap: tuple[str, str], on: date, at: datetime) -> int:
        rows = self._allowances.rows_of(ALLOWANCES).by_key.values()
        return sum(_number(row["amount"]) for row in rows if _cap(row) == cap and _on(row, on, at))

    def _covered(self, event: AnyEvent) -> Iterator[Change]:
        covers: tuple[Cover, ...] = getattr(event, "covers", ())
        uncovers: tuple[str, ...] = getattr(event, "uncovers", ())
        told = {cover.cover_id for cover in covers}
        for cover_id in uncovers:
            before = self._covers.pop(cover_id, None)
            if before is not None and cover_id not in told:
                yield self._cover(before, None)
        for cover in covers:
            before = self._covers.get(cover.cover_id)
            if before is None and isinstance(event, CoverCorrected):
                before = event.was
            self._covers[cover.cover_id] = cover
            if before != cover:
                yield self._cover(before, cover)

    def _cover(self, before: Cover | None, after: Cover | None) -> Change:
        either = after or before
        assert either is not None
        return Change(
            what="cover",
            of=either.cover_id,
            name="",
            before=self._in_words(before),
            after=self._in_words(after),
        )

    def _in_words(self, cover: Cover | None) -> str | None:
        # A listed vehicle is on the permit and covered nowhere.
        if cover is None or cover.kind == "listed":
            return None
        begins = moment(cover.covers_from, self._tz)
        return (
            f"{cover.shown} in zone {cover.zone} from {begins}"
            f" until {end(cover.covers_until, self._tz)}"
        )

    def _forget(self, at: datetime) -> None:
        """Covers that are over, and what counts no more."""
        if len(self._covers) > KEPT_MAX:
            self._covers = {k: c for k, c in self._covers.items() if c.covers_until > at}
            self._shared = {k: d for k, d in self._shared.items() if k in self._covers}
        rows = self._allowances.rows_of(ALLOWANCES).by_key
        if len(rows) > KEPT_MAX:
            on = local_date(at, self._tz)
            for key in [key for key, row in rows.items() if _day(row["counts_until"]) < on]:
                del rows[key]


def _left(holding_id: str, held: _Held, before: int | None, after: int) -> Change:
    return Change(
        what="units_left", of=holding_id, name=named(held.product), before=before, after=after
    )


def _active(holding_id: str, held: _Held, before: str, after: str) -> Change:
    return Change(
        what="active_vehicle",
        of=holding_id,
        name=named(held.product),
        before=before or None,
        after=after or None,
    )


def _cap(row: Row) -> tuple[str, str]:
    """The allowance, and whose it is where each resident has their own."""
    whose = row["resident_id"] if row["scope"] == "resident" else ""
    return str(row["cap"]), str(whose)


def _on(row: Row, on: date, at: datetime) -> bool:
    """True where the row counts on that date, at that instant of it."""
    until, until_at = _day(row["counts_until"]), row["counts_until_at"]
    if _day(row["counts_from"]) > on:
        return False
    return until > on or (until == on and isinstance(until_at, datetime) and until_at > at)


def _day(value: object) -> date:
    assert isinstance(value, date)
    return value


def _number(value: object) -> int:
    assert isinstance(value, int)
    return value
