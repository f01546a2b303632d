"""Looking at each page of a walk: by axe, at two widths, and with its forms sent empty.

Where pictures are kept (`PERMIT_LEDGER_SHOTS`), a page that is known already is looked at again.
"""

import os
import re
from collections.abc import Callable, Sequence, Set

from playwright.sync_api import Page

from tests.browser.harness import DESKTOP, PHONE, Running, axe, no_sideways_scrolling, shoot
from tests.browser.walking import Found, walked

NARROW = 320
"""A window of 1280 at four times the size: WCAG 2.2, 1.4.10."""

_FORMS = "main form[method=post]:has(input:not([type=hidden]), textarea, select)"
_EMPTIED = """(form) => {
  form.noValidate = true;
  for (const field of form.elements) {
    if (field.type === 'checkbox' || field.type === 'radio') field.checked = false;
    else if (!['hidden', 'select-one', 'submit', 'file'].includes(field.type)) field.value = '';
  }
  (form.querySelector('button:not([name])') ?? form.querySelector('button')).click();
}"""
# Where the links of the error summary lead, in pixels from the top; null where to no field.
_LED_TO = """() => [...document.querySelectorAll('.govuk-error-summary__list a')].map((link) => {
  const field = document.querySelector(link.getAttribute('href'));
  return field && field.matches('input, select, textarea')
    ? field.getBoundingClientRect().top : null;
})"""


def looked_at_every_page(
    running: Running,
    page: Page,
    council: str,
    known: Set[str],
    also: Sequence[str] = (),
) -> tuple[set[str], list[str]]:
    """The names of all pages that a walk finds, and what is wrong with those not among `known`.

    The walk is whoever's is signed in on the page, from the start page and from `also`.
    """
    cookies = {each["name"]: each["value"] for each in page.context.cookies(running.address)}
    found = walked(running.address, council, cookies, also, known)
    root = f"{running.address}/{council}"
    again = bool(os.environ.get("PERMIT_LEDGER_SHOTS"))
    asked = [each for each in found if each.is_page and (again or each.name not in known)]
    wrong, forms = [], dict[str, int]()
    for each in asked:
        page.goto(root + each.path)
        forms[each.path] = page.locator(_FORMS).count()
        wrong += _looked_at(page, _file(council, each))
    # After all of them: an empty form may be one that is taken.
    for each in asked:
        for number in range(forms[each.path]):
            page.goto(root + each.path)
            if page.locator(_FORMS).count() > number:
                wrong += _sent_empty(page, number, f"{_file(council, each)}-mistakes{number}")
    return {each.name for each in found}, wrong


def _sent_empty(page: Page, number: int, name: str) -> list[str]:
    with page.expect_navigation():
        page.locator(_FORMS).nth(number).evaluate(_EMPTIED)
    if page.locator(".govuk-error-summary").count() == 0:
        return []
    wrong = []
    led_to = page.evaluate(_LED_TO)
    if None in led_to or led_to != sorted(led_to):
        wrong.append(f"{page.url}: the errors lead to {led_to}, not to fields in their order")
    if not page.title().startswith("Error: "):
        wrong.append(f"{page.url}: the title does not say that there is an error")
    return wrong + _looked_at(page, name)


def _file(council: str, found: Found) -> str:
    return f"{council}{re.sub('[^a-z]+', '-', found.name) or '-start'}"


def _looked_at(page: Page, name: str) -> list[str]:
    """What is wrong with the page, in words."""
    shoot(page, name)
    wrong = _wrong(axe, page)
    page.set_viewport_size({"width": NARROW, "height": 800})
    wrong += _wrong(no_sideways_scrolling, page)
    if os.environ.get("PERMIT_LEDGER_SHOTS"):
        page.set_viewport_size({"width": PHONE, "height": 800})
        shoot(page, name)
    page.set_viewport_size({"width": DESKTOP, "height": 800})
    return wrong


def _wrong(look: Callable[[Page], None], page: Page) -> list[str]:
    try:
        look(page)
    except AssertionError as error:
        return [str(error)]
    return []
