"""The keyboard alone books, decides and replays; and what is printed is what is told."""

import re

import pytest

from tests.browser import town
from tests.browser.harness import shoot, tab_to

COUNCILS = ("stevenage", "gravesham")
_NOT_ON_PAPER = "button, nav, input, select, textarea, .screen-only, [data-module=govuk-button]"


@pytest.fixture(scope="module")
def home(running):
    home = town.with_vouchers(running)
    town.disputed(running, home)
    return home


def named(text):
    """Whether the focus is on what is named so."""
    return lambda page: page.locator(":focus").inner_text().strip() == text


def at(selector):
    return lambda page: page.locator(f"{selector}:focus").count() == 1


def test_a_visit_is_booked_by_the_keyboard_alone(running, browser_page, home):
    """WCAG 2.2, 2.1.1 and 2.4.7: each stop can be seen to have the focus."""
    page = browser_page
    running.sign_in_resident(page, home.stream, home.resident)
    running.open(page, "/book")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to main content"
    page.keyboard.press("Enter")
    tab_to(page, at("#mark1"))
    page.keyboard.type("fg34 hjk")
    tab_to(page, at("#when"))
    page.keyboard.press("ArrowDown")
    assert page.get_by_label("Later", exact=True).is_checked()
    page.keyboard.press("ArrowUp")
    tab_to(page, named("Continue"))
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Check and book").wait_for()
    tab_to(page, named("Book"))
    page.keyboard.press("Enter")
    page.get_by_text("Booked: FG34HJK").wait_for()

    vehicles = {each.cover.shown for each in _bookings(home)}
    assert "FG34HJK" in vehicles


def _bookings(home):
    return home.council.ledger.household(home.stream).bookings.values()


def test_an_application_is_decided_by_the_keyboard_alone(running, browser_page):
    """WCAG 2.2, 2.1.1: the proof serves, and the permit is offered."""
    page = browser_page
    home = town.Household(running, "gravesham")
    application = home.apply("visitors-permit")
    home.prove(application)
    assert home.council.caught_up(20)
    running.sign_in_staff(page, "staff", "gravesham")
    page.goto(f"{running.address}/gravesham/staff/decisions")
    tab_to(page, lambda page: application in (_href(page) or ""))
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/applications/{application}")
    tab_to(page, named("It serves"))
    page.keyboard.press("Enter")
    page.get_by_text("This proof serves.").wait_for()
    tab_to(page, at("#outcome"))
    page.keyboard.press("Space")
    tab_to(page, named("Decide"))
    page.keyboard.press("Enter")
    page.get_by_text("It is offered to the resident.").wait_for()

    found = home.council.ledger.household(home.stream).applications[application]
    assert found.state == "offered"


def _href(page):
    return page.evaluate("document.activeElement.getAttribute('href')")


def test_the_slider_of_a_replay_is_moved_by_the_keyboard_alone(running, browser_page, home):
    """WCAG 2.2, 2.1.1: and the focus stays on it from step to step."""
    page = browser_page
    running.sign_in_staff(page, "auditor")
    running.open(page, f"/audit/households/{home.stream}/replay?version=9")
    tab_to(page, at("#slider"))
    for key, step in (("ArrowLeft", 8), ("Home", 1), ("ArrowRight", 2)):
        page.keyboard.press(key)
        page.get_by_role("heading", level=1, name=re.compile(f"^Step {step} of ")).wait_for()
        page.locator("#slider:focus").wait_for()


def test_what_is_printed_has_nothing_to_press(running, browser_page, home):
    """A reader of paper sees what is told, in black, and no ways to other pages."""
    page = browser_page
    payment = next(iter(home.council.ledger.household(home.stream).payments))
    desk = f"/staff/households/{home.stream}"
    walks = (
        ("resident", ("", "/visits", "/allowance", "/history", f"/receipts/{payment}")),
        ("staff", (desk, "/disputes/notices", "/disputes/notices/TN000000/answer")),
        ("auditor", (f"/audit/households/{home.stream}/replay", "/audit/exceptions")),
    )
    for role, paths in walks:
        page.context.clear_cookies()
        if role == "resident":
            running.sign_in_resident(page, home.stream, home.resident)
        else:
            running.sign_in_staff(page, role)
        for path in paths:
            running.open(page, path)
            page.emulate_media(media="print")
            left = page.locator(_NOT_ON_PAPER).filter(visible=True).all_inner_texts()
            assert left == [], f"{path}: {left}"
            assert page.locator("h1").first.is_visible()
            shoot(page, f"printed-{role}{re.sub('[^a-z]+', '-', path)}")
            page.emulate_media(media="screen")
