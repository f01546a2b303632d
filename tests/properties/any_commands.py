"""Commands for random lives under any scheme: with what the household has, and what it has not.

Each maker takes the life and its chance. Most ask well, so that lives get somewhere; some ask for
what no scheme has, no calendar knows or nobody owns.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from random import Random

from commands.add_vehicle import AddVehicle
from commands.amend_booking import AmendBooking
from commands.apply_for_permit import ApplyForPermit
from commands.base import Command
from commands.begin_stay import BeginStay
from commands.book_voucher import BookVoucher
from commands.cancel_application import CancelApplication
from commands.cancel_booking import CancelBooking
from commands.change_email import ChangeEmail
from commands.change_visitor import ChangeVisitor
from commands.check_occupancy import CheckOccupancy
from commands.correct_cover import CorrectCover
from commands.decide_application import DecideApplication
from commands.end_stay import EndStay
from commands.enrol_resident import EnrolResident
from commands.forget_visitor import ForgetVisitor
from commands.grant_allowance import GrantAllowance
from commands.lapse import Lapse
from commands.link_mobile import LinkMobile
from commands.list_property import ListProperty
from commands.move_out import MoveOut
from commands.observe_permit import ObservePermit
from commands.override_eligibility import OverrideEligibility
from commands.pay_for_applications import PayForApplications
from commands.receive_text import ReceiveText
from commands.record_vehicle_facts import RecordVehicleFacts
from commands.refund_holding import RefundHolding
from commands.register_resident import RegisterResident
from commands.remove_vehicle import RemoveVehicle
from commands.replace_permit import ReplacePermit
from commands.reuse_proof import ReuseProof
from commands.save_visitor import SaveVisitor
from commands.send_pin import SendPin
from commands.surrender_holding import SurrenderHolding
from commands.switch_vehicle import SwitchVehicle
from commands.take_misuse_step import TakeMisuseStep
from commands.upload_proof import UploadProof
from commands.use_card import UseCard
from ledger.rules import tariff
from ledger.rules.ordering import Wanted
from ledger.scheme.products import Product
from tests.properties.lives import MARKS, Life

FAR = (date(1, 1, 1), date(1900, 2, 28), date(2125, 12, 31), date(9999, 12, 31))


def _when(life: Life, chance: Random) -> str:
    """Now, a local time around it, one that may not exist, or no time at all."""
    if chance.random() < 0.3:
        return "now"
    if chance.random() < 0.1:
        return chance.choice(("2026-03-29 01:30", "2026-10-25 01:30", "soon", "9999-12-31 23:59"))
    start = life.at + timedelta(hours=chance.randrange(-10, 200))
    return start.astimezone(life.scheme.tz).strftime("%Y-%m-%d %H:%M")


def _day(life: Life, chance: Random) -> date:
    if chance.random() < 0.05:
        return chance.choice(FAR)
    return life.at.date() + timedelta(days=chance.randrange(-3, 12))


def _of(choices: Iterable[str], chance: Random) -> str:
    """The last of these most times, or any, or something that is none of them."""
    known = list(choices)
    if not known or chance.random() < 0.05:
        return "nothing"
    return known[-1] if chance.random() < 0.6 else chance.choice(known)


def or_none(choices: Iterable[str], chance: Random) -> str:
    return "" if chance.random() < 0.5 else _of(choices, chance)


def _mark(chance: Random) -> str:
    return chance.choice(MARKS)


def _product(life: Life, chance: Random) -> Product | None:
    return chance.choice(life.scheme.products) if life.scheme.products else None


def _zone(life: Life, chance: Random) -> str:
    return or_none([zone.id for zone in life.scheme.zones], chance)


def apply(life: Life, chance: Random) -> Command:
    """For one product or several, sometimes as the scheme asks and sometimes not."""
    product = _product(life, chance)
    if product is None:
        return ApplyForPermit(product="none")
    well = chance.random() < 0.8
    # Another day is refused where the start follows from the purchase.
    chosen = product.holding.starts == "chosen" and product.holding.postpone
    vehicles = product.vehicles
    named = 0 if vehicles.binding == "at_use" else chance.randrange((vehicles.listed_max or 2) + 1)
    concessions = [each.id for each in life.scheme.concessions]
    one = _wanted(life, product, chance, well)
    lines: tuple[Wanted, ...] = ()
    if chance.random() < 0.15:
        others = [_wanted(life, each, chance, well) for each in life.scheme.products]
        lines = (one, *others)
    return ApplyForPermit(
        product=one.product,
        quantity=one.quantity,
        months=one.months,
        slot=one.slot,
        lines=lines,
        start=_day(life, chance) if chance.random() < (0.3 if chosen else 0.05) else None,
        vehicles=tuple(chance.sample(MARKS, min(named, 3))),
        concession=_of(concessions, chance) if chance.random() < 0.2 else "",
        evidence=well,
        support=(product.requires_support or "") if well else "care_worker",
        confirm=life.scheme.flow.confirmations if well else None,
        zone=_zone(life, chance) if chance.random() < 0.1 else "",
    )


def _wanted(life: Life, product: Product, chance: Random, well: bool) -> Wanted:
    pack = product.pack
    step = pack.size * pack.multiple
    least = -(-pack.min // pack.multiple)
    slot = tariff.lowest_free_slot(product, life.household, life.at.date())
    return Wanted(
        product=product.id,
        quantity=step * chance.choice((least, least, least + 1))
        if well
        else chance.choice((None, 0, -5, 7, 10**9)),
        months=None if well else chance.choice((0, 1, 12, 240, 10**6)),
        slot=slot if well and slot and slot <= len(product.price.tiers) else None,
    )


def _pay(life: Life, chance: Random) -> Command:
    """For one or several applications, at times with another amount than is due."""
    applications = life.household.applications
    return PayForApplications(
        applications=tuple(_of(applications, chance) for _ in range(chance.randrange(4))),
        result=chance.choice(("authorised", "authorised", "declined", "cancelled")),
        amount=chance.choice((None, None, None, 100)),
    )


def _book(life: Life, chance: Random) -> Command:
    return BookVoucher(
        vehicles=tuple(_mark(chance) for _ in range(chance.choice((1, 1, 1, 2, 0)))),
        product=or_none([each.id for each in life.scheme.products], chance),
        holding=or_none(life.household.holdings, chance) if chance.random() < 0.3 else "",
        start=_when(life, chance),
        zone=_zone(life, chance) if chance.random() < 0.2 else "",
        name="a friend" if chance.random() < 0.2 else "",
    )


def _cancel(life: Life, chance: Random) -> Command:
    return CancelBooking(booking=_of(life.household.bookings, chance))


def _amend(life: Life, chance: Random) -> Command:
    return AmendBooking(
        booking=_of(life.household.bookings, chance),
        vehicle=_mark(chance),
        start=chance.choice(("", "", "now")),
    )


def _use_card(life: Life, chance: Random) -> Command:
    when = _when(life, chance) if chance.random() < 0.4 else ""
    return UseCard(
        vehicle=_mark(chance),
        product=or_none([each.id for each in life.scheme.products], chance),
        holding=or_none(life.household.holdings, chance) if chance.random() < 0.3 else "",
        on=_day(life, chance) if chance.random() < 0.5 else None,
        time="" if when == "now" else when,
    )


def _observe(life: Life, chance: Random) -> Command:
    return ObservePermit(
        vehicle=_mark(chance),
        holding=or_none(life.household.holdings, chance),
        product=or_none([each.id for each in life.scheme.products], chance),
        zone=_zone(life, chance),
        dates=tuple(_day(life, chance) for _ in range(chance.randrange(3))),
        clock=chance.choice(("", "10:15", "23:45", "00:00", "late")),
        altered=chance.random() < 0.1,
        note_only=chance.random() < 0.3,
        serial=chance.choice(("", "nothing")),
    )


def _correct(life: Life, chance: Random) -> Command:
    household = life.household
    acts = (*household.bookings, *household.cards, *household.stays)
    begins = life.at + timedelta(hours=chance.randrange(-100, 100))
    far = datetime.combine(chance.choice(FAR), datetime.min.time(), UTC)
    return CorrectCover(
        act=_of(acts, chance),
        covers_from=chance.choice((None, begins, begins, begins, far)),
        vehicle=_mark(chance) if chance.random() < 0.4 else "",
        reason=chance.choice(("the clock was wrong", "")),
        approver=chance.choice(("someone else", "ann", "")),
    )


def _grant(life: Life, chance: Random) -> Command:
    bound = chance.random() < 0.4
    return GrantAllowance(
        product=_of([each.product for each in life.scheme.grants], chance),
        units=chance.choice((0, 1, 10, 10**6)),
        vehicle=_mark(chance) if bound else "",
        reason=chance.choice(("a carer", "")),
    )


def _override(life: Life, chance: Random) -> Command:
    overrides = [rule.override for rule in life.scheme.eligibility if rule.override]
    return OverrideEligibility(override=_of(overrides, chance), reason=chance.choice(("new", "")))


def _list_again(life: Life, chance: Random) -> Command:
    """The property's facts become known otherwise; its zone stays."""
    return ListProperty(
        property_ref="home",
        zone=life.scheme.zones[0].id,
        areas=tuple(chance.sample(("castle", "quay"), chance.randrange(2))),
        built_on=chance.choice((None, date(1930, 1, 1), date(2001, 1, 1))),
        council_tax_from=chance.choice((None, date(1990, 1, 1))),
        converted=chance.random() < 0.1,
        council_tax_accounts=("CT-1",),
    )


def _enrol(life: Life, chance: Random) -> Command:
    return EnrolResident(
        name="another",
        mobile=chance.choice(("", "07700 900001")),
        born_on=chance.choice((None, date(1940, 1, 1), date(2004, 2, 29))),
        receives=("council_tax_support", "universal_credit"),
        council_tax_account="CT-1",
        verified=chance.random() < 0.9,
    )


def _move_out(life: Life, chance: Random) -> Command:
    if chance.random() < 0.8:
        return apply(life, chance)
    on = life.at + timedelta(hours=chance.randrange(-50, 5))
    return MoveOut(
        resident=_of(life.household.residents, chance), on=chance.choice((None, None, on))
    )


def _refund(life: Life, chance: Random) -> Command:
    replace = chance.random() < 0.5
    if chance.random() < 0.3:
        name = _of(life.household.applications, chance)
        return RefundHolding(application=name, replace=replace)
    return RefundHolding(holding=_of(life.household.holdings, chance), replace=replace)


def _replace(life: Life, chance: Random) -> Command:
    name = _of(life.household.holdings, chance)
    known = life.household.holdings.get(name)
    serials = known.serials if known is not None else ()
    return ReplacePermit(holding=name, serial=or_none(serials, chance))


def _misuse(life: Life, chance: Random) -> Command:
    return TakeMisuseStep(
        holding=_of(life.household.holdings, chance),
        step=chance.choice(("letter", "reply", "decide")),
        text=chance.choice(("seen too often", "")),
        rescind=chance.random() < 0.2,
    )


def _text(life: Life, chance: Random) -> Command:
    word = chance.choice((life.scheme.texting.keyword, "HELLO"))
    confirmed = life.at + timedelta(minutes=chance.randrange(-5, 5))
    return ReceiveText(
        body=f"{word} {_mark(chance)}", confirmed_at=chance.choice((None, confirmed))
    )


def _reverse(life: Life, chance: Random) -> Command:
    """What ends things, seldom, so that something lasts."""
    makers = (_move_out, _refund, _surrender, _cancel_application)
    return chance.choice(makers)(life, chance) if chance.random() < 0.4 else _book(life, chance)


def _surrender(life: Life, chance: Random) -> Command:
    return SurrenderHolding(holding=_of(life.household.holdings, chance))


def _cancel_application(life: Life, chance: Random) -> Command:
    return CancelApplication(application=_of(life.household.applications, chance))


def _lapse(life: Life, chance: Random) -> Command:
    if chance.random() < 0.5:
        return Lapse(kind="offer", subject=_of(life.household.applications, chance))
    return Lapse(kind="holding", subject=_of(life.household.holdings, chance))


Maker = Callable[[Life, Random], Command]

USES: tuple[Maker, ...] = (_book, _book, _amend, _cancel)
MAKERS: tuple[Maker, ...] = (
    apply,
    apply,
    _pay,
    _book,
    _book,
    _book,
    _use_card,
    _use_card,
    _use_card,
    _observe,
    _correct,
    _grant,
    _override,
    _list_again,
    _enrol,
    _replace,
    _text,
    _reverse,
    _misuse,
    _lapse,
    lambda life, chance: UploadProof(
        application=_of(life.household.applications, chance),
        document=_of([each.type for each in life.scheme.proof.documents], chance),
        dated=chance.choice((None, _day(life, chance))),
    ),
    lambda life, chance: ReuseProof(
        application=_of(life.household.applications, chance),
        document=_of(life.household.documents, chance),
    ),
    lambda life, chance: CheckOccupancy(
        application=_of(life.household.applications, chance), found=chance.random() < 0.5
    ),
    lambda life, chance: DecideApplication(
        application=_of(life.household.applications, chance),
        outcome=chance.choice(("offer", "approve", "refuse")),
    ),
    _cancel,
    _amend,
    lambda life, chance: AddVehicle(vehicle=_mark(chance)),
    lambda life, chance: AddVehicle(
        vehicle=_mark(chance), holding=_of(life.household.holdings, chance)
    ),
    lambda life, chance: SwitchVehicle(
        vehicle=_mark(chance), holding=or_none(life.household.holdings, chance)
    ),
    lambda life, chance: RemoveVehicle(
        vehicle=_mark(chance), holding=or_none(life.household.holdings, chance)
    ),
    lambda life, chance: BeginStay(
        vehicle=_mark(chance),
        holding=or_none(life.household.holdings, chance),
        zone=_zone(life, chance) if chance.random() < 0.2 else "",
    ),
    lambda life, chance: BeginStay(vehicle=_mark(chance)),
    lambda life, chance: EndStay(vehicle=_mark(chance), zone=_zone(life, chance)),
    lambda life, chance: SaveVisitor(
        vehicle=_mark(chance), name=chance.choice(("a friend", "")), preferred=chance.random() < 0.5
    ),
    lambda life, chance: ChangeVisitor(vehicle=_mark(chance), to=_mark(chance)),
    lambda life, chance: ChangeVisitor(vehicle=_mark(chance), preferred=True),
    lambda life, chance: ForgetVisitor(vehicle=_mark(chance)),
    lambda life, chance: ChangeEmail(email=chance.choice(("a@example.org", "nothing"))),
    lambda life, chance: RegisterResident(council_tax_account=chance.choice(("CT-1", "ct 2"))),
    lambda life, chance: LinkMobile(mobile=chance.choice(("07700 900001", "nothing"))),
    lambda life, chance: SendPin(by_way_of=chance.choice(("email", "text"))),
    lambda life, chance: RecordVehicleFacts(vehicle=_mark(chance), length_mm=6001),
)
