"""The officer's page in a browser: signed in with an account, told in words, shape and colour."""

from datetime import UTC, datetime
from random import randrange
from uuid import UUID, uuid4

from playwright.sync_api import Page

from commands.apply_for_permit import ApplyForPermit
from commands.book_voucher import BookVoucher
from commands.enrol_resident import EnrolResident
from commands.list_property import ListProperty
from commands.pay_for_applications import PayForApplications
from commands.upload_proof import UploadProof
from tests.browser.harness import (
    BOTH_WIDTHS,
    EVERY_WAY,
    Running,
    axe,
    no_sideways_scrolling,
    shoot,
    tab_to,
)

PASSWORD = "correct-horse-battery"


def booked(running: Running, mark: str) -> None:
    """A household of zone OT with a visitor's vehicle that is covered now."""
    name = f"home-{uuid4().hex[:8]}"
    stream: UUID = running.council.ledger.household_id(name)
    running.did(stream, ListProperty(property_ref=name, zone="OT"))
    running.did(stream, EnrolResident(name="A"))
    applied = running.did(stream, ApplyForPermit(product="virtual-visitor-vouchers"))
    application = applied["application"]
    today = datetime.now(UTC).date()
    running.did(stream, UploadProof(application=application, document="utility_bill", dated=today))
    running.did(
        stream,
        PayForApplications(applications=(application,), result="authorised", amount=1000),
    )
    running.did(
        stream,
        BookVoucher(product="virtual-visitor-vouchers", vehicles=(mark,), start="now"),
    )


def looked_at(page: Page, name: str) -> None:
    axe(page)
    no_sideways_scrolling(page)
    shoot(page, f"officer-{name}")


def ask(page: Page, mark: str) -> None:
    page.get_by_label("Zone").select_option("OT")
    page.get_by_label("registration mark").fill(mark)
    page.get_by_role("button", name="Check", exact=True).click()
    page.locator("section.answer").wait_for()


@EVERY_WAY
def test_an_officer_signs_in_and_is_told_covered_not_covered_and_what_looks_like_it(
    running, browser_page
):
    page = browser_page
    mark = f"BR{randrange(10, 100)}WSE"
    booked(running, mark)
    name = running.enrolled("officer", PASSWORD)

    running.open(page, "/officer")
    looked_at(page, "sign-in")
    page.get_by_role("link", name="Sign in with your account").click()
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Code", exact=True).fill(running.code_of(name))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/officer")
    looked_at(page, "blank")

    ask(page, mark)
    assert page.get_by_role("heading", name="Covered", exact=True).is_visible()
    looked_at(page, "covered")
    ask(page, mark[:-1] + "F")
    assert page.get_by_role("heading", name="Not covered", exact=True).is_visible()
    assert page.get_by_role("button", name=f"Check {mark}").first.is_visible()
    looked_at(page, "not-covered")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Officer sign-in").wait_for()
    running.open(page, "/officer")
    assert page.get_by_role("heading", name="Officer sign-in").is_visible()


@BOTH_WIDTHS
def test_the_page_can_be_read_in_the_dark(running, browser_page):
    page = browser_page
    page.emulate_media(color_scheme="dark")
    running.sign_in_staff(page, "officer")
    running.open(page, "/officer")

    ask(page, "ZZ99ZZZ")

    looked_at(page, "dark")


def test_a_check_needs_the_keyboard_alone(running, browser_page):
    page = browser_page
    running.sign_in_staff(page, "officer")
    running.open(page, "/officer")

    tab_to(page, lambda page: page.locator("input[name=mark]:focus").count() == 1)
    page.keyboard.type("ZZ99ZZZ")
    page.keyboard.press("Tab")
    page.keyboard.type("OT")
    tab_to(page, lambda page: page.locator("form.ask button:focus").count() == 1)
    page.keyboard.press("Enter")
    page.locator("section.answer").wait_for()

    assert page.get_by_role("heading", name="Not covered", exact=True).is_visible()
