"""What a household was at an instant, from what was known at another, and what officers were shown.

Three axes, never mixed: `on` is when it holds, `known_at` by when it was recorded, and `shown` what
devices were answered that day. It is folded from the household's facts and no others, so that a
later correction changes what is known from then on, and nothing that was known before it.

Source: design section 5; X-102; E11.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct
from psycopg.rows import class_row

from ledger.calendar import local_date, start_of_day
from ledger.household.evolve import fold
from ledger.household.state import Household
from ledger.refusals import NotFound
from ledger.rules import allowance
from ledger.scheme.editions import Editions
from ledger.scheme.schema import Scheme
from ledger.store.application import Ledger
from ledger.store.pool import Connection
from ledger.store.rows import Row
from ledger.values import FOREVER
from projections import enforcement
from projections.active_registrations import REGISTRATIONS, ActiveRegistrations
from projections.lookups import SEEN, LookupSeen
from replay.folding import Folded, household_facts, snapshot
from replay.wording import day, end, moment, named

_REGISTRATIONS = ActiveRegistrations()


class CoverAsAt(Struct, frozen=True, kw_only=True):
    """A cover whose period holds the instant. A `listed` one permits nothing."""

    kind: str
    mark: str
    zone: str
    product: str
    holding: str
    covers_from: datetime
    covers_until: datetime


class HoldingAsAt(Struct, frozen=True, kw_only=True):
    """A holding in force at the instant. `units_left` is as known: uses known by then are out."""

    holding: str
    product: str
    zone: str
    in_force_from: datetime
    in_force_until: datetime
    units_left: int
    active: str


class AllowanceAsAt(Struct, frozen=True, kw_only=True):
    """How one cap stood on the day. `resident` is empty for a household's cap."""

    product: str
    cap: str
    resident: str
    used: int
    granted: int
    max: int
    available: int


class ShownAsAt(Struct, frozen=True, kw_only=True):
    """What an officer was shown that day of a mark the household ever had cover for."""

    receipt: int
    asked_at: datetime
    mark: str
    zone: str
    covered: bool | None
    reason: str


class StateAsAt(Struct, frozen=True, kw_only=True):
    """A household on `on`, as known at `known_at`: `version` is that of the last fact known."""

    household: str
    version: int
    known_at: datetime
    on: datetime
    residents: list[str]
    holdings: list[HoldingAsAt]
    covers: list[CoverAsAt]
    allowances: list[AllowanceAsAt]
    shown: list[ShownAsAt]


def as_at(
    ledger: Ledger, editions: Editions, stream: UUID, *, known_at: datetime, on: datetime
) -> StateAsAt:
    """The household on `on` from what was recorded at `known_at` or before.

    Raises NotFound where nothing was known of it then, or no scheme was in force on that day.
    """
    scheme = editions.in_force_at(on)
    with snapshot(ledger) as connection:
        every = household_facts(connection, ledger.schema, str(stream))
        known = [fact for fact in every if fact.recorded_at <= known_at]
        if not known:
            raise NotFound("household")
        household = fold(Household(household_id=str(stream)), known)
        folded = Folded()
        for fact in known:
            _REGISTRATIONS.apply(folded, fact)
        rows = [
            row
            for row in folded.rows_of(REGISTRATIONS).by_key.values()
            if row["known_until"] == FOREVER
        ]
        glyphs = sorted({str(row["glyphs"]) for row in rows})
        shown = _shown(connection, ledger.schema, glyphs, on, known_at, scheme.tz)
    return StateAsAt(
        household=str(stream),
        version=household.version,
        known_at=known_at,
        on=on,
        residents=sorted(each.resident_id for each in household.living(on)),
        holdings=list(_holdings(household, on)),
        covers=sorted(_covers(rows, on), key=lambda each: (each.covers_from, each.mark)),
        allowances=list(_allowances(household, scheme, on)),
        shown=shown,
    )


def _holdings(household: Household, on: datetime) -> Iterator[HoldingAsAt]:
    for each in household.holdings.values():
        if each.in_force(on):
            active = each.vehicles.get(each.active)
            yield HoldingAsAt(
                holding=each.holding_id,
                product=each.product,
                zone=each.zone,
                in_force_from=each.in_force_from,
                in_force_until=each.in_force_until,
                units_left=each.units_left,
                active=active.shown if active else "",
            )


def _covers(rows: list[Row], on: datetime) -> Iterator[CoverAsAt]:
    for row in rows:
        begins, ends = row["covers_from"], row["covers_until"]
        assert isinstance(begins, datetime)
        assert isinstance(ends, datetime)
        if begins <= on < ends:
            yield CoverAsAt(
                kind=str(row["kind"]),
                mark=str(row["shown"]),
                zone=str(row["zone"]),
                product=str(row["product"]),
                holding=str(row["holding_id"]),
                covers_from=begins,
                covers_until=ends,
            )


def _allowances(household: Household, scheme: Scheme, on: datetime) -> Iterator[AllowanceAsAt]:
    zone = household.property.zone if household.property else ""
    today = local_date(on, scheme.tz)
    living = [each.resident_id for each in household.living(on)]
    for product in scheme.products:
        for cap in allowance.caps(product, zone):
            for resident in living if cap.scope == "resident" else [""]:
                stands = allowance.standing(household, product, cap, resident, today, on)
                yield AllowanceAsAt(
                    product=product.id,
                    cap=allowance.cap_key(cap, product),
                    resident=resident,
                    used=stands.used,
                    granted=stands.granted,
                    max=stands.max,
                    available=stands.available,
                )


def _shown(
    connection: Connection,
    schema: str,
    glyphs: list[str],
    on: datetime,
    known_at: datetime,
    tz: ZoneInfo,
) -> list[ShownAsAt]:
    today = local_date(on, tz)
    begins, ends = start_of_day(today, tz), start_of_day(today + timedelta(days=1), tz)
    with connection.cursor(row_factory=class_row(LookupSeen)) as cursor:
        found = cursor.execute(
            f"select {SEEN} from {schema}.lookups where glyphs = any(%s) and asked_at >= %s"
            " and asked_at < %s and asked_at <= %s order by asked_at, lookup_id",
            (glyphs, begins, ends, known_at),
        ).fetchall()
    answers = [(each, enforcement.of_bytes(each.answer)) for each in found]
    return [
        ShownAsAt(
            receipt=each.receipt,
            asked_at=each.asked_at,
            mark=answer.mark,
            zone=answer.zone,
            covered=answer.covered,
            reason=answer.reason,
        )
        for each, answer in answers
    ]


def sentences(state: StateAsAt, tz: ZoneInfo) -> Iterator[str]:
    """The same in words, a line each."""
    yield f"As known at {moment(state.known_at, tz)}, on {moment(state.on, tz)}:"
    yield f"{len(state.residents)} people lived here; {len(state.holdings)} holdings were in force"
    for holding in state.holdings:
        active = f", active for {holding.active}" if holding.active else ""
        until = end(holding.in_force_until, tz)
        units = f"{holding.units_left} units left, in force until {until}"
        yield f"{named(holding.product)} for zone {holding.zone}: {units}{active}"
    for cover in state.covers:
        what = "listed, not active" if cover.kind == "listed" else "covered"
        until = end(cover.covers_until, tz)
        period = f"from {moment(cover.covers_from, tz)} until {until}"
        yield f"{cover.mark} was {what} in zone {cover.zone} {period}"
    if not state.covers:
        yield "No vehicle was covered"
    for each in state.allowances:
        whose = f" of {each.resident}" if each.resident else ""
        on = day(local_date(state.on, tz))
        yield f"Allowance {each.cap}{whose} on {on}: {each.used} of {each.max + each.granted} used"
    for shown in state.shown:
        said = enforcement.word(shown.covered)
        if shown.covered is False:
            said += f" ({shown.reason.replace('_', ' ')})"
        yield f"At {moment(shown.asked_at, tz)} an officer was shown {shown.mark}: {said}"
