"""An auditor at work in a browser: a replay by slider, keys and links; the ledger verified; and the
scheme editor's pages.
"""

import re
from datetime import UTC, datetime, timedelta
from itertools import count
from time import sleep

import pytest

from commands.apply_for_permit import ApplyForPermit
from commands.book_voucher import BookVoucher
from commands.correct_cover import CorrectCover
from commands.enrol_resident import EnrolResident
from commands.list_property import ListProperty
from commands.pay_for_applications import PayForApplications
from commands.upload_proof import UploadProof
from tests.browser.harness import (
    BOTH_WIDTHS,
    EVERY_WAY,
    axe,
    has_script,
    no_sideways_scrolling,
    shoot,
)

VOUCHERS = "virtual-visitor-vouchers"
_numbers = count(1)


@pytest.fixture(scope="module")
def household(running):
    """A property with vouchers, of which one is used, and corrected later: eight steps."""
    council = running.council
    reference = f"audited-{next(_numbers)}"
    stream = council.ledger.household_id(reference)
    zone = council.editions.latest.zones[0].id
    address = "14 Lytton Way, Old Town"
    running.did(stream, ListProperty(property_ref=reference, zone=zone, address=address))
    running.did(stream, EnrolResident(name="A", mobile="+447700900123", email="a@example.org"))
    applied = running.did(stream, ApplyForPermit(product=VOUCHERS))
    application = str(applied["application"])
    proof = council.editions.latest.proof.documents[0].type
    running.did(stream, UploadProof(application=application, document=proof))
    paying = PayForApplications(applications=(application,), result="authorised", amount=1000)
    running.did(stream, paying)
    # Times are compared to the second.
    sleep(1.1)
    booked = running.did(stream, BookVoucher(vehicles=("G865 WFE",), start="now"))
    earlier = CorrectCover(
        act=booked["bookings"][0],
        covers_from=datetime.now(UTC) - timedelta(hours=2),
        reason="told by telephone",
        approver="ben",
    )
    running.did(stream, earlier)
    council.check(
        typed="G865WFE", zone=zone, at=None, known_at=None, bay="", officer="olga", device="d-1"
    )
    return reference, stream


def looked_at(page, name):
    axe(page)
    no_sideways_scrolling(page)
    shoot(page, name if has_script(page) else f"{name}-plain")


@EVERY_WAY
def test_an_auditor_replays_a_household(running, browser_page, household):
    page, (reference, _) = browser_page, household
    running.sign_in_staff(page, "auditor")
    running.open(page, "/audit")
    looked_at(page, "audit-find")
    page.get_by_label("What do you know?").fill(reference)
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="Enter why you look").wait_for()
    looked_at(page, "audit-find-no-reason")
    page.get_by_label("Why do you look?").fill("audit 7")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("heading", level=1, name=re.compile("Step 8 of 8")).wait_for()
    looked_at(page, "audit-replay-last")

    page.get_by_role("link", name="First step").click()
    page.get_by_role("heading", name="Step 1 of 8").wait_for()
    page.get_by_role("link", name="Next step").click()
    page.get_by_role("heading", name="Step 2 of 8").wait_for()
    if has_script(page):
        page.locator("#slider").focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        page.get_by_role("heading", name="Step 4 of 8").wait_for()
        assert page.locator("#slider:focus").count() == 1
        page.keyboard.press("End")
        page.get_by_role("heading", name="Step 8 of 8").wait_for()
        page.get_by_role("heading", level=1).click()
        page.locator("#slider").blur()
        page.keyboard.press("ArrowLeft")
    else:
        page.get_by_label("Go to a step").select_option("7")
        page.get_by_role("button", name="Go").click()
    page.get_by_role("heading", name="Step 7 of 8").wait_for()

    assert page.url.endswith("version=7")
    assert page.get_by_text("19 of 20").is_visible()
    page.get_by_text("The fact as it is stored").click()
    looked_at(page, "audit-replay-step")


@BOTH_WIDTHS
def test_two_times_are_compared(running, browser_page, household):
    page, (_, stream) = browser_page, household
    running.sign_in_staff(page, "auditor")
    own = f"/audit/households/{stream}"
    running.open(page, f"{own}/compare?version=6")
    page.get_by_role("button", name="Compare").click()
    page.get_by_role("heading", name=re.compile(r"About \d")).wait_for()
    assert page.get_by_text("only known at the second time").count()
    looked_at(page, "audit-compared")


@EVERY_WAY
def test_the_ledger_is_verified_at_one_button(running, browser_page, household):
    page = browser_page
    running.sign_in_staff(page, "auditor")
    running.open(page, "/audit/verify")
    page.get_by_role("button", name=re.compile("Verify")).click()
    if page.get_by_role("link", name="Look again").count():
        looked_at(page, "audit-verify-under-way")
    for _ in range(60):
        if page.get_by_role("link", name="Look again").count() == 0:
            break
        page.wait_for_timeout(500)
        running.open(page, "/audit/verify")

    assert page.get_by_text("The ledger is whole").is_visible()
    looked_at(page, "audit-verified")


@EVERY_WAY
def test_a_scheme_is_read_and_compared(running, browser_page):
    page = browser_page
    running.sign_in_staff(page, "editor")
    running.open(page, "/schemes")
    looked_at(page, "schemes")
    page.get_by_role("link", name=re.compile("in force")).first.click()
    page.get_by_role("heading", name="Proof", exact=True).wait_for()
    page.get_by_text("Where each value comes from").nth(1).click()
    assert page.locator("details[open]").get_by_text(re.compile(r"STV-\d+")).first.is_visible()
    looked_at(page, "scheme")
    page.get_by_role("link", name="Its worked examples").click()
    page.get_by_role("button", name=re.compile("Run all")).wait_for()
    page.locator("details.example").first.click()
    looked_at(page, "scheme-examples")
    running.open(
        page, "/schemes/compare?old=norwich-existing%402013-10-01&new=norwich-2015%402015-01-01"
    )
    looked_at(page, "scheme-compare")
    running.open(page, "/schemes/what-if")
    looked_at(page, "scheme-what-if")
