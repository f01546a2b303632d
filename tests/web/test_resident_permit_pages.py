"""A resident's pages of what they have: vehicles, visitors, limits, history, what is held."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from commands.book_voucher import BookVoucher
from tests.given import editions_of
from tests.web.residing import Residing, booked_later


@pytest.fixture
def living(served):
    """A resident with twenty vouchers."""
    home = served.home()
    served.with_vouchers(home)
    return Residing(served, home)


def test_visitors_are_saved_changed_and_put_on_top(living):
    """STV-122 to 126."""
    assert "Enter a name" in living.send("/visitors", mark="AB12CDE").text
    living.send("/visitors", mark="AB12CDE", name="Ann")
    page = living.send("/visitors", mark="CD34EFG", name="Bo", preferred="yes")
    assert page.text.index("CD34EFG") < page.text.index("AB12CDE")

    path = re.search(r'href="/stevenage(/visitors/\w+)">Change<span[^>]*> Ann', page.text)[1]
    assert "not listed" not in living.get(path).text
    done = living.send(path, mark="AB12CDF", name="Anne")
    assert "AB12CDF" in done.text
    assert living.get("/visitors/none").status_code == 404


@pytest.fixture
def switching(served):
    """A resident of Gravesham with a visitors' permit and two vehicles on it."""
    home = served.home("gravesham")
    staff = served.token("staff", "gravesham")
    applied = served.command(
        home, "apply_for_permit", {"product": "visitors-permit", "vehicles": ["AA11AAA"]}
    ).json()["values"]
    application = applied["application"]
    proof = home.council.editions.latest.proof.documents[0].type
    for name, body, token in (
        (
            "upload_proof",
            {"application": application, "document": proof, "dated": "2026-11-19"},
            "",
        ),
        ("decide_application", {"application": application, "outcome": "offer"}, staff),
        ("pay_for_applications", {"applications": [application], "result": "authorised"}, staff),
        ("add_vehicle", {"vehicle": "BB22BBB"}, ""),
    ):
        answer = served.command(home, name, body, token)
        assert answer.status_code == 200, answer.text
    return Residing(served, home)


def test_one_tap_switches_and_an_officer_sees_it_at_once(served, switching):
    """GRV-033 to 036: the switch holds from its own instant."""
    page = switching.get("")
    holding = re.search(r'name="holding" value="(\w+)"', page.text)[1]
    officer = served.token("officer", "gravesham")

    def covered(mark):
        return served.post(
            "gravesham/enforcement/checks",
            {"mark": mark, "zone": switching.home.council.editions.latest.zones[0].id},
            officer,
        ).json()["covered"]

    assert covered("AA11AAA")
    served.at += timedelta(seconds=1)
    done = switching.send("/vehicles/switch", holding=holding, vehicle="BB22BBB")

    assert "BB22BBB is the active vehicle now" in done.text
    assert covered("BB22BBB")
    assert not covered("AA11AAA")


def test_vehicles_are_listed_and_taken_off(switching):
    """GRV-030 to 032."""
    holding = re.search(r'name="holding" value="(\w+)"', switching.get("").text)[1]

    assert "CC33CCC" in switching.send("/vehicles/add", holding=holding, mark="CC33CCC").text
    twice = switching.send("/vehicles/add", holding=holding, mark="cc33 ccc")
    assert twice.status_code == 422
    assert "This vehicle is on the list" in twice.text
    assert 'value="cc33 ccc"' in twice.text
    gone = switching.send("/vehicles/remove", holding=holding, vehicle="CC33CCC")
    assert "CC33CCC is off the list" in gone.text
    other = switching.send("/vehicles/switch", holding="nothing", vehicle="AA11AAA")
    assert other.status_code == 404


def test_history_tells_sentences_and_can_be_narrowed(living):
    booked_later(living)

    whole = living.get("/history").text
    assert "Booked AB12CDE" in whole
    assert "before 20" in whole
    assert "£10.00 was paid" in whole
    only = living.get("/history?kind=vehicles").text
    assert "Nothing is recorded of that." in only
    day = "since-day=20&since-month=11&since-year=2026"
    assert "Nothing is recorded of that." in living.get(f"/history?{day}").text
    wrong = living.get("/history?since-day=99&since-month=11&since-year=2026")
    assert "There is a problem" in wrong.text


def test_everything_held_can_be_downloaded(living):
    """UK GDPR article 15."""
    booked_later(living, "AB12CDE")

    told = living.get("/download/json")
    sheet = living.get("/download/csv")

    assert told.json()["resident"]["email"] == living.home.email
    assert "attachment" in told.headers["content-disposition"]
    assert "AB12CDE" in sheet.text
    assert sheet.headers["content-type"].startswith("text/csv")


def test_a_mobile_is_linked_and_one_that_cannot_be_is_told(living):
    assert "can be texted" in living.send("/details", mobile="12").text
    done = living.send("/details", mobile=f"0770091{living.home.number:04d}")

    assert "Your mobile number is linked." in done.text


def test_what_does_not_give_money_back_says_so(living):
    holding = living.home.council.ledger.household(living.home.stream).holdings
    page = living.get(f"/give-back/{next(iter(holding))}")

    assert "Nothing comes back: the charge is not refundable." in page.text
    assert living.get("/give-back/none").status_code == 404


@pytest.fixture
def terms(served):
    """Replaces values of the scheme of a council, until the test is over."""
    kept = {name: council.editions for name, council in served.councils.items()}

    def replaced(council, values):
        served.councils[council].editions = editions_of(council, values)

    yield replaced
    for name, editions in kept.items():
        served.councils[name].editions = editions


def test_what_comes_back_is_worked_out_before_it_is_given_back(terms, living):
    """X-053: unused units give back their share of what was paid, rounded down."""
    terms("stevenage", {"products.virtual-visitor-vouchers.refund.money": True})
    for mark in ("AB12CDE", "CD34EFG", "EF56GHJ"):
        living.does(BookVoucher(vehicles=(mark,)))
    path = re.search(r'href="/stevenage(/give-back/\w+)"', living.get("").text)[1]

    asked = living.get(path)
    assert "£10.00 x 17 unused of 20 vouchers = £8.50" in asked.text
    done = living.send(path)
    assert "£8.50 goes back to you." in done.text
    again = living.send(path)
    assert again.status_code == 422
    assert "It is over already" in again.text


def test_visits_come_a_page_at_a_time(terms, living):
    """X-011: so many to a page as the scheme says."""
    terms("stevenage", {"view.page_size": 2})
    for mark in ("AB12CDE", "CD34EFG", "EF56GHJ"):
        living.does(BookVoucher(vehicles=(mark,)))

    first, last = living.get("/visits"), living.get("/visits?page=2&months=3")

    assert (first.text.count('class="entry"'), last.text.count('class="entry"')) == (2, 1)
    assert "Page 2 of 2" in last.text
    assert "page=2" in first.text
    assert "Page 2 of 2" in living.get("/visits?page=99999").text
    assert "Page 1 of 2" in living.get("/visits?page=x").text


def test_a_permit_with_a_list_is_not_booked_on(switching):
    assert "so there is nothing to book" in switching.get("/book").text


def test_pages_of_a_household_are_for_those_who_live_there(served):
    at = served.client.get("/stevenage/visits", follow_redirects=False)

    assert at.status_code == 303
    assert at.headers["location"].startswith("/stevenage/sign-in")


def test_the_rolling_year_tells_when_more_can_be_bought(served):
    """HAN-015 to 017: fifty in twelve months, and each counts for a year."""
    home = served.home("hampshire")
    staff = served.token("staff", "hampshire")
    for n in range(2):
        served.at = datetime(2026, 11, 19 + n, 12, tzinfo=UTC)
        applied = served.command(home, "apply_for_permit", {"product": "visitor-permits"})
        application = applied.json()["values"]["application"]
        paid = {"applications": [application], "result": "authorised"}
        served.command(home, "pay_for_applications", paid, staff)
    page = Residing(served, home).get("/allowance")

    assert "30 permits left to buy now" in page.text
    assert "10 permits more from <strong>19 November 2027</strong>" in page.text
    assert "<title id=" in page.text
    assert page.text.count("picture__bar") == 2
    assert "Stops counting on" in page.text
