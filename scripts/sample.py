"""A council to try: one household whose visitor is covered now, marks to type, and sign-ins.

Which product covers a visitor is found by trying the scheme's products in their order, through the
same commands as anybody's: apply, prove, pay, book.
"""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from msgspec import Struct

from commands.apply_for_permit import ApplyForPermit
from commands.base import Command, Values
from commands.begin_stay import BeginStay
from commands.book_voucher import BookVoucher
from commands.decide_application import DecideApplication
from commands.enrol_resident import EnrolResident
from commands.handling import Sender
from commands.list_property import ListProperty
from commands.pay_for_applications import PayForApplications
from commands.upload_proof import UploadProof
from commands.use_card import UseCard
from ledger.calendar import local_date
from ledger.events import Actor
from ledger.refusals import NotFound, Refused
from ledger.scheme.products import Product
from ledger.scheme.schema import Scheme
from projections.enforcement import CheckAnswer
from services.council import Council
from services.identity import staff
from services.identity.staff import StaffRole
from services.identity.tokens import TokenRole, make_token

PROPERTY = "sample-1"
_ACCOUNT = "SAMPLE-1"
EMAIL = "resident@example.org"
_MARK, _ONE_OFF, _OTHER = "AB12CDE", "AB12CDF", "ZZ99ZZZ"
_STAFF = Actor("staff", "sample")
_GOOD_FOR = timedelta(hours=12)


class Sample(Struct, frozen=True, kw_only=True):
    """What to try. `covered` is empty where nothing in the scheme covers a visitor at this hour."""

    council: str
    zone: str
    household: str
    covered: str
    near: str
    uncovered: str
    tokens: dict[str, str]
    staff: dict[str, str]


def sample_of(council: Council) -> Sample:
    """The council's sample, made or brought to today. Tokens are new, and good for half a day."""
    with council.pool.connection() as connection:
        now = council.now(connection)
    scheme = council.scheme_at(now)
    household = council.ledger.household_id(PROPERTY)
    resident = _resident(council, scheme, household)
    covered = _cover(council, scheme, household, resident, now)
    zone = scheme.zones[0].id
    with council.pool.connection() as connection:
        tokens = {
            str(role): make_token(
                connection,
                council.schema,
                role,
                f"sample {role}",
                household_id=str(household) if role == "resident" else None,
                resident_id=resident if role == "resident" else "",
                expires_at=datetime.now(UTC) + _GOOD_FOR,
            )
            for role in _ROLES
        }
    return Sample(
        council=council.id,
        zone=zone,
        household=str(household),
        covered=_MARK if covered else "",
        near=_ONE_OFF,
        uncovered=_OTHER,
        tokens=tokens,
        staff=_accounts(council),
    )


_ROLES: tuple[TokenRole, ...] = ("officer", "staff", "auditor", "resident")


def _accounts(council: Council) -> dict[str, str]:
    """The password of each invented member of staff, by name: new ones each time."""
    passwords: dict[str, str] = {}
    with council.pool.connection() as connection:
        now = council.now(connection)
        known = {each.name for each in staff.listed(connection, council.schema)}
        for role in _STAFF_ROLES:
            name, password = f"sample-{role}", secrets.token_hex(8)
            if name in known:
                given = staff.reset(connection, council.schema, name, now)
            else:
                given = staff.add(
                    connection, council.schema, name=name, role=role, at=now, sandbox=True
                )
            before = now - timedelta(seconds=30)
            staff.enrol(
                connection,
                council.schema,
                name=name,
                secret=given.secret,
                password=password,
                # The code before this one: that of now is left for signing in.
                code=staff.sandbox_code(connection, council.schema, name, before),
                at=now,
            )
            passwords[name] = password
    return passwords


_STAFF_ROLES: tuple[StaffRole, ...] = ("staff", "officer", "dispute", "auditor", "editor")


def _resident(council: Council, scheme: Scheme, household: UUID) -> str:
    """The resident of the sample household, enrolled when first asked for."""
    known = council.ledger.household(household)
    if known.version == 0:
        listed = ListProperty(
            property_ref=PROPERTY, zone=scheme.zones[0].id, council_tax_accounts=(_ACCOUNT,)
        )
        _send(council, household, listed, _STAFF, "listed")
    for resident in known.residents.values():
        if resident.moved_out_at is None:
            return resident.resident_id
    enrolled = EnrolResident(name="Sample resident", council_tax_account=_ACCOUNT, email=EMAIL)
    return str(_send(council, household, enrolled, _STAFF, "enrolled")["resident"])


def _cover(council: Council, scheme: Scheme, household: UUID, resident: str, now: datetime) -> bool:
    """Whether the sample mark is covered, after trying what is in hand, and then buying."""
    # A key of this day and hour: started again soon, the program buys nothing twice.
    hour = f"{local_date(now, scheme.tz)}/{now:%H}"
    me = Actor("resident", resident)
    tries = ((buys, product) for buys in (False, True) for product in scheme.products)
    while not _check(council, scheme).covered:
        buys, product = next(tries, (False, None))
        if product is None:
            return False
        use = _use(product)
        key = f"{hour}/{product.id}/{buys}"
        try:
            if buys:
                vehicles = () if use else (_MARK,)
                bought = ApplyForPermit(product=product.id, vehicles=vehicles)
                _buy(council, household, me, bought, key)
            if use is not None:
                _send(council, household, use, me, f"{key}/used")
        except (Refused, NotFound):
            # Not this product, or not now: the scheme's own rules say which it is.
            continue
    return True


def _use(product: Product) -> Command | None:
    """How a product in hand covers a vehicle; None where it is bought for one."""
    if product.vehicles.binding != "at_use":
        return None
    match product.use.start:
        case "start_of_day" | "scratched_time":
            return UseCard(vehicle=_MARK, product=product.id)
        case "clock":
            return BeginStay(vehicle=_MARK)
        case _:
            return BookVoucher(vehicles=(_MARK,), product=product.id)


def _buy(council: Council, household: UUID, me: Actor, command: ApplyForPermit, name: str) -> None:
    """Apply, and then whatever the scheme asks for, until it is issued. Raises Refused."""
    first = _send(council, household, command, me, f"{name}/applied")
    application = str(first["application"])
    for step in range(10):
        current = council.ledger.household(household).applications[application]
        scheme = council.editions.edition(current.edition)
        today = local_date(datetime.now(UTC), scheme.tz)
        following: Command
        who = me
        match current.state:
            case "awaiting_proof":
                document = scheme.proof.documents[0].type
                following = UploadProof(application=application, document=document, dated=today)
            case "awaiting_decision":
                offers = scheme.flow.kind == "offer_pay_issue"
                outcome: Literal["offer", "approve"] = "offer" if offers else "approve"
                following = DecideApplication(application=application, outcome=outcome)
                who = _STAFF
            case "awaiting_payment" | "offered":
                following = PayForApplications(applications=(application,), result="authorised")
            case _:
                return
        _send(council, household, following, who, f"{name}/{step}")


def _check(council: Council, scheme: Scheme) -> CheckAnswer:
    return council.check(
        typed=_MARK,
        zone=scheme.zones[0].id,
        at=None,
        known_at=None,
        bay="",
        officer="sample",
        device="sample",
    )


def _send(council: Council, household: UUID, command: Command, by: Actor, key: str) -> Values:
    return council.handle(household, command, Sender(by=by, key=f"sample/{key}")).values
