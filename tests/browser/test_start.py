"""Where everybody begins, in a browser: the councils, a council's own page, signing in."""

from tests.browser.harness import EVERY_WAY, axe, has_script, no_sideways_scrolling, shoot, tab_to

PASSWORD = "correct-horse-battery"


@EVERY_WAY
def test_every_first_page_is_accessible_and_fits_the_window(running, browser_page):
    for name, path in (
        ("councils", "/"),
        ("home", "/stevenage"),
        ("privacy", "/stevenage/privacy"),
        ("accessibility", "/stevenage/accessibility"),
        ("contact", "/stevenage/contact"),
        ("sign-in", "/stevenage/staff/sign-in"),
        ("enrol", "/stevenage/staff/enrol"),
        ("not-found", "/stevenage/nothing-of-the-sort"),
    ):
        browser_page.goto(running.address + path)

        axe(browser_page)
        no_sideways_scrolling(browser_page)
        shoot(browser_page, name)


@EVERY_WAY
def test_a_member_of_staff_signs_in_and_out(running, browser_page):
    page = browser_page
    name = running.enrolled("staff", PASSWORD)

    running.open(page, "/staff/sign-in")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").get_by_text("Enter your password").wait_for()
    axe(page)
    shoot(page, "sign-in-mistakes")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Code", exact=True).fill(running.code_of(name))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**/{running.council.id}")

    assert page.get_by_text(name).is_visible()
    axe(page)
    shoot(page, "home-of-staff")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_text("You are signed out.").wait_for()
    shoot(page, "signed-out")
    assert page.get_by_role("button", name="Sign out").count() == 0


def test_the_form_is_filled_with_the_keyboard_alone(running, browser_page):
    page = browser_page
    name = running.enrolled("auditor", PASSWORD)
    running.open(page, "/staff/sign-in")

    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to main content"
    tab_to(page, lambda page: page.locator("#name:focus").count() == 1)
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Tab")
    page.keyboard.type(running.code_of(name))
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{running.council.id}")

    assert page.get_by_text(name).is_visible()


def test_scripts_of_the_design_system_run(running, browser_page):
    running.open(browser_page, "")

    assert has_script(browser_page)
    browser_page.locator("body.govuk-frontend-supported").wait_for()
