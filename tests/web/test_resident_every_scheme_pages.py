"""Every live scheme's products are shown, asked for and checked, whatever their terms."""

from datetime import UTC, datetime

import pytest
from litestar.testing import TestClient

from commands.enrol_resident import EnrolResident
from commands.handling import Sender
from commands.list_property import ListProperty
from ledger.events import Actor
from ledger.scheme.loading import built_in
from ledger.store.pool import open_pool
from services.council import Council
from tests.web.page_client import PageClient
from web.app import create_app

NOON = datetime(2026, 11, 19, 12, tzinfo=UTC)
LIVE = sorted({each.scheme.id for each in built_in().read if each.scheme.status == "live"})


@pytest.fixture(scope="module")
def councils(databases):
    """One schema serves for all: only pages that change no facts but its own are asked for."""
    library = built_in()
    with (
        databases.clone() as dsn,
        open_pool(dsn, 4, "commands") as pool,
        open_pool(dsn, 2, "checks") as checks,
    ):
        yield {
            name: Council(name, pool, checks, library.editions(name), lambda: NOON) for name in LIVE
        }


@pytest.mark.parametrize("name", LIVE)
def test_each_product_is_shown_asked_for_and_checked(councils, name):
    """Nothing but the scheme's data says what is asked; a price is told before it is sent."""
    council = councils[name]
    council.migrate()
    scheme = council.scheme_at(NOON)
    stream = council.ledger.household_id("home")
    staff = Sender(by=Actor("staff", "clerk"), key="listed")
    zone = scheme.zones[0].id
    council.handle(stream, ListProperty(property_ref="home", zone=zone), staff)
    enrolled = council.handle(
        stream,
        EnrolResident(name="A", receives=("listed_benefit",)),
        Sender(by=Actor("staff", "clerk"), key="enrolled"),
    )
    with TestClient(create_app(councils, sandbox=True, secure_cookies=False)) as client:
        browser = PageClient(client, council)
        browser.sign_in(stream, str(enrolled.values["resident"]), NOON)
        assert browser.open("/products").status_code == 200
        assert browser.open("/products/why-not").status_code == 200
        for product in scheme.products:
            offered = product.offered_in(zone)
            assert browser.open(f"/products/{product.id}").status_code == (200 if offered else 404)
            if not offered:
                continue
            assert browser.open(f"/apply/{product.id}").status_code == 200
            answers = {"packs": str(product.pack.min), "mark1": "AB12CDE", "support": "yes"}
            wanted = {
                each: text
                for each, text in answers.items()
                if f'name="{each}"' in browser.page.text
            }
            if 'name="months"' in browser.page.text:
                wanted["months"] = str(product.holding.months_min)
            browser.send(f"/apply/{product.id}", **wanted)
            refused = browser.page.status_code == 422
            assert refused or browser.path.endswith("/check"), browser.said()
            if refused:
                # Only what another product, or the property, has to bring with it.
                assert "needs" in browser.said().lower(), browser.said()
            else:
                assert "What it costs" in browser.said()
