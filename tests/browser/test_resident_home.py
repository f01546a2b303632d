"""A resident lives with a permit, in a real browser: books, changes, cancels, switches, plans."""

from datetime import UTC, date, datetime, timedelta
from itertools import count

import httpx
import pytest

from commands.add_vehicle import AddVehicle
from commands.apply_for_permit import ApplyForPermit
from commands.decide_application import DecideApplication
from commands.enrol_resident import EnrolResident
from commands.handling import Sender
from commands.list_property import ListProperty
from commands.pay_for_applications import PayForApplications
from commands.save_visitor import SaveVisitor
from commands.upload_proof import UploadProof
from ledger.events import Actor
from services.identity.tokens import make_token
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


class Home:
    """A household of a council with one resident, made by commands."""

    def __init__(self, running, council):
        self.running, self.council = running, running.councils[council]
        self.number = next(_numbers)
        self.stream = self.council.ledger.household_id(f"home-{self.number}")
        since = date(1990, 1, 1)
        self.staff(
            ListProperty(
                property_ref=f"home-{self.number}",
                zone=self.council.editions.latest.zones[0].id,
                address=f"{self.number} High Street",
                built_on=since,
                council_tax_from=since,
            )
        )
        enrolled = self.staff(
            EnrolResident(
                name="Ann",
                mobile=f"+44770090{self.number:04d}",
                born_on=date(1980, 1, 1),
                lives_from=since,
            )
        )
        self.resident = str(enrolled["resident"])

    def staff(self, command):
        return self.running.did(self.stream, command, self.council.id)

    def does(self, command):
        sender = Sender(by=Actor("resident", self.resident), key=f"home/{next(_numbers)}")
        return self.council.handle(self.stream, command, sender).values

    def buy(self, product, **terms):
        """Apply, prove, be offered and pay, as far as the scheme asks."""
        applied = self.does(ApplyForPermit(product=product, **terms))
        application, state = str(applied["application"]), applied["state"]
        scheme = self.council.editions.latest
        if state == "awaiting_proof":
            today = datetime.now(UTC).astimezone(scheme.tz).date()
            document = scheme.proof.documents[0].type
            state = self.does(UploadProof(application=application, document=document, dated=today))[
                "state"
            ]
        if state == "awaiting_decision":
            decided = DecideApplication(application=application, outcome="offer")
            state = self.staff(decided)["state"]
        if state in ("offered", "awaiting_payment"):
            self.staff(PayForApplications(applications=(application,), result="authorised"))
        return self

    def enters(self, page):
        self.running.sign_in_resident(page, self.stream, self.resident, self.council.id)
        page.permit_root = f"{self.running.address}/{self.council.id}"
        page.goto(page.permit_root)


def looked_at(page, name):
    axe(page)
    no_sideways_scrolling(page)
    shoot(page, name)


@BOTH
def test_a_visitor_is_booked_changed_and_cancelled(running, browser_page):
    """Stevenage: three taps, a near mark, another vehicle, and the unit comes back."""
    page = browser_page
    home = Home(running, "stevenage").buy("virtual-visitor-vouchers")
    home.does(SaveVisitor(vehicle="G865WFE", name="Mum", preferred=True))
    home.does(SaveVisitor(vehicle="AB12CDE", name="Plumber"))
    home.enters(page)
    looked_at(page, "home-stevenage")

    page.get_by_role("link", name="Book a visit").last.click()
    page.get_by_role("button", name="Mum").wait_for()
    looked_at(page, "book")
    page.get_by_role("button", name="Mum").click()
    page.get_by_text("Booked: G865WFE").wait_for()
    assert page.get_by_text("Covered", exact=True).is_visible()
    looked_at(page, "visit-now")

    page.goto(page.permit_root)
    assert page.get_by_role("heading", name="Now and next").is_visible()
    looked_at(page, "home-stevenage-parked")

    page.goto(f"{page.permit_root}/book")
    page.get_by_label("Registration number", exact=True).fill("G885WFE")
    page.get_by_label("Later", exact=True).check()
    ahead = datetime.now(UTC) + timedelta(days=3)
    for part in ("Day", "Month", "Year"):
        page.get_by_label(part, exact=True).fill(str(getattr(ahead, part.lower())))
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="Check and book").wait_for()
    looked_at(page, "book-check")
    page.get_by_role("button", name="Book", exact=True).click()
    page.get_by_role("alert").get_by_text("Choose which is right").wait_for()
    looked_at(page, "book-check-mistake")
    page.get_by_label("G885WFE").check()
    page.get_by_role("button", name="Book", exact=True).click()
    page.get_by_text("Booked: G885WFE").wait_for()
    looked_at(page, "visit-later")

    page.get_by_role("button", name="Change the vehicle").click()
    page.get_by_label("New registration number").fill("LX70 ABC")
    looked_at(page, "visit-change")
    page.get_by_role("button", name="Change the vehicle").click()
    page.get_by_text("the visit is now for LX70ABC").wait_for()
    page.get_by_role("button", name="Cancel the visit").click()
    looked_at(page, "visit-cancel")
    page.get_by_role("button", name="Cancel the visit").click()
    page.get_by_text("1 voucher came back to you: 19 vouchers left.").wait_for()
    looked_at(page, "visits")
    for path in ("visitors", "history", "download", "details", "allowance"):
        page.goto(f"{page.permit_root}/{path}")
        looked_at(page, path)


@BOTH
def test_one_tap_switches_and_an_officer_sees_it_at_once(running, browser_page):
    """Gravesham: the officer's check follows the switch."""
    page = browser_page
    home = Home(running, "gravesham").buy("visitors-permit", vehicles=("AA11AAA",))
    for mark in ("BB22BBB", "CC33CCC"):
        home.does(AddVehicle(vehicle=f"{mark[:-1]}{home.number % 10}"))
    home.enters(page)
    looked_at(page, "home-gravesham")
    with home.council.pool.connection() as connection:
        token = make_token(connection, home.council.schema, "officer", f"o-{home.number}")

    def covered(mark):
        answer = httpx.post(
            f"{running.address}/api/v1/gravesham/enforcement/checks",
            json={"mark": mark, "zone": home.council.editions.latest.zones[0].id},
            headers={"authorization": f"Bearer {token}"},
        )
        return answer.json()["covered"]

    new = f"BB22BB{home.number % 10}"
    assert not covered(new)
    tab_to(page, lambda page: new in page.locator(":focus").inner_text())
    page.keyboard.press("Enter")
    page.get_by_text(f"{new} is the active vehicle now").wait_for()

    assert covered(new)
    looked_at(page, "home-gravesham-switched")
    page.goto(f"{page.permit_root}/vehicles")
    page.get_by_role("button", name="Add").click()
    page.get_by_role("alert").get_by_text("Enter the registration number").wait_for()
    looked_at(page, "vehicles")


@BOTH
def test_a_visit_is_booked_ahead_as_far_as_may_be(running, browser_page):
    """Hampshire: fourteen days ahead, and no further."""
    page = browser_page
    home = Home(running, "hampshire").buy("visitor-permits")
    home.enters(page)
    page.goto(f"{page.permit_root}/book")
    page.get_by_label("Registration number", exact=True).fill("AB12 CDE")
    page.get_by_label("Later", exact=True).check()

    def on(days):
        ahead = datetime.now(UTC) + timedelta(days=days)
        for part in ("Day", "Month", "Year"):
            page.get_by_label(part, exact=True).fill(str(getattr(ahead, part.lower())))
        page.get_by_role("button", name="Continue").click()

    on(30)
    page.get_by_role("alert").get_by_text("At most 14 days ahead").wait_for()
    looked_at(page, "book-too-far")
    on(10)
    page.get_by_role("button", name="Book", exact=True).click()
    page.get_by_text("Booked: AB12CDE").wait_for()
    assert page.get_by_text("Not covered").is_visible()


@BOTH
def test_the_rolling_year_is_a_picture_and_a_table(running, browser_page):
    """Norwich: sixty bought, and the date on which the next can be."""
    page = browser_page
    home = Home(running, "norwich-2015").buy("day-scratchcard", quantity=30)
    home.buy("day-scratchcard", quantity=30).buy("short-stay", months=12)
    home.enters(page)
    looked_at(page, "home-norwich")
    page.goto(f"{page.permit_root}/allowance")
    assert page.get_by_text("0 scratchcards left to buy now", exact=True).is_visible()
    picture = page.get_by_role("img", name="Day scratchcard")
    assert "From" in (picture.locator("desc").text_content() or "")
    page.locator("summary").first.click()
    looked_at(page, "allowance-norwich")

    page.goto(f"{page.permit_root}/cards")
    page.get_by_label("Registration number").fill("AB12 CDE")
    looked_at(page, "cards")
    page.get_by_role("button", name="Note it").click()
    page.get_by_text("59 left.").first.wait_for()
    page.goto(f"{page.permit_root}/stays")
    page.get_by_label("Registration number").fill("FG34 HJK")
    page.get_by_role("button", name="Begin a stay").click()
    page.get_by_text("Set the clock to").wait_for()
    looked_at(page, "stays")
    page.get_by_role("button", name="It has left").click()
    page.get_by_text("The stay of FG34HJK is over.").wait_for()
    page.get_by_label("Registration number").fill("FG34 HJK")
    page.get_by_role("button", name="Begin a stay").click()
    page.get_by_role("alert").get_by_text("it may from").wait_for()
    looked_at(page, "stays-no-return")
