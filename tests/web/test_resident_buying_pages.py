"""From a stranger's choice to an issued permit, as pages: what is asked, refused, kept and told."""

from datetime import timedelta

import pytest

from commands.decide_application import DecideApplication
from commands.enrol_resident import EnrolResident
from commands.handling import Sender
from commands.register_resident import RegisterResident
from ledger.events import Actor
from services import proofs
from tests.web.buying import VOUCHERS, a_resident, applied, paid, photo, proved
from tests.web.page_client import PageClient


def test_a_resident_applies_proves_and_pays_for_a_set_of_vouchers(served, sandboxed):
    """STV-039: the proof, then the payment, then the vouchers."""
    home, browser = a_resident(served, sandboxed)
    assert "£10 for a set of 20" in browser.open("/products").text

    browser.open(f"/apply/{VOUCHERS}")
    browser.send(f"/apply/{VOUCHERS}")
    assert "£10.00" in browser.said()
    assert "1 set of 20" in browser.said()
    application = applied(browser)
    proved(browser, application)
    assert browser.path == "/basket"
    paid(browser)

    assert browser.path.startswith("/receipts/")
    assert "You paid £10.00" in browser.said()
    household = home.council.ledger.household(home.stream)
    assert household.units_left(VOUCHERS, served.at) == 20
    assert browser.open("/applications").text.count(VOUCHERS) == 0
    assert "Issued" in browser.said()


def test_an_application_sent_twice_is_one(served, sandboxed):
    home, browser = a_resident(served, sandboxed)
    application = applied(browser)

    browser.send_again(f"/apply/{VOUCHERS}/check")

    assert browser.path == f"/applications/{application}/proof"
    assert len(home.council.ledger.household(home.stream).applications) == 1


def test_what_was_not_confirmed_is_asked_for_again_and_nothing_typed_is_lost(served, sandboxed):
    """STV-027 to 030."""
    home, browser = a_resident(served, sandboxed)
    browser.open(f"/apply/{VOUCHERS}")
    later = (served.at + timedelta(days=20)).date()
    browser.send(
        f"/apply/{VOUCHERS}",
        when="later",
        start__day=str(later.day),
        start__month=str(later.month),
        start__year=str(later.year),
    )
    assert "9 December 2026" in browser.said()

    browser.send(f"/apply/{VOUCHERS}/check")

    assert browser.page.status_code == 422
    assert 'href="#confirm"' in browser.page.text
    browser.send(f"/apply/{VOUCHERS}/check", confirm="vehicle_limits")
    (application,) = home.council.ledger.household(home.stream).applications.values()
    assert application.starts_on == later


def test_a_start_in_the_past_is_told_at_its_field(served, sandboxed):
    _, browser = a_resident(served, sandboxed)
    browser.open(f"/apply/{VOUCHERS}")

    browser.send(
        f"/apply/{VOUCHERS}", when="later", start__day="1", start__month="2", start__year="2026"
    )

    assert browser.page.status_code == 422
    assert 'href="#start-day"' in browser.page.text
    assert "1 February 2026" in browser.said()
    assert 'value="2026"' in browser.page.text


def test_what_is_saved_for_later_is_there_later_and_deleted_when_sent(served, sandboxed):
    """STV-042."""
    _, browser = a_resident(served, sandboxed)
    browser.open(f"/apply/{VOUCHERS}")
    browser.send(f"/apply/{VOUCHERS}", when="later", start__day="9", do="later")
    assert browser.path == "/applications"
    assert "Not sent yet" in browser.said()

    assert 'value="9"' in browser.open(f"/apply/{VOUCHERS}").text
    applied(browser, when="today", start__day="")

    browser.open("/applications")
    assert "Not sent yet" not in browser.said()


def test_a_file_that_is_no_proof_is_refused_and_nothing_is_kept(served, sandboxed):
    """STV-062: what it is follows from its bytes, not from its name."""
    home, browser = a_resident(served, sandboxed)
    application = applied(browser)
    for content, said in (
        (b"MZ" + b"\0" * 400, "must be a photo (JPEG or PNG) or a PDF"),
        (photo()[:300], "cannot be opened"),
        (b"", "empty"),
    ):
        browser.open(f"/applications/{application}/proof")
        browser.send(
            f"/applications/{application}/proof",
            document="utility_bill",
            dated__day="1",
            dated__month="11",
            dated__year="2026",
            files={"file": ("bill.jpg", content, "image/jpeg")},
        )
        assert browser.page.status_code == 422
        assert said in browser.said()
        assert 'value="2026"' in browser.page.text

    with home.council.pool.connection() as connection:
        assert proofs.received(connection, "stevenage", application) == []


def test_an_old_bill_is_refused_at_its_date(served, sandboxed):
    """STV-048: less than three months old."""
    home, browser = a_resident(served, sandboxed)
    application = applied(browser)
    browser.open(f"/applications/{application}/proof")

    browser.send(
        f"/applications/{application}/proof",
        document="utility_bill",
        dated__day="1",
        dated__month="3",
        dated__year="2026",
        files={"file": ("bill.png", photo("PNG"), "image/png")},
    )

    assert 'href="#dated-day"' in browser.page.text
    assert "1 March 2026" in browser.said()
    with home.council.pool.connection() as connection:
        kept = connection.execute(
            "select count(*) from stevenage.proof_files where application_id = %s", (application,)
        ).fetchone()
    assert kept == (0,)


def test_a_proof_is_received_and_never_shown_back(served, sandboxed):
    home, browser = a_resident(served, sandboxed)
    application = applied(browser)
    proved(browser, application)

    browser.open(f"/applications/{application}")

    assert "Full UK driving licence, received 19 November 2026" in browser.said()
    assert "licence.jpg" not in browser.page.text
    assert "<img" not in browser.page.text.partition("<main")[2]
    with home.council.pool.connection() as connection:
        (got,) = proofs.received(connection, "stevenage", application)
        seen = proofs.look_at(
            connection, "stevenage", got.document_id, role="staff", name="c", at=served.at
        )
        looks = connection.execute(
            "select count(*) from stevenage.proof_looks where file_id = %s", (seen.file_id,)
        ).fetchone()
    assert seen.content.startswith(b"\xff\xd8")
    assert looks == (1,)


def test_anothers_application_is_not_there(served, sandboxed):
    """Neither to a neighbour nor to somebody of the same household."""
    home, browser = a_resident(served, sandboxed)
    application = applied(browser)
    proved(browser, application)
    paid(browser)
    receipt = browser.path
    neighbour, flatmate = served.home(), str(home.did(EnrolResident(name="B"))["resident"])

    for household, resident in ((neighbour.id, neighbour.resident), (home.id, flatmate)):
        other = PageClient(sandboxed, home.council)
        other.sign_in(household, resident, served.at)
        for path in ("", "/proof", "/cancel"):
            assert other.open(f"/applications/{application}{path}").status_code == 404
        assert other.open(receipt).status_code == 404
        assert application not in other.open("/applications").text


def test_what_a_household_has_is_not_told_to_whoever_only_says_they_live_there(served, sandboxed):
    """STV-045: anybody can open an account; P16."""
    home, browser = a_resident(served, sandboxed)
    assert "Your household has" in browser.open("/products").text
    stream, by = home.stream, Sender(by=Actor("resident"), key="newcomer")
    newcomer = home.council.handle(stream, RegisterResident(name="N"), by).values["resident"]
    browser.sign_in(home.id, str(newcomer), served.at)

    browser.open("/products")

    assert "Caring Visitors Resident" in browser.said()
    assert "Your household has" not in browser.said()


def test_what_an_address_may_not_have_is_told_with_its_rule(served, sandboxed):
    _, browser = a_resident(served, sandboxed, "gravesham")
    assert "PPA Visitors Permit" in browser.open("/products").text

    browser.open("/products/why-not")

    assert "may have everything" in browser.said()


def test_an_offer_is_paid_for_after_the_council_made_it(served, sandboxed):
    """GRV-021, GRV-022; X-029: two working days, and the weekend is none."""
    home, browser = a_resident(served, sandboxed, "gravesham")
    browser.open("/apply/visitors-permit")
    browser.send("/apply/visitors-permit", mark1="AB12 CDE")
    assert "£15.00" in browser.said()
    browser.send("/apply/visitors-permit/check")
    application = browser.path.split("/")[2]
    browser.send(
        f"/applications/{application}/proof",
        document="bank_statement",
        dated__day="1",
        dated__month="11",
        dated__year="2026",
        files={"file": ("s.png", photo("PNG"), "image/png")},
    )
    assert "by Monday 23 November 2026, in 2 working days" in browser.said()
    browser.open("/basket")
    assert "nothing to pay" in browser.said()

    home.did(DecideApplication(application=application, outcome="offer"))
    paid(browser)

    assert "You paid £15.00" in browser.said()
    again = browser.open("/products").text
    assert "No more for now" in again
    assert "Your household has 1 permit now, and can have 1" in browser.said()
    browser.open("/apply/visitors-permit")
    browser.send("/apply/visitors-permit")
    assert "can be bought again on 19 November 2027" in browser.said()


def test_how_many_are_left_and_when_more_can_be_bought_is_told(served, sandboxed):
    """HAN-015 to 017."""
    _, browser = a_resident(served, sandboxed, "hampshire")
    browser.open("/apply/visitor-permits")
    browser.send("/apply/visitor-permits", packs="4")
    assert "40 permits (4 sets of 10)" in browser.said()
    browser.send("/apply/visitor-permits/check")
    assert browser.path == "/basket"
    paid(browser)
    assert "You paid £48.00" in browser.said()

    browser.open("/products")
    assert "Your household has bought 40 of 50 permits. 10 left." in browser.said()
    assert "40 more can be bought from 19 November 2027." in browser.said()
    browser.open("/apply/visitor-permits")
    browser.send("/apply/visitor-permits", packs="2")
    assert browser.page.status_code == 422
    assert "40 can be bought again on 19 November 2027" in browser.said()
    for typed in ("0", "x", "99999999", "-1", ""):
        browser.send("/apply/visitor-permits", packs=typed)
        assert "Enter how many sets of 10" in browser.said()


def test_a_stranger_is_asked_to_sign_in_first(served, sandboxed):
    browser = PageClient(sandboxed, served.councils["stevenage"])

    browser.open("/products")

    assert browser.path == "/sign-in"
    assert 'value="/products"' in browser.page.text


@pytest.mark.parametrize(
    ("size", "status", "said"),
    [
        (10_000_001, 422, "The file must be smaller than 10 MB"),
        (30_000_000, 413, "That is too large"),
    ],
)
def test_a_file_that_is_too_large_is_told_so(served, sandboxed, size, status, said):
    _, browser = a_resident(served, sandboxed)
    application = applied(browser)
    browser.open(f"/applications/{application}/proof")

    browser.send(
        f"/applications/{application}/proof",
        document="full_uk_driving_licence",
        files={"file": ("p.jpg", bytes(size), "image/jpeg")},
    )

    assert browser.page.status_code == status
    assert said in browser.said()
