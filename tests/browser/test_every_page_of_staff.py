"""Every page and form of counter, disputes desk, auditors and editors: axe, 320 pixels, mistakes.

The pages are those of the registry: one that is new is found by the links that lead to it.
"""

from io import BytesIO

import pikepdf
import pytest

from tests.browser import town
from tests.browser.looking import looked_at_every_page
from tests.browser.walking import every_page
from web.pages.counter.acting import DEEDS

COUNCILS = ("stevenage", "gravesham", "norwich-2015", "windsor-maidenhead")
ELSEWHERE = {
    "/schemes/what-if/report": "needs a report that was made: tests/web/test_schemes_pages",
    "/schemes/what-if/report.html": "as the report",
}
"""What no link leads to, and where it is looked at."""
REFUSED = {"refund", "exchange"}
"""Deeds that no scheme of these councils allows: tests/web/test_counter_deeds_pages."""


@pytest.fixture(scope="module")
def homes(running):
    vouchers = town.with_vouchers(running)
    town.corrected(vouchers)
    town.proposed(running, vouchers)
    town.disputed(running, vouchers)
    written = BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(written)
    return (
        vouchers,
        town.with_a_permit(running),
        town.with_a_proof_to_look_at(running, written.getvalue()),
        town.with_cards(running),
        town.with_hourly_cards(running),
    )


def _paths(home):
    """Of a household the page, and what of it waits to be decided."""
    here = f"/staff/households/{home.stream}"
    for each in home.council.ledger.household(home.stream).applications.values():
        if each.state == "awaiting_decision":
            yield f"{here}/applications/{each.application_id}"
    yield here


def test_every_page_of_staff_and_auditors_has_no_fault_that_axe_finds(running, browser_page, homes):
    """WCAG 2.2 AA, of the pages as they stand and of their forms sent empty."""
    page, found, wrong = browser_page, set[str](), list[str]()
    for council in COUNCILS:
        assert running.councils[council].caught_up(20)
        running.sign_in_staff(page, "staff", council)
        also = [each for home in homes if home.council.id == council for each in _paths(home)]
        # Offered only to an address that needs it.
        if council == "norwich-2015":
            also.append(f"{also[-1]}/override/city-centre-only")
        names, faults = looked_at_every_page(running, page, council, found, also)
        found |= names
        wrong += faults
    page.context.clear_cookies()
    running.sign_in_staff(page, "auditor")
    also = [f"/audit/households/{homes[0].stream}/{each}" for each in ("replay", "compare")]
    names, faults = looked_at_every_page(running, page, "stevenage", found, also)

    told = "\n".join(wrong + faults)
    assert not told, told
    found |= names
    asked = every_page(["staff", "auditor", "dispute", "editor"], everybody=False)
    assert asked - found == set(ELSEWHERE)
    slugs = {each.slug for each in DEEDS if any(f"/{each.slug}" in name for name in found)}
    assert {each.slug for each in DEEDS} - slugs == REFUSED
