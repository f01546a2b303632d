"""From a stranger to a paid permit, as pages: what is asked, refused, kept and told."""

from datetime import timedelta
from io import BytesIO

import pytest
from litestar.testing import TestClient
from PIL import Image

from commands.decide_application import DecideApplication
from services import proofs
from tests.web.page_client import PageClient
from web.app import create_app

VOUCHERS = "virtual-visitor-vouchers"


@pytest.fixture(scope="session")
def sandboxed(every_test_served):
    """The same councils, served as a sandbox."""
    app = create_app(
        every_test_served.councils,
        messages=every_test_served.outbox,
        sandbox=True,
        secure_cookies=False,
    )
    with TestClient(app) as client:
        yield client


def a_resident(served, sandboxed, council="stevenage"):
    home = served.home(council)
    browser = PageClient(sandboxed, home.council)
    browser.sign_in(home.id, home.resident, served.at)
    return home, browser


def photo(kind="JPEG"):
    written = BytesIO()
    Image.new("RGB", (60, 80), "white").save(written, kind)
    return written.getvalue()


def applied(browser, **changed):
    """Apply for a set of vouchers, up to the page that asks for a proof."""
    browser.open(f"/apply/{VOUCHERS}")
    browser.send(f"/apply/{VOUCHERS}", **changed)
    assert browser.path == f"/apply/{VOUCHERS}/check", browser.said()
    browser.send(f"/apply/{VOUCHERS}/check", confirm="vehicle_limits")
    assert browser.path.endswith("/proof"), browser.said()
    return browser.path.split("/")[2]


def proved(browser, application):
    browser.open(f"/applications/{application}/proof")
    return browser.send(
        f"/applications/{application}/proof",
        document="full_uk_driving_licence",
        files={"file": ("licence.jpg", photo(), "image/jpeg")},
    )


def paid(browser, outcome="authorised"):
    browser.open("/basket")
    browser.send("/basket")
    reference = browser.path.rpartition("/")[2]
    return browser.send(f"/sandbox/payments/{reference}", do=outcome)


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


def test_a_payment_counts_once_however_often_its_return_is_loaded(served, sandboxed):
    """A-002, P15: the provider's reference is credited once."""
    home, browser = a_resident(served, sandboxed)
    proved(browser, applied(browser))
    paid(browser)
    receipt = browser.path
    with home.council.pool.connection() as connection:
        (order,) = connection.execute(
            "select order_id from stevenage.payment_orders where resident_id = %s", (home.resident,)
        ).fetchone()

    for _ in range(3):
        browser.open(f"/payments/{order}/return")
        assert browser.path == receipt

    household = home.council.ledger.household(home.stream)
    assert len(household.payments) == len(household.holdings) == 1


@pytest.mark.parametrize(
    ("outcome", "said"), [("declined", "declined"), ("cancelled", "did not pay")]
)
def test_what_was_not_paid_stays_in_the_basket(served, sandboxed, outcome, said):
    home, browser = a_resident(served, sandboxed)
    proved(browser, applied(browser))

    paid(browser, outcome)

    assert browser.path == "/basket"
    assert said in browser.said()
    assert home.council.ledger.household(home.stream).holdings == {}
    paid(browser)
    assert browser.path.startswith("/receipts/")


def test_whoever_paid_and_never_came_back_has_paid(served, sandboxed):
    home, browser = a_resident(served, sandboxed)
    proved(browser, applied(browser))
    browser.open("/basket")
    browser.send("/basket")
    reference = browser.path.rpartition("/")[2]
    with home.council.pool.connection() as connection:
        connection.execute(
            "update stevenage.sandbox_payments set state = 'authorised' where reference = %s",
            (reference,),
        )

    browser.open("/basket")

    assert "nothing to pay" in browser.said()
    assert home.council.ledger.household(home.stream).units_left(VOUCHERS, served.at) == 20


def test_money_for_what_can_no_longer_be_had_goes_back(served, sandboxed):
    """A flatmate was faster: nothing is kept for what is not given."""
    home, browser = a_resident(served, sandboxed)
    application = applied(browser)
    proved(browser, application)
    browser.open("/basket")
    browser.send("/basket")
    reference = browser.path.rpartition("/")[2]
    cancelled = PageClient(TestClient(sandboxed.app), home.council)
    cancelled.sign_in(home.id, home.resident, served.at)
    cancelled.open(f"/applications/{application}/cancel")
    cancelled.send(f"/applications/{application}/cancel")

    browser.send(f"/sandbox/payments/{reference}", do="authorised")

    assert "Your money goes back to you" in browser.said()
    with home.council.pool.connection() as connection:
        (state,) = connection.execute(
            "select state from stevenage.sandbox_payments where reference = %s", (reference,)
        ).fetchone()
    assert state == "given_back"


def test_several_applications_are_paid_at_once_where_the_scheme_has_a_basket(served, sandboxed):
    """STV-069, A-007."""
    home, browser = a_resident(served, sandboxed)
    proved(browser, applied(browser))
    second = applied(browser)
    browser.open(f"/applications/{second}/proof")
    browser.send(f"/applications/{second}/proof/again")
    assert browser.path == "/basket"
    assert "£20.00" in browser.said()

    browser.send("/basket", application=[])
    assert "Choose what you want to pay for" in browser.said()
    paid(browser)

    assert "You paid £20.00" in browser.said()
    assert home.council.ledger.household(home.stream).units_left(VOUCHERS, served.at) == 40


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


def test_a_flatmates_application_is_not_there(served, sandboxed):
    home, browser = a_resident(served, sandboxed)
    application = applied(browser)
    other = PageClient(sandboxed, home.council)
    stranger = served.home()
    other.sign_in(stranger.id, stranger.resident, served.at)

    for path in ("", "/proof", "/cancel"):
        assert other.open(f"/applications/{application}{path}").status_code == 404
    assert other.open("/receipts/0123456789abcdef0123").status_code == 404


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


def test_the_sandboxs_payment_page_is_nowhere_else(served, sandboxed):
    _, browser = a_resident(served, sandboxed)
    proved(browser, applied(browser))
    browser.open("/basket")
    browser.send("/basket")

    assert served.client.get(browser.page.url.path).status_code == 404
