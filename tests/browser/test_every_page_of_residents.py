"""Every page and form that a resident or a stranger can come to: axe, 320 pixels, mistakes.

The pages are those of the registry: one that is new is found by the links that lead to it.
"""

import pytest

from tests.browser import town
from tests.browser.looking import looked_at_every_page
from tests.browser.walking import every_page

COUNCILS = ("stevenage", "gravesham", "norwich-2015", "windsor-maidenhead")
ELSEWHERE = {
    "/book/check": "needs a visit that was entered: test_resident_home",
    "/apply/{product}/check": "needs what was answered: test_resident_buying",
    "/payments/{order}": "leads on to the receipt: test_resident_buying",
    "/payments/{order}/return": "leads on to the basket: test_resident_buying",
    "/sandbox/payments/{reference}": "needs a payment that was begun: test_resident_buying",
    "/sign-in/pin": "needs a PIN that was sent: test_resident_buying",
}
"""What no link leads to, and where it is looked at."""


@pytest.fixture(scope="module")
def homes(running):
    return (
        town.with_vouchers(running),
        town.with_a_permit(running),
        town.with_cards(running),
        town.with_hourly_cards(running),
    )


def test_every_page_of_a_resident_has_no_fault_that_axe_finds(running, browser_page, homes):
    """WCAG 2.2 AA, of the pages as they stand and of their forms sent empty."""
    page, found = browser_page, set[str]()
    wrong = []
    for home in homes:
        running.sign_in_resident(page, home.stream, home.resident, home.council.id)
        holdings = home.council.ledger.household(home.stream).holdings
        apart = ("/products/why-not", "/details/email/pin")
        also = [f"/give-back/{next(iter(holdings))}", *apart]
        names, faults = looked_at_every_page(running, page, home.council.id, found, also)
        found |= names
        wrong += faults
    page.context.clear_cookies()
    doors = ["/register", "/register/address?street=Market", "/sign-in", "/staff/sign-in"]
    names, faults = looked_at_every_page(
        running, page, "stevenage", found, [*doors, "/staff/enrol"]
    )

    told = "\n".join(wrong + faults)
    assert not told, told
    assert every_page(["resident"], everybody=True) - found - names == set(ELSEWHERE)
