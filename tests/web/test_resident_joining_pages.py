"""A stranger registers and signs in, as pages: nobody learns who has an account."""

import re

import pytest

from commands.list_property import ListProperty
from services.identity import requesters
from tests.web.page_client import PageClient


@pytest.fixture
def browser(served, sandboxed):
    with served.councils["stevenage"].pool.connection() as connection:
        for schema in served.councils:
            connection.execute(f"delete from {schema}.sign_in_tries")
    return PageClient(sandboxed, served.councils["stevenage"])


def pin_for(served, address):
    sent = [each for each in served.outbox.messages() if each.to == address]
    return sent[-1].body[:6] if sent else ""


def registered(browser, home, **changed):
    browser.open("/register")
    typed = {"property_ref": home.property_ref, "name": "Ada Byron", **changed}
    return browser.send("/register", **typed)


def test_a_stranger_registers_and_signs_in_with_the_pin_that_comes(served, browser):
    """STV-001, HAN-009."""
    home = served.home()

    registered(browser, home, email="ada@example.org")
    assert browser.path == "/sign-in/pin"
    assert "on its way to ada@example.org" in browser.said()
    browser.send("/sign-in/pin", pin=pin_for(served, "ada@example.org"))

    assert "Sign out" in browser.page.text
    assert "Permits and vouchers" in browser.page.text
    people = home.council.ledger.household(home.stream).residents.values()
    assert [each.name for each in people if each.email == "ada@example.org"] == ["Ada Byron"]


def test_whoever_has_an_account_is_told_the_same_as_a_newcomer(served, browser):
    """No second account, and no word of the first (OWASP ASVS 6.3.8)."""
    home = served.home()
    before = len(home.council.ledger.household(home.stream).residents)

    registered(browser, home, email=home.email.upper())
    known = browser.said().replace(home.email.upper(), "X")
    registered(browser, home, email="new@example.org")

    assert browser.said().replace("new@example.org", "X") == known
    after = len(home.council.ledger.household(home.stream).residents)
    assert after == before + 1


def test_anothers_number_is_left_out_without_a_word(served, browser):
    home, other = served.home(), served.home()

    registered(browser, home, email="b@example.org", mobile=other.mobile)

    assert browser.path == "/sign-in/pin"
    people = home.council.ledger.household(home.stream).residents.values()
    assert [each.mobile for each in people if each.email == "b@example.org"] == [""]


def test_everything_that_is_missing_is_told_at_once_and_nothing_typed_is_lost(served, browser):
    browser.open("/register")

    browser.send("/register", property_ref="", email="nobody", mobile="12", name="A <b>")

    assert browser.page.status_code == 422
    for field in ("property_ref", "email", "mobile"):
        assert f'href="#{field}"' in browser.page.text
    assert 'value="A &lt;b&gt;"' in browser.page.text
    browser.send(
        "/register", property_ref="no-such-place", name="A", email="c@example.org", mobile=""
    )
    assert "do not know a property with this number" in browser.said()


def test_a_wrong_council_tax_number_looks_like_an_unknown_property(served, sandboxed, browser):
    """HAN-002, HAN-004: nothing is told of what is right."""
    home = served.home("hampshire")
    there = PageClient(sandboxed, home.council)
    wrong = {"council_tax_account": "CT-0", "email": "d@example.org"}

    registered(there, home, **wrong)
    known = there.said().replace(home.property_ref, "X")
    there.open("/register")
    there.send("/register", property_ref="nowhere", name="Ada Byron", **wrong)

    assert "Council Tax account number is not the one of this property" in known
    assert there.said().replace("nowhere", "X") == known
    registered(there, home, email="d@example.org", council_tax_account=home.account.lower())
    assert there.path == "/sign-in/pin"


def test_asking_for_a_pin_says_the_same_whether_or_not_there_is_an_account(served, browser):
    home = served.home()
    pages = []
    for address in (home.email, "nobody@example.org", home.mobile, "07700 900999"):
        browser.open("/sign-in")
        browser.send("/sign-in", address=address)
        shown = re.sub(r'value="[^"]*"', "", browser.said())
        pages.append((browser.path, shown.replace(address, "X")))

    assert len(set(pages)) == 1
    assert pin_for(served, home.email)
    assert not pin_for(served, "nobody@example.org")


@pytest.mark.parametrize("typed", ["", "somebody", "a@b", "@example.org", "12", "a b@example.org"])
def test_what_is_no_address_is_asked_for_again(browser, typed):
    browser.open("/sign-in")

    browser.send("/sign-in", address=typed)

    assert browser.page.status_code == 422
    assert "Enter an email address or a mobile number" in browser.said()


def test_a_wrong_pin_is_told_and_the_right_one_still_works(served, browser):
    home = served.home()
    browser.open("/sign-in?to=/products")
    browser.send("/sign-in", address=home.email)
    right = pin_for(served, home.email)
    for wrong in ("", "12345", "abcdef", f"{(int(right) + 1) % 1_000_000:06d}"):
        browser.send("/sign-in/pin", pin=wrong)
        assert browser.page.status_code == 422
        assert 'href="#pin"' in browser.page.text

    browser.send("/sign-in/pin", pin=right)

    assert browser.path == "/products"


def test_too_many_pins_are_told_kindly_and_with_a_time(served, browser):
    home = served.home()
    for _ in range(6):
        browser.open("/sign-in")
        browser.send("/sign-in", address=home.email)

    assert browser.page.status_code == 422
    assert "ask again in 60 minutes" in browser.said()


def test_one_place_cannot_ask_for_pins_of_a_whole_town(served, browser, monkeypatch):
    monkeypatch.setattr(requesters, "ASKED_AN_HOUR", 2)
    for n in range(3):
        browser.open("/sign-in")
        browser.send("/sign-in", address=f"guess-{n}@example.org")

    assert browser.page.status_code == 422


def test_the_file_with_pins_is_named_in_a_sandbox_only(served, browser):
    home = served.home()
    browser.open("/sign-in")
    browser.send("/sign-in", address=home.email)
    assert "outbox.jsonl" in browser.said()

    real = PageClient(served.client, home.council)
    real.open("/sign-in")
    real.send("/sign-in", address=home.email)

    assert "outbox" not in real.page.text


def test_a_property_beyond_the_scheme_is_told_why(served, browser):
    """STV-009, STV-016: nothing is offered in that zone."""
    home = served.home()
    home.did(ListProperty(property_ref=home.property_ref, zone="NT"))
    browser.sign_in(home.id, home.resident, served.at)
    browser.open("/products")
    assert "nothing that your address may have" in browser.said()

    browser.open("/products/why-not")

    assert "Your address is in zone NT (New Town)." in browser.said()
    assert "It is for addresses in zone OT (Old Town)." in browser.said()


def test_a_newcomer_finds_their_property_by_its_address(served, browser):
    """Whoever types enough of it; nothing is told of who lives there."""
    home = served.home()
    address = f"{home.number} Larkspur Crescent, SG1 1AA"
    zone = home.council.editions.latest.zones[0].id
    home.did(ListProperty(property_ref=home.property_ref, zone=zone, address=address))
    assert home.council.caught_up(20)

    browser.open(f"/register/address?address={home.number} larkspur")
    assert address in browser.said()
    assert home.email not in browser.page.text
    browser.open(f"/register?property={home.property_ref}")
    assert f'value="{home.property_ref}"' in browser.page.text
    browser.open("/register/address?address=Nowhere Lane")
    assert "We know no such address" in browser.said()


@pytest.mark.parametrize("typed", ["", "a", "%27;--", "!!!"])
def test_too_little_of_an_address_is_asked_for_again(browser, typed):
    browser.open(f"/register/address?address={typed}")

    assert browser.page.status_code == 422
    assert "Enter the number and the street" in browser.said()
