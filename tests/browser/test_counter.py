"""Counter staff in a real browser: a telephone booking, an offer that is paid, two people."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import count

import pytest
from PIL import Image

from commands.apply_for_permit import ApplyForPermit
from commands.enrol_resident import EnrolResident
from commands.handling import Sender
from commands.list_property import ListProperty
from commands.pay_for_applications import PayForApplications
from commands.upload_proof import UploadProof
from ledger.events import Actor
from services.identity import sessions
from tests.browser.harness import DESKTOP, PHONE, axe, no_sideways_scrolling, shoot

COUNCILS = ("stevenage", "gravesham", "windsor-maidenhead")
BOTH = pytest.mark.parametrize(
    "browser_page",
    [(PHONE, False), (DESKTOP, True)],
    indirect=True,
    ids=["phone-without-script", "desktop"],
)
_numbers = count(1)


class Desk:
    """A browser at the counter of one council, and a household that comes to it."""

    def __init__(self, running, page, council):
        self.running, self.page, self.council = running, page, running.councils[council]
        self.root = f"{running.address}/{council}"
        self.number = next(_numbers)
        self.stream = self.council.ledger.household_id(f"desk-{self.number}")
        self.here = f"/staff/households/{self.stream}"
        self.address = f"{self.number} Station Road"
        self.mobile = f"+44770080{self.number:04d}"
        zone = self.council.editions.latest.zones[0].id
        self.did(ListProperty(property_ref=f"desk-{self.number}", zone=zone, address=self.address))
        self.resident = str(
            self.did(EnrolResident(name="Ann Smith", mobile=self.mobile))["resident"]
        )

    def did(self, command):
        return self.running.did(self.stream, command, self.council.id)

    def does(self, command):
        sender = Sender(by=Actor("resident", self.resident), key=f"desk/{next(_numbers)}")
        return self.council.handle(self.stream, command, sender).values

    def signs_in(self, own=""):
        name = self.running.account("staff", self.council.id, own_household=own)
        self.page.context.clear_cookies()
        with self.council.pool.connection() as connection:
            secret = sessions.begin_session(
                connection,
                self.council.schema,
                role="staff",
                name=name,
                at=datetime.now(UTC),
            )
        self.page.context.add_cookies(
            [{"name": self.council.id, "value": secret, "url": self.running.address}]
        )
        return name

    def open(self, path):
        self.page.goto(self.root + path)

    def press(self, name):
        self.page.get_by_role("button", name=name, exact=True).click()

    def sees(self, text):
        self.page.get_by_text(text).first.wait_for()

    def look(self, name):
        axe(self.page)
        no_sideways_scrolling(self.page)
        shoot(self.page, name)

    def today(self):
        return datetime.now(UTC).astimezone(self.council.editions.latest.tz).date()

    def bought(self, product):
        application = str(self.does(ApplyForPermit(product=product))["application"])
        document = self.council.editions.latest.proof.documents[0].type
        self.does(UploadProof(application=application, document=document, dated=self.today()))
        self.did(PayForApplications(applications=(application,), result="authorised"))


def proves(page, kind, dated):
    """As a resident, with a photo."""
    page.get_by_label(kind).check()
    for part in ("day", "month", "year"):
        page.get_by_label(part.capitalize(), exact=True).fill(str(getattr(dated, part)))
    written = BytesIO()
    Image.new("RGB", (600, 800), "white").save(written, "JPEG")
    file = {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": written.getvalue()}
    page.get_by_label("The photo or PDF").set_input_files(file)
    page.get_by_role("button", name="Send the proof").click()


def looks(desk):
    """Who looked at the proofs of this household."""
    with desk.council.pool.connection() as connection:
        return connection.execute(
            f"select l.role from {desk.council.schema}.proof_looks l"
            f" join {desk.council.schema}.proof_files f using (file_id) where household_id = %s",
            (desk.stream,),
        ).fetchall()


@BOTH
def test_a_call_becomes_a_booking_and_its_record_is_mended_by_two(running, browser_page):
    """Found by telephone number, booked on behalf, corrected with a second person (X-102)."""
    desk = Desk(running, browser_page, "stevenage")
    desk.bought("virtual-visitor-vouchers")
    assert desk.council.caught_up(20)
    first = desk.signs_in()
    desk.open("/staff/today")
    desk.look("today")
    browser_page.get_by_role("button", name="Find a household").click()
    desk.press("Find")
    desk.look("find-mistake")
    browser_page.get_by_label("What do you know?").fill("station road")
    desk.press("Find")
    desk.sees(desk.address)
    desk.look("found")
    browser_page.get_by_label("What do you know?").fill("0" + desk.mobile[3:])
    desk.press("Find")
    desk.sees("found by its telephone number")
    browser_page.get_by_role("button", name="Book a visit").click()
    browser_page.get_by_label("Registration number").fill("ab12 cde")
    browser_page.get_by_label("Now", exact=True).check()
    desk.press("Continue")
    desk.look("book-mistake")
    browser_page.get_by_label("By telephone").check()
    desk.press("Continue")
    desk.look("book-check")
    desk.press("Book this visit")
    desk.sees("The visit is booked.")
    desk.look("household")
    browser_page.get_by_role("link", name="History").click()
    desk.sees(f"{first}, by telephone, for Ann Smith")
    desk.look("history")

    desk.open(desk.here)
    browser_page.get_by_role("link", name="Correct the record").click()
    browser_page.get_by_label("Registration number it should have been").fill("AB12CDF")
    browser_page.get_by_label("We made a mistake when we entered it").check()
    browser_page.get_by_label("Say why").fill("Misheard on the telephone.")
    browser_page.get_by_label("By telephone").check()
    desk.look("correct")
    desk.press("Send to a colleague")
    desk.sees("A colleague has to confirm this.")
    desk.signs_in()
    desk.open("/staff/proposals")
    desk.look("proposals")
    browser_page.get_by_role("link", name="Correct what was recorded").first.click()
    desk.look("proposal")
    desk.press("Confirm it")
    desk.sees("It is confirmed and recorded.")
    (booking,) = desk.council.ledger.household(desk.stream).bookings.values()
    assert booking.cover.shown == "AB12CDF"

    desk.signs_in(own=str(desk.stream))
    desk.open(desk.here)
    desk.sees("You live here yourself.")
    desk.look("own-household")


@BOTH
def test_what_is_offered_is_paid_and_seen(running, browser_page):
    """Gravesham: applied for, proved, offered by staff, paid by the resident (GRV-020 to 023)."""
    page = browser_page
    desk = Desk(running, page, "gravesham")
    application = str(desk.does(ApplyForPermit(product="visitors-permit"))["application"])
    running.sign_in_resident(page, desk.stream, desk.resident, "gravesham")
    desk.open(f"/applications/{application}/proof")
    proves(page, "Bank statement", desk.today() - timedelta(days=9))
    page.wait_for_url("**/applications/*")

    assert desk.council.caught_up(20)
    desk.signs_in()
    desk.open("/staff/decisions")
    desk.sees(desk.address)
    desk.look("decisions")
    desk.open(f"{desk.here}/applications/{application}")
    desk.look("application")
    desk.press("It serves")
    desk.sees("This proof serves.")
    desk.press("Decide")
    desk.look("decide-mistake")
    page.get_by_label("Offer it").check()
    desk.press("Decide")
    desk.sees("It is offered to the resident.")
    desk.look("offered")
    (document,) = desk.council.ledger.household(desk.stream).documents
    file = page.context.request.get(
        f"{desk.root}{desk.here}/applications/{application}/proofs/{document}"
    )
    assert file.headers["content-type"] == "image/jpeg"
    assert "sandbox" in file.headers["content-security-policy"]
    assert looks(desk) == [("staff",)]

    running.sign_in_resident(page, desk.stream, desk.resident, "gravesham")
    desk.open("/basket")
    desk.press("Pay £15.00")
    page.wait_for_url("**/sandbox/payments/*")
    desk.press("Pay")
    page.wait_for_url("**/receipts/*")
    desk.signs_in()
    desk.open(desk.here)
    desk.sees("In force")
    desk.look("household-permit")
    page.get_by_role("link", name="Add a vehicle").click()
    desk.look("add-vehicle")


@BOTH
def test_paper_that_is_lost_is_void(running, browser_page):
    """A permit on paper: applied for at the counter, paid by card, lost and replaced (RBW-053)."""
    page = browser_page
    desk = Desk(running, page, "windsor-maidenhead")
    assert desk.council.caught_up(20)
    desk.signs_in()
    desk.open(f"{desk.here}/apply/visitor-permit")
    desk.look("apply")
    page.get_by_label("At the counter").check()
    desk.press("Continue")
    desk.look("apply-check")
    desk.press("Send the application")
    desk.sees("The application is sent.")
    (application,) = desk.council.ledger.household(desk.stream).applications.values()
    for each in desk.council.editions.latest.proof.documents[:2]:
        if (
            desk.council.ledger.household(desk.stream)
            .applications[application.application_id]
            .state
            == "awaiting_proof"
        ):
            desk.did(
                UploadProof(
                    application=application.application_id,
                    document=each.type,
                    dated=desk.today(),
                )
            )
    desk.open(f"{desk.here}/pay/{application.application_id}")
    page.get_by_label("Card", exact=True).check()
    page.get_by_label("Number on the receipt").fill(f"R-{desk.number}")
    page.get_by_label("At the counter").check()
    desk.look("pay")
    desk.press("It is paid")
    desk.sees("It is paid")
    desk.open(f"{desk.here}/applications/{application.application_id}")
    page.get_by_label("Approve it").check()
    desk.press("Decide")
    desk.open(desk.here)
    page.get_by_role("link", name="Lost paper").click()
    page.get_by_label("At the counter").check()
    desk.look("lost")
    desk.press("Make new paper")
    desk.sees("New paper is made:")
    page.get_by_role("link", name="Paper and numbers").click()
    desk.sees("Void")
    desk.look("paper")
    desk.open(f"{desk.here}/move-out/{desk.resident}")
    desk.look("move-out")
