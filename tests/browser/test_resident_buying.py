"""From a stranger to a paid permit, in a browser: four councils, four ways to get there."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import count

import pytest
from PIL import Image

from commands.decide_application import DecideApplication
from commands.enrol_resident import EnrolResident
from commands.list_property import ListProperty
from tests.browser.harness import (
    DESKTOP,
    PHONE,
    axe,
    no_sideways_scrolling,
    shoot,
    tab_to,
)

COUNCILS = ("stevenage", "gravesham", "hampshire", "norwich-2015")
BOTH = pytest.mark.parametrize(
    "browser_page",
    [(PHONE, False), (DESKTOP, True)],
    indirect=True,
    ids=["phone-without-script", "desktop"],
)
_numbers = count(1)
TODAY = datetime.now(UTC).date()


class Walk:
    """One browser at one council; `at` looks at where it is now."""

    def __init__(self, running, page, council):
        self.running, self.page, self.council = running, page, council
        self.root = f"{running.address}/{council}"
        n = next(_numbers)
        # Their own: what is covered for another household is covered.
        self.first, self.second = f"GA{n:02d}RST", f"KE{n:02d}XYZ"
        self.property_ref, self.account = f"1000{n:04d}", f"CT-{n}"
        self.email = f"resident-{n}@example.org"
        asked = running.councils[council]
        self.stream = asked.ledger.household_id(self.property_ref)
        self.did(
            ListProperty(
                property_ref=self.property_ref,
                zone=asked.editions.latest.zones[0].id,
                council_tax_accounts=(self.account,),
                address=f"{n} High Street",
            )
        )

    def did(self, command):
        return self.running.did(self.stream, command, self.council)

    def household(self):
        return self.running.councils[self.council].ledger.household(self.stream)

    def enrol(self):
        """A resident whom the council knows, signed in without the form."""
        enrolled = self.did(EnrolResident(name="Ada Byron", email=self.email))
        self.running.sign_in_resident(
            self.page, self.stream, str(enrolled["resident"]), self.council
        )

    def open(self, path):
        self.page.goto(self.root + path)

    def press(self, name):
        self.page.get_by_role("button", name=name, exact=True).click()

    def look(self, name):
        axe(self.page)
        no_sideways_scrolling(self.page)
        shoot(self.page, f"{self.council}-{name}")

    def sees(self, text):
        assert text in self.page.inner_text("main"), self.page.inner_text("main")

    def register(self, **fields):
        """By the form; its mistakes are looked at where it is the short one."""
        self.open("/register")
        self.look("register")
        if not fields:
            self.running.councils[self.council].caught_up(20)
            self.page.get_by_role("link", name="Find it by your address").click()
            self.page.get_by_label("Number and street").fill("High Street")
            self.press("Find it")
            self.look("register-address")
            self.open("/register")
            self.press("Register")
            self.look("register-mistakes")
        labels = {"Property reference number": self.property_ref, **fields}
        for label, text in {
            **labels,
            "Your name": "Ada Byron",
            "Email address": self.email,
        }.items():
            self.page.get_by_label(label).fill(text)
        self.press("Register")
        self.page.wait_for_url("**/sign-in/pin")
        if not fields:
            self.look("pin")
        sent = [each for each in self.running.outbox.messages() if each.to == self.email]
        self.page.get_by_label("PIN", exact=True).fill(sent[-1].body[:6])
        self.press("Sign in")
        self.page.get_by_role("button", name="Sign out").wait_for()

    def book(self, mark, *, ahead):
        """For a day so many days ahead; what is near a mark of before is not asked about."""
        self.open("/book")
        self.page.get_by_label("Registration number", exact=True).fill(mark)
        self.page.get_by_label("Later", exact=True).check()
        on = TODAY + timedelta(days=ahead)
        for part in ("Day", "Month", "Year"):
            self.page.get_by_label(part, exact=True).fill(str(getattr(on, part.lower())))
        self.press("Continue")
        self.press("Book")
        self.page.get_by_text(f"Booked: {mark}").wait_for()

    def covered(self, mark):
        """What an officer is told of a mark at this moment."""
        asked = self.running.councils[self.council]
        shown = asked.check(
            typed=mark,
            zone=asked.editions.latest.zones[0].id,
            at=None,
            known_at=None,
            bay="",
            officer="lee",
            device="h-7",
        )
        return shown.covered

    def prove(self, kind, dated=None):
        self.page.get_by_label(kind).check()
        if dated:
            self.page.get_by_label("Day", exact=True).fill(str(dated.day))
            self.page.get_by_label("Month", exact=True).fill(str(dated.month))
            self.page.get_by_label("Year", exact=True).fill(str(dated.year))
        written = BytesIO()
        Image.new("RGB", (600, 800), "white").save(written, "JPEG")
        file = {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": written.getvalue()}
        self.page.get_by_label("The photo or PDF").set_input_files(file)
        self.press("Send the proof")

    def pay(self, button, name="receipt"):
        self.press(button)
        self.page.wait_for_url("**/sandbox/payments/*")
        if name == "receipt-of-two":
            self.look("sandbox-payment")
        self.press("Pay")
        self.page.wait_for_url("**/receipts/*")
        self.look(name)


@BOTH
def test_a_stranger_gets_vouchers_by_applying_proving_and_paying(running, browser_page):
    """STV-039: register, sign in, apply, prove, pay; a payment declined and left on the way.

    Then a visit is booked, given to another vehicle, and cancelled: the voucher comes back.
    """
    walk = Walk(running, browser_page, "stevenage")
    walk.open("")
    walk.look("start")
    walk.open("/sign-in")
    walk.look("sign-in")
    walk.register()
    walk.look("start-of-a-resident")

    walk.open("/products")
    walk.look("products")
    browser_page.get_by_role("link", name="Virtual Visitor Vouchers", exact=True).click()
    walk.look("product")
    walk.press("Apply for Virtual Visitor Vouchers")
    walk.look("apply")
    walk.press("Continue")
    walk.look("check")
    walk.press("Send application")
    walk.look("check-mistakes")
    browser_page.get_by_label("I understand that").check()
    walk.press("Send application")
    browser_page.wait_for_url("**/proof")
    walk.look("proof")
    walk.press("Send the proof")
    walk.look("proof-mistakes")
    walk.prove("Full UK driving licence")
    browser_page.wait_for_url("**/basket")
    walk.look("basket")
    for button, said in (("Have it declined", "declined"), ("Go back without paying", "not pay")):
        walk.press("Pay £10.00")
        walk.press(button)
        browser_page.wait_for_url("**/basket")
        walk.sees(said)
    walk.look("basket-declined")
    walk.pay("Pay £10.00")

    walk.sees("You paid £10.00")
    browser_page.reload()
    browser_page.go_back()
    household = walk.household()
    assert len(household.holdings) == 1
    walk.open("/applications")
    walk.look("applications")
    browser_page.get_by_role("link", name="Virtual Visitor Vouchers").click()
    walk.look("application")
    walk.sees("Issued")

    walk.book("AB12CDE", ahead=3)
    walk.sees("Not covered")
    browser_page.get_by_role("button", name="Change the vehicle").click()
    browser_page.get_by_label("Registration number").fill("FG34 HJK")
    browser_page.get_by_role("main").get_by_role("button").first.click()
    browser_page.get_by_role("heading", name="Visit of FG34HJK").wait_for()
    browser_page.get_by_role("button", name="Cancel the visit").click()
    walk.press("Cancel the visit")
    walk.sees("20 vouchers left")


@BOTH
def test_a_permit_is_offered_before_it_is_paid_and_a_second_is_refused(running, browser_page):
    """GRV-020 to 023; X-032: one in force at a time. One tap switches its vehicle, for officers
    at once (GRV-006, GRV-009).
    """
    walk = Walk(running, browser_page, "gravesham")
    walk.enrol()
    walk.open("/apply/visitors-permit")
    walk.look("apply")
    browser_page.get_by_label("Registration number of vehicle 1").fill(walk.first.lower())
    walk.press("Save for later")
    browser_page.wait_for_url("**/applications")
    walk.look("saved")
    browser_page.get_by_role("link", name="PPA Visitors Permit").click()
    walk.press("Continue")
    walk.look("check")
    walk.press("Send application")
    browser_page.wait_for_url("**/proof")
    walk.look("proof")
    walk.prove("Bank statement", TODAY - timedelta(days=9))
    browser_page.wait_for_url("**/applications/*")
    walk.look("with-the-council")
    walk.sees("in 2 working days")

    (application,) = walk.household().applications
    walk.did(DecideApplication(application=application, outcome="offer"))
    browser_page.reload()
    walk.look("offered")
    browser_page.get_by_role("button", name="Pay £15.00").click()
    walk.pay("Pay £15.00")

    walk.open("/products")
    walk.look("products-full")
    walk.sees("No more for now")
    walk.open("/apply/visitors-permit")
    walk.press("Continue")
    walk.look("refused")
    walk.sees("One is in force already")

    walk.open("/vehicles")
    browser_page.get_by_label("Add a vehicle").fill(walk.second.lower())
    walk.press("Add")
    browser_page.get_by_text(walk.second).first.wait_for()
    assert (walk.covered(walk.first), walk.covered(walk.second)) == (True, False)
    walk.open("")
    browser_page.get_by_role("button", name=walk.second).click()
    browser_page.get_by_text(f"{walk.second} is the active vehicle now").wait_for()
    assert (walk.covered(walk.first), walk.covered(walk.second)) == (False, True)


@BOTH
def test_whoever_is_registered_buys_at_once(running, browser_page):
    """HAN-001, HAN-009, HAN-014: register once, then buy, and activate one ten days ahead."""
    walk = Walk(running, browser_page, "hampshire")
    walk.register(**{"Council Tax account number": walk.account})
    walk.open("/apply/visitor-permits")
    walk.look("apply")
    browser_page.get_by_label("How many sets of 10").fill("2")
    walk.press("Continue")
    walk.look("check")
    walk.press("Send application")
    browser_page.wait_for_url("**/basket")
    walk.pay("Pay £24.00")

    walk.open("/products")
    walk.look("products")
    walk.sees("Your household has bought 20 of 50 permits. 30 left.")
    walk.book("AB12CDE", ahead=10)
    (booking,) = walk.household().bookings.values()
    assert booking.cover.covers_from.date() - TODAY >= timedelta(days=9)


@BOTH
def test_after_sixty_cards_the_day_of_the_next_is_told(running, browser_page):
    """NOR-088, NOR-095: sixty in any twelve months; X-034."""
    walk = Walk(running, browser_page, "norwich-2015")
    walk.enrol()
    walk.open("/products")
    walk.look("products")
    walk.open("/apply/day-scratchcard")
    walk.look("apply")
    browser_page.get_by_label("60 scratchcards").check()
    walk.press("Continue")
    walk.look("check")
    walk.press("Send application")
    browser_page.wait_for_url("**/proof")
    walk.prove("Household bill", TODAY - timedelta(days=9))
    browser_page.wait_for_url("**/basket")
    walk.open("/apply/short-stay")
    walk.look("apply-short-stay")
    browser_page.get_by_label("For how many months?").select_option("12")
    walk.press("Continue")
    walk.press("Send application")
    browser_page.wait_for_url("**/proof")
    browser_page.get_by_label("Household bill").check()
    walk.prove("Household bill", TODAY - timedelta(days=9))
    browser_page.wait_for_url("**/basket")
    walk.look("basket-of-two")
    walk.pay("Go to payment", "receipt-of-two")
    walk.sees("You paid £79.00")

    walk.open("/products/day-scratchcard")
    walk.look("full")
    year_later = datetime.now(UTC).replace(year=datetime.now(UTC).year + 1)
    walk.sees(f"60 more can be bought from {year_later.day} {year_later:%B %Y}.")
    walk.open("/products/why-not")
    walk.look("why-not")


def test_signing_in_and_applying_need_the_keyboard_alone(running, browser_page):
    """WCAG 2.2, 2.1.1; and a receipt that is printed is black on white, without buttons."""
    page = browser_page
    walk = Walk(running, page, "hampshire")
    walk.did(EnrolResident(name="Ada Byron", email=walk.email))
    walk.open("/sign-in?to=/apply/visitor-permits")
    tab_to(page, lambda page: page.locator("#address:focus").count() == 1)
    page.keyboard.type(walk.email)
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-in/pin**")
    sent = [each for each in running.outbox.messages() if each.to == walk.email]
    tab_to(page, lambda page: page.locator("#pin:focus").count() == 1)
    page.keyboard.type(sent[-1].body[:6])
    page.keyboard.press("Enter")
    page.wait_for_url("**/apply/visitor-permits")
    tab_to(page, lambda page: page.locator("#packs:focus").count() == 1)
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    page.wait_for_url("**/check")
    for button, there in (("Send application", "**/basket"), ("Pay £12.00", "**/sandbox/**")):
        tab_to(page, lambda page, name=button: page.locator(":focus").inner_text() == name)
        page.keyboard.press("Enter")
        page.wait_for_url(there)
    tab_to(page, lambda page: page.locator(":focus").inner_text() == "Pay")
    page.keyboard.press("Enter")
    page.wait_for_url("**/receipts/*")

    page.emulate_media(media="print")
    shoot(page, "receipt-printed")
    assert not page.get_by_role("button").first.is_visible()
    assert not page.get_by_role("navigation").first.is_visible()
