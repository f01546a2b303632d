"""The disputes desk in a browser: from a mark to the PDF, by the keyboard alone, and every page."""

import json
import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path

import pytest

from commands.apply_for_permit import ApplyForPermit
from commands.book_voucher import BookVoucher
from commands.declare_outage import DeclareOutage
from commands.enrol_resident import EnrolResident
from commands.handling import Sender
from commands.list_property import ListProperty
from commands.note_notice import NoteNotice
from commands.pay_for_applications import PayForApplications
from commands.save_visitor import SaveVisitor
from commands.upload_proof import UploadProof
from ledger.events import Actor
from ledger.refusals import Refused
from tests.browser.harness import (
    BOTH_WIDTHS,
    DESKTOP,
    PHONE,
    axe,
    no_sideways_scrolling,
    shoot,
    tab_to,
)

_numbers = count(1)


class Dispute:
    """A visitor's vehicle that was booked and checked, and got a notice all the same."""

    def __init__(self, running):
        self.running, self.council = running, running.council
        self.number = next(_numbers)
        self.mark, self.pcn = f"BR{self.number:02d}WFE", f"BW{self.number:06d}"
        self.zone = self.council.editions.latest.zones[0].id
        self.live()
        self.book()
        self.at = self.check().at.replace(microsecond=0) + timedelta(seconds=1)
        self.local = self.at.astimezone(self.council.editions.latest.tz)

    def live(self):
        ref = f"disputed-{self.number}"
        self.home = self.council.ledger.household_id(ref)
        account = (f"CT-{self.number}",)
        did = self.running.did
        did(self.home, ListProperty(property_ref=ref, zone=self.zone, council_tax_accounts=account))
        email = f"disputed-{self.number}@example.org"
        enrolled = did(self.home, EnrolResident(name="A", email=email))
        self.resident = Actor("resident", str(enrolled["resident"]))

    def did(self, command):
        sender = Sender(by=self.resident, key=f"dispute/{next(_numbers)}")
        return self.council.handle(self.home, command, sender).values

    def book(self):
        application = self.did(ApplyForPermit(product="virtual-visitor-vouchers"))["application"]
        today = datetime.now(UTC).date()
        proof = UploadProof(application=application, document="utility_bill", dated=today)
        self.did(proof)
        pay = PayForApplications(applications=(application,), result="authorised", amount=1000)
        self.running.did(self.home, pay)
        self.did(SaveVisitor(vehicle=f"{self.mark[:-1]}F", name="Gran"))
        with pytest.raises(Refused):
            self.did(BookVoucher(vehicles=(self.mark,), start="2020-01-01 10:00"))
        self.did(BookVoucher(vehicles=(self.mark,)))

    def check(self):
        return self.council.check(
            typed=self.mark,
            zone=self.zone,
            at=None,
            known_at=None,
            bay="",
            officer="lee",
            device="handheld-7",
        )

    def note(self):
        """The notice, as the other system sends it."""
        command = NoteNotice(
            number=self.pcn,
            mark=self.mark,
            zone=self.zone,
            issued_at=self.at,
            contravention="12",
            officer="lee",
        )
        self.running.did(self.council.ledger.notice_id(self.pcn), command)

    def fail(self):
        """Bookings failed for a while before; the outage."""
        command = DeclareOutage(
            services=("bookings",),
            failed_from=self.at - timedelta(hours=3),
            failed_until=self.at - timedelta(hours=1),
            found_how="reported",
            reason="No bookings arrived",
        )
        return self.running.did(self.council.ledger.outages_id(), command)["outage"]


def fill_day(page, name, on):
    for part in ("day", "month", "year"):
        page.locator(f"#{name}-{part}").fill(str(getattr(on, part)))


def downloaded(page, button):
    with page.expect_download() as told:
        page.get_by_role("button", name=button).click()
    return Path(told.value.path()).read_bytes(), told.value.suggested_filename


def digest_on(page):
    return re.search(r"\b[0-9a-f]{64}\b", page.locator(".digest").inner_text())[0]


@pytest.mark.parametrize(
    "browser_page",
    [(PHONE, False), (DESKTOP, True)],
    indirect=True,
    ids=["phone-without-script", "desktop"],
)
def test_a_dispute_goes_from_a_mark_to_the_pdf(running, browser_page):
    page, case = browser_page, Dispute(running)
    case.fail()
    case.note()
    running.sign_in_staff(page, "dispute")
    running.open(page, "/disputes")
    page.get_by_role("button", name="Look into it").click()
    page.get_by_role("alert").get_by_text("Enter a registration number").wait_for()
    axe(page)
    shoot(page, "desk-mistakes")
    page.get_by_label("Registration number").fill(case.mark.lower())
    page.get_by_label("Place").select_option(case.zone)
    fill_day(page, "at", case.local)
    page.get_by_label("Time of the notice").fill(f"{case.local:%H:%M:%S}")
    page.get_by_label("Penalty charge notice number").fill(case.pcn)
    page.get_by_role("button", name="Look into it").click()

    page.get_by_role("heading", name="As known then").wait_for()
    assert page.get_by_role("heading", name="This speaks against the notice").is_visible()
    assert page.locator(".clocks__one--yes").count() == 2
    assert page.get_by_role("img", name="The day before and the day after").is_visible()
    assert case.mark not in page.url
    axe(page)
    no_sideways_scrolling(page)
    shoot(page, "answer")

    document, name = downloaded(page, "Download the pack (PDF)")
    twin, _ = downloaded(page, "Download the data (JSON)")
    assert document.startswith(b"%PDF-")
    assert name.endswith(".pdf")
    assert sha256(twin).hexdigest() == digest_on(page)
    assert json.loads(twin)["question"]["pcn"] == case.pcn


def test_the_keyboard_alone_suffices(running, browser_page):
    page, case = browser_page, Dispute(running)
    running.sign_in_staff(page, "dispute")
    running.open(page, "/disputes")

    def at(selector):
        return lambda page: page.locator(f"{selector}:focus").count() == 1

    tab_to(page, at("#mark"))
    page.keyboard.type(case.mark)
    tab_to(page, at("#zone"))
    page.keyboard.press("ArrowDown")
    for name, text in (
        ("at-day", case.local.day),
        ("at-month", case.local.month),
        ("at-year", case.local.year),
        ("at-time", f"{case.local:%H:%M:%S}"),
    ):
        tab_to(page, at(f"#{name}"))
        page.keyboard.type(str(text))
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="As known then").wait_for()
    assert page.locator(".clocks__one--yes").count() == 2
    tab_to(page, at('button[value="pdf"]'))
    with page.expect_download() as told:
        page.keyboard.press("Enter")

    assert Path(told.value.path()).read_bytes().startswith(b"%PDF-")


@BOTH_WIDTHS
def test_a_notice_and_its_case_are_kept(running, browser_page):
    """The pages of the desk by themselves are walked over in test_every_page_of_staff."""
    page, case = browser_page, Dispute(running)
    running.sign_in_staff(page, "dispute")

    def looked_at(name):
        axe(page)
        no_sideways_scrolling(page)
        shoot(page, name)

    running.open(page, "/disputes/notices/new")
    looked_at("note")
    page.get_by_label("Notice number").fill(case.pcn)
    page.get_by_label("Registration number").fill(case.mark)
    page.get_by_label("Place").select_option(case.zone)
    fill_day(page, "at", case.local)
    page.get_by_label("Time of the notice").fill(f"{case.local:%H:%M:%S}")
    page.get_by_label("Contravention code").fill("12")
    page.get_by_role("button", name="Note it").click()
    page.get_by_role("heading", name="This speaks against the notice").wait_for()
    looked_at("notice")

    page.get_by_role("link", name="Open a case").click()
    looked_at("open-case")
    page.get_by_label("Formal representations").check()
    page.get_by_label("Reference of the letter").fill("REP-1")
    fill_day(page, "received", case.local)
    page.get_by_label("It was delivered on the day below").check()
    fill_day(page, "served", case.local)
    page.get_by_role("button", name="Open the case").click()
    page.get_by_text("(55 days left)").wait_for()
    looked_at("notice-with-case")
    page.get_by_role("link", name="Decide").click()
    looked_at("decide")
    page.get_by_role("button", name="Decide").click()
    page.get_by_role("alert").get_by_text("Choose accept or reject").wait_for()
    page.get_by_label("Reject it").check()
    page.get_by_label("The reason").fill("No permit was shown")
    page.get_by_role("button", name="Decide").click()
    page.get_by_text("(27 days left)").wait_for()
    page.get_by_role("link", name="Record an appeal").click()
    looked_at("appeal")
