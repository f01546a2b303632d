"""A household's facts and figures, as its own people, staff and auditors may read them.

A resident sees the household's figures, and of its facts only their own: a flatmate's visitors, and
whoever lived there before, are not theirs to read.

Source: reference/promises.md (OWASP ASVS 8.2.2, 8.2.3); STV-112 to 115, HAN-015 to 017; X-012.
"""

from collections.abc import Collection, Iterator
from datetime import date, datetime

from ledger.calendar import add_months, local_date, start_of_day
from ledger.events import Recorded
from ledger.household.evolve import fold
from ledger.household.state import Application, Holding, Household, Resident
from ledger.refusals import NotFound
from ledger.rules import allowance
from ledger.scheme.products import Allowance, Product
from ledger.scheme.schema import Scheme
from ledger.store.pool import Connection
from projections import allowances, sessions
from services.council import Council
from web.access import Caller, household_of
from web.asking import (
    AllowanceDay,
    AllowancesSeen,
    ApplicationSeen,
    Balance,
    CapSeen,
    HoldingSeen,
    HouseholdSeen,
    Release,
    ResidentSeen,
    SessionPage,
    SessionSeen,
    SessionsSeen,
    VehicleSeen,
    VisitorSeen,
)
from web.operations import Call
from web.problems import Wrong


def opened(call: Call) -> tuple[Household, list[Recorded]]:
    """The household asked for, and its facts. Raises NotFound for none, and for another's."""
    stream = household_of(call.by, call.params["household"])
    facts = list(call.council.ledger.facts(stream))
    household = fold(Household(household_id=str(stream)), facts)
    if household.property is None:
        raise NotFound("household")
    return household, facts


def now_of(council: Council) -> datetime:
    with council.pool.connection() as connection:
        return council.now(connection)


def household(call: Call) -> HouseholdSeen:
    """The household as it is now."""
    found, facts = opened(call)
    at = now_of(call.council)
    home = found.property
    assert home is not None
    theirs = [resident for resident in found.residents.values() if _may_see(call.by, resident)]
    ids = {resident.resident_id for resident in theirs}
    products = dict.fromkeys(holding.product for holding in found.holdings.values())
    return HouseholdSeen(
        household=found.household_id,
        version=found.version,
        at=at,
        property_ref=home.property_ref,
        zone=home.zone,
        address=home.address,
        residents=[_resident(each) for each in theirs],
        applications=[_application(a) for a in found.applications.values() if a.resident_id in ids],
        holdings=[_holding(h, at) for h in found.holdings.values() if h.resident_id in ids],
        balances=[Balance(product=each, remaining=found.units_left(each, at)) for each in products],
        visitors=list(_visitors(found, facts, call.by)),
    )


def _may_see(caller: Caller, resident: Resident) -> bool:
    return caller.role != "resident" or caller.resident_id == resident.resident_id


def _resident(resident: Resident) -> ResidentSeen:
    return ResidentSeen(
        resident=resident.resident_id,
        verified=resident.verified,
        lives_from=resident.lives_from,
        moved_out_at=resident.moved_out_at,
        name=resident.name,
        email=resident.email,
        mobile=resident.mobile,
    )


def _application(application: Application) -> ApplicationSeen:
    return ApplicationSeen(
        application=application.application_id,
        number=application.number,
        resident=application.resident_id,
        product=application.product,
        state=application.state,
        pence=application.pence,
        starts_on=application.starts_on,
        last_day=application.last_day,
        submitted_at=application.submitted_at,
    )


def _holding(holding: Holding, at: datetime) -> HoldingSeen:
    return HoldingSeen(
        holding=holding.holding_id,
        application=holding.application_id,
        resident=holding.resident_id,
        product=holding.product,
        zone=holding.zone,
        units=holding.units,
        units_left=holding.units_left,
        in_force_from=holding.in_force_from,
        in_force_until=holding.in_force_until,
        in_force=holding.in_force(at),
        last_day=holding.last_day,
        ended_why=holding.ended_why,
        edition=holding.edition,
        vehicles=[
            VehicleSeen(mark=each.shown, active=each.glyphs == holding.active)
            for each in holding.vehicles.values()
        ],
    )


def _visitors(
    found: Household, facts: Collection[Recorded], caller: Caller
) -> Iterator[VisitorSeen]:
    """The saved visitors: to a resident, those whom they saved themselves."""
    saved_by = {
        getattr(fact.event, "visitor_id", ""): fact.entry.by.name or fact.entry.on_behalf_of
        for fact in facts
        if spoken_for(fact, caller)
    }
    for each in found.visitors.values():
        if caller.role != "resident" or each.visitor_id in saved_by:
            yield VisitorSeen(
                visitor=each.visitor_id, mark=each.shown, name=each.name, preferred=each.preferred
            )


def spoken_for(fact: Recorded, caller: Caller) -> bool:
    """True where the caller, if a resident, recorded the fact, or somebody did on their behalf."""
    entry = fact.entry
    return caller.role != "resident" or caller.resident_id in (entry.by.name, entry.on_behalf_of)


def allowances_of(call: Call) -> AllowancesSeen:
    """Every cap of every product in the household's zone, on a local date."""
    asked: AllowanceDay = call.query
    found, _ = opened(call)
    at = now_of(call.council)
    scheme = call.council.scheme_at(at)
    on = asked.on or local_date(at, scheme.tz)
    at = start_of_day(on, scheme.tz) if asked.on else at
    home = found.property
    assert home is not None
    living = [r.resident_id for r in found.living(at) if _may_see(call.by, r)]
    with call.council.pool.connection() as connection:
        caps = [
            _cap(connection, call.council, found.household_id, product, cap, resident_id, on, at)
            for product in scheme.products
            if not product.zones_only or home.zone in product.zones_only
            for cap in allowance.caps(product, home.zone)
            for resident_id in (living if cap.scope == "resident" else [""])
        ]
    return AllowancesSeen(household=found.household_id, on=on, caps=caps)


def _cap(
    connection: Connection,
    council: Council,
    household_id: str,
    product: Product,
    cap: Allowance,
    resident_id: str,
    on: date,
    at: datetime,
) -> CapSeen:
    standing = allowances.standing(
        connection,
        council.schema,
        household_id,
        cap=allowance.cap_key(cap, product),
        product=product.id,
        maximum=cap.max,
        resident_id=resident_id or None,
        on=on,
        at=at,
    )
    return CapSeen(
        product=product.id,
        scope=cap.scope,
        window=cap.window,
        unit=cap.unit,
        resident=resident_id,
        used=standing.used,
        granted=standing.granted,
        max=standing.max,
        available=standing.available,
        releases=[
            Release(on=day, units=units)
            for day, units in standing.releases
            if day < allowance.NEVER
        ],
    )


def sessions_of(call: Call) -> SessionsSeen:
    """A page of booked sessions. Raises Wrong `invalid` for months beyond the scheme's view."""
    asked: SessionPage = call.query
    found, _ = opened(call)
    at = now_of(call.council)
    scheme = call.council.scheme_at(at)
    months = asked.months or scheme.view.default_months
    if months > scheme.view.history_months:
        most = scheme.view.history_months
        raise Wrong("invalid", f"The list goes back {most} months.", "query.invalid")
    since = start_of_day(
        add_months(local_date(at, scheme.tz), -months, scheme.calendar.missing_day), scheme.tz
    )
    with call.council.pool.connection() as connection:
        rows, total = sessions.page(
            connection,
            call.council.schema,
            found.household_id,
            since=since,
            search=asked.search,
            scheme=scheme,
            number=asked.page,
            resident_id=call.by.resident_id or None,
        )
    return SessionsSeen(
        household=found.household_id,
        page=asked.page,
        page_size=scheme.view.page_size,
        total=total,
        sessions=[_session(row, at, scheme) for row in rows],
    )


def _session(row: sessions.Session, at: datetime, scheme: Scheme) -> SessionSeen:
    return SessionSeen(
        booking=row.booking_id,
        holding=row.holding_id,
        product=row.product,
        zone=row.zone,
        mark=row.shown,
        name=row.name,
        begins_at=row.covers_from,
        until=row.covers_until,
        pence=row.pence,
        booked_at=row.booked_at,
        changeable=row.changeable(at, scheme),
    )
