"""What staff do at the counter, deed by deed: permits, paper, people, exceptions; and decisions."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest
from litestar.testing import TestClient
from PIL import Image

from commands.apply_for_permit import ApplyForPermit
from commands.book_voucher import BookVoucher
from commands.pay_for_applications import PayForApplications
from commands.upload_proof import UploadProof
from ledger.events import AllowanceGranted
from ledger.scheme.loading import built_in
from ledger.store.pool import open_pool
from services import proofs
from services.council import Council
from services.identity.messages import FileOutbox
from services.proof_fitting import fitted
from tests.given import editions_of
from tests.web.conftest import Home, Served
from tests.web.test_counter_pages import Counter, household
from web.app import create_app
from web.pages.counter.acting import DEEDS
from web.pages.looks import look_of

APPROVER = "head_of_city_development_services"


@pytest.fixture(scope="module")
def elsewhere(databases, tmp_path_factory):
    """Councils with paper, grants and overrides, served."""
    folder = Path(tmp_path_factory.mktemp("elsewhere"))
    with (
        databases.clone() as dsn,
        open_pool(dsn, 3, "commands") as pool,
        open_pool(dsn, 2, "checks") as checks,
    ):
        made = Served(dsn, FileOutbox(folder / "outbox.jsonl"), (pool, checks))
        for name in ("norwich-2015", "windsor-maidenhead"):
            council = Council(name, pool, checks, built_in().editions(name), lambda: made.at)
            council.migrate()
            made.councils[name] = council
        made.app = create_app(made.councils, messages=made.outbox, secure_cookies=False)
        with TestClient(made.app) as client:
            made.client = client
            yield made


def bought(home, product, **terms):
    """Applied for, proved, paid, decided: as far as the scheme asks. The holding's id."""
    home_of = home.council.ledger.household
    application = str(home.did(ApplyForPermit(product=product, **terms))["application"])
    found = home_of(home.stream).applications[application]
    if found.state == "awaiting_proof":
        document = home.council.editions.latest.proof.documents[0].type
        for _ in range(home.council.editions.latest.proof.documents_required):
            home.did(UploadProof(application=application, document=document, dated=home.day))
    if home_of(home.stream).applications[application].state == "awaiting_payment":
        home.did(PayForApplications(applications=(application,), result="authorised"))
    return application


def holding_of(home):
    return next(iter(home.council.ledger.household(home.stream).holdings))


@pytest.fixture
def norwich(elsewhere):
    home = Home(elsewhere, elsewhere.councils["norwich-2015"])
    home.day = elsewhere.at.date()
    return Counter(elsewhere, "norwich-2015"), home


@pytest.fixture
def windsor(elsewhere):
    home = Home(elsewhere, elsewhere.councils["windsor-maidenhead"])
    home.day = elsewhere.at.date()
    return Counter(elsewhere, "windsor-maidenhead"), home


@pytest.mark.parametrize("council", ["stevenage", "gravesham", "hampshire"])
def test_every_form_of_every_council_can_be_opened(served, council):
    """Each product's questions, and each deed about what a household has; others are not found."""
    counter, home = Counter(served, council), served.home(council)
    counter.staff()
    for product in counter.council.editions.latest.products:
        assert counter.open(household(home, f"/apply/{product.id}")).status_code == 200
    for deed in DEEDS:
        page = counter.open(household(home, f"/{deed.slug}/{'0' * 20}"))
        assert page.status_code in (200, 404), deed.slug
    assert counter.open(household(home, "/no-such-thing")).status_code == 404
    assert counter.open(household(home, "/register")).status_code == 200
    assert counter.open(f"/staff/households/{UUID(int=1)}").status_code == 404
    assert counter.open("/staff/households/nonsense").status_code == 404


def test_every_form_of_a_council_with_paper_can_be_opened(norwich, windsor):
    for counter, home in (norwich, windsor):
        counter.staff()
        for product in counter.council.editions.latest.products:
            page = counter.open(household(home, f"/apply/{product.id}"))
            assert page.status_code == 200, product.id
        assert counter.open(household(home)).status_code == 200


def test_a_resident_gives_a_permit_up_and_moves_out(served):
    home = served.home()
    served.with_vouchers(home)
    counter = Counter(served)
    counter.staff()
    path = household(home, f"/surrender/{holding_of(home)}")
    assert "No money" in counter.open(path).text
    counter.send(path, channel="post")
    assert "The permit has ended." in counter.said()
    counter.open(path)
    assert "So this cannot be done." in counter.said()

    path = household(home, f"/move-out/{home.resident}")
    counter.open(path)
    counter.send(path, when="day", moved__day="18", moved__month="11", moved__year="2026")
    assert "Choose how you were asked" in counter.said()
    counter.send(path, channel="phone")
    assert "the end of 18 November 2026" in counter.said()
    counter.send(path, sure="yes")
    assert "Nobody is registered here now." in counter.said()


def test_somebody_is_registered_at_the_counter(served):
    home, counter = served.home(), Counter(served)
    counter.staff()
    path = household(home, "/register")
    counter.open(path)
    assert "Enter their name" in counter.send(path, channel="counter").text
    counter.send(path, name="Bea Jones", email="bea@example.org", channel="counter")

    assert "Bea Jones" in counter.said()
    counter.open(household(home, "/apply/virtual-visitor-vouchers"))
    assert "For whom is this done?" in counter.said()
    page = counter.send(household(home, "/apply/virtual-visitor-vouchers"), channel="phone")
    assert page.status_code == 422
    assert "Choose for whom this is done" in counter.said()


def test_a_listed_vehicle_is_added_switched_to_and_taken_off(served):
    counter, home = Counter(served, "gravesham"), served.home("gravesham")
    home.day = served.at.date()
    product = counter.council.editions.latest.products[0].id
    counter.staff()
    application = bought(home, product, vehicles=("AB12CDE",))
    counter.open(household(home, f"/applications/{application}"))
    counter.send(household(home, f"/applications/{application}"), outcome="yes")
    home.did(PayForApplications(applications=(application,), result="authorised"))
    holding = holding_of(home)
    for slug, mark, said in (
        ("add-vehicle", "XY34 ZZZ", "The vehicle is on the permit."),
        ("switch", "XY34ZZZ", "That vehicle is active now."),
        ("remove-vehicle", "AB12CDE", "The vehicle is off the permit."),
    ):
        path = household(home, f"/{slug}/{holding}")
        counter.open(path)
        counter.send(path, mark=mark, channel="phone")
        assert said in counter.said()
    found = counter.council.ledger.household(home.stream).holdings[holding]
    assert [each.shown for each in found.vehicles.values()] == ["XY34ZZZ"]


def test_lost_paper_is_replaced_and_its_number_is_void(windsor):
    """RBW-053: a duplicate is made, and the original is void."""
    counter, home = windsor
    counter.staff()
    application = bought(home, "visitor-permit", quantity=1, slot=1, months=12)
    here = household(home, f"/applications/{application}")
    if "Decide" in counter.open(here).text:
        counter.send(here, outcome="yes")
    holding = holding_of(home)
    lost = counter.council.ledger.household(home.stream).holdings[holding].serials[0]
    counter.open(household(home, "/paper"))
    assert lost in counter.said()

    path = household(home, f"/lost/{holding}")
    assert lost in counter.open(path).text
    counter.send(path, channel="counter")

    assert "New paper is made:" in counter.said()
    counter.open(household(home, "/paper"))
    assert f"{lost} Void First issue" in counter.said()
    assert "Good New paper" in counter.said()
    assert "1 of 2 is good." in counter.said()


def test_an_exception_is_agreed_by_whom_the_scheme_names(norwich):
    """NOR-052 to 055: staff propose, the named approver decides, with a reason."""
    counter, home = norwich
    counter.staff()
    path = household(home, "/grant/day-scratchcard")
    counter.open(path)
    assert counter.send(path, units="5", channel="post").status_code == 422
    counter.open(path)
    counter.send(path, units="5", reason="A funeral.", channel="post")
    assert "A colleague has to confirm this." in counter.said()
    (proposal,) = counter.rows(
        f"select proposal_id from {counter.council.schema}.proposals where household_id = %s",
        home.id,
    )
    path = f"/staff/proposals/{proposal[0]}"
    counter.staff()
    assert "Confirm it" not in counter.open(path).text
    assert counter.send(path, outcome="confirm").status_code == 422
    counter.staff("approver", name=APPROVER)
    counter.open(path)
    assert "A funeral." in counter.said()
    counter.send(path, outcome="confirm")
    assert "It is confirmed and recorded." in counter.said()
    event = list(counter.council.ledger.facts(home.stream))[-1].event
    assert isinstance(event, AllowanceGranted)
    assert (event.units, event.approver) == (5, APPROVER)


def with_proof(served, counter, home):
    """An application with a proof and its file; both ids."""
    application = str(home.did(ApplyForPermit(product=_first(counter)))["application"])
    document = str(
        home.did(
            UploadProof(
                application=application,
                document=counter.council.editions.latest.proof.documents[0].type,
                dated=served.at.date(),
            )
        )["document"]
    )
    written = BytesIO()
    Image.new("RGB", (60, 80), "white").save(written, "PNG")
    with counter.council.pool.connection() as connection:
        file = proofs.keep(
            connection,
            counter.council.schema,
            fitted(written.getvalue(), look_of("gravesham", "").proofs),
            household=home.stream,
            resident=home.resident,
            application=application,
            at=served.at,
            keep_until=served.at.date() + timedelta(days=30),
        )
        proofs.belongs(connection, counter.council.schema, file, document)
    return application, document


def _first(counter):
    return counter.council.editions.latest.products[0].id


def test_a_proof_is_looked_at_on_record_and_judged(served):
    """Staff alone see it, in a page that can do nothing; who looked is kept (STV-060 to 062)."""
    counter, home = Counter(served, "gravesham"), served.home("gravesham")
    application, document = with_proof(served, counter, home)
    name = counter.staff()
    here = household(home, f"/applications/{application}")
    counter.open(here)

    shown = counter.client.get(f"/gravesham{here}/proofs/{document}")

    assert shown.headers["content-type"] in ("image/png", "image/jpeg")
    assert "sandbox" in shown.headers["content-security-policy"]
    assert shown.headers["cache-control"] == "no-store"
    looks = "select l.name from gravesham.proof_looks l join gravesham.proof_files f"
    looks += " using (file_id) where household_id = %s"
    assert counter.rows(looks, home.id) == [(name,)]
    counter.open(here)
    assert counter.send(f"{here}/proofs/{document}", serves="no").status_code == 422
    counter.open(here)
    why = {f"why-{document}": "It is too old."}
    counter.send(f"{here}/proofs/{document}", serves="no", **why)
    assert "Another is needed" in counter.said()
    assert "It is too old." in counter.said()
    counter.sign_in(home.id, home.resident, served.at)
    assert "It is too old." in counter.open(f"/applications/{application}").text
    counter.become(name)
    other = served.home("gravesham")
    elsewhere = household(other, f"/applications/{application}/proofs/{document}")
    assert counter.open(elsewhere).status_code == 404
    counter.staff(own=home.id)
    assert counter.open(f"{here}/proofs/{document}").status_code == 403
    assert counter.rows(looks, home.id) == [(name,)]
    counter.sign_in(home.id, home.resident, served.at)
    assert counter.open(f"{here}/proofs/{document}").status_code == 403


def test_the_queue_counts_working_days_and_what_is_late_comes_first(served):
    counter, home = Counter(served, "gravesham"), served.home("gravesham")
    application, _ = with_proof(served, counter, home)
    counter.staff()
    assert "left" in counter.open("/staff/decisions").text
    served.at += timedelta(days=10)
    counter.staff()
    counter.open("/staff/decisions")
    assert "working days late" in counter.said()
    counter.open("/staff/today")
    assert "of them late" in counter.said()
    here = household(home, f"/applications/{application}")
    counter.open(here)
    counter.send(here, outcome="refuse", reason="Not your address.")
    assert "The application is refused." in counter.said()
    assert "Not your address." in counter.open(here).text


@pytest.fixture
def refunding(served):
    """A scheme that gives money back for what is not used, until the test is over."""
    council = served.councils["stevenage"]
    kept = council.editions
    council.editions = editions_of(
        "stevenage", {"products.virtual-visitor-vouchers.refund.money": True}
    )
    yield served
    council.editions = kept


def test_money_goes_back_once_the_working_is_shown(refunding):
    """Unused units give back their share of what was paid, rounded down (X-053)."""
    home, counter = refunding.home(), Counter(refunding)
    refunding.with_vouchers(home)
    home.did(BookVoucher(vehicles=("AB12CDE",)))
    counter.staff()
    path = household(home, f"/refund/{holding_of(home)}")

    counter.open(path)

    assert "19 of 20 vouchers unused, of £10.00, rounded down to whole pence" in counter.said()
    assert "Goes back £9.50" in counter.said()
    counter.send(path, channel="phone")
    assert "£9.50 goes back." in counter.said()
    assert "£9.50 went back" in counter.said()
