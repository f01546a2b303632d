"""A resident's pages of living with a permit: home, visits, vehicles, visitors, paper, limits."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from commands.book_voucher import BookVoucher
from commands.enrol_resident import EnrolResident
from commands.handling import Sender
from commands.record_vehicle_facts import RecordVehicleFacts
from commands.save_visitor import SaveVisitor
from ledger.events import Actor
from services.identity import sessions
from tests.given import editions_of
from web.pages.rendering import span_words


class Residing:
    """A resident signed in on the pages of their council."""

    def __init__(self, served, home):
        self.served, self.home = served, home
        with home.council.pool.connection() as connection:
            secret = sessions.begin_session(
                connection,
                home.council.schema,
                role="resident",
                name="r",
                at=served.at,
                household_id=home.id,
                resident_id=home.resident,
            )
        served.client.cookies.set(home.council.id, secret)
        self.count = 0

    def get(self, path):
        return self.served.client.get(f"/{self.home.council.id}{path}")

    def send(self, path, **fields):
        """Post a form as the page gave it; where it leads is followed."""
        self.count += 1
        proof = re.search(r'name="proof" value="([0-9a-f]+)"', self.get("").text)[1]
        sent = {
            "proof": proof,
            "key": f"form-{self.home.number:06}-{self.count:06}{path}",
            **fields,
        }
        return self.served.client.post(f"/{self.home.council.id}{path}", data=sent)

    def does(self, command):
        self.count += 1
        by = Actor("resident", self.home.resident)
        sender = Sender(by=by, key=f"does/{self.home.number}/{self.count}")
        return self.home.council.handle(self.home.stream, command, sender).values


@pytest.fixture
def living(served):
    """A resident with twenty vouchers."""
    home = served.home()
    served.with_vouchers(home)
    return Residing(served, home)


def flatmate(served, home):
    """Another resident of the same home, with a saved visitor and a visit of their own."""
    enrolled = home.did(EnrolResident(name="Flatmate", email=f"mate-{home.number}@example.org"))
    by = Actor("resident", str(enrolled["resident"]))
    for n, command in enumerate(
        (SaveVisitor(vehicle="FL47ABC", name="Secret"), BookVoucher(vehicles=("FL47ABC",)))
    ):
        sender = Sender(by=by, key=f"mate/{home.number}/{n}")
        booked = home.council.handle(home.stream, command, sender).values
    return booked["bookings"][0]


def test_home_shows_what_is_left_and_what_waits(living):
    """STV-078, STV-112: units left by lot, and what is next."""
    page = living.get("")

    assert page.status_code == 200
    assert "20 vouchers left" in page.text
    assert "use by the end of 30 November 2027" in page.text
    assert 'href="/stevenage/book"' in page.text


def test_one_tap_books_a_saved_visitor_from_now(living):
    """STV-081, STV-103: the preferred visitor is on top, and one tap books."""
    living.does(SaveVisitor(vehicle="AB12CDE", name="Ann"))
    living.does(SaveVisitor(vehicle="G865WFE", name="Mum", preferred=True))
    page = living.get("/book")
    names = re.findall(r'taps__name">.*?</span>(\w+)', page.text)
    first = re.search(r'name="id" value="(\w+)"', page.text)[1]

    done = living.send("/book/now", id=first)

    assert names == ["Mum", "Ann"]
    assert "Booked: G865WFE, until the end of 19 November 2026. 19 vouchers left." in done.text
    assert "Covered" in done.text
    assert re.search(r"What an officer sees now", done.text)


def test_what_is_typed_is_checked_before_a_unit_is_spent(living):
    """STV-079 to 104: cost and end are shown first, for several vehicles, now or later."""
    living.send(
        "/book",
        mark1="ab12 cde",
        mark2="CD34EFG",
        when="later",
        **{"start-day": "20", "start-month": "11", "start-year": "2026", "time": "2:30pm"},
    )
    check = living.get("/book/check")

    assert "2 vouchers" in check.text
    assert "20 November 2026 at 2:30pm" in check.text
    assert "the end of 20 November 2026" in check.text
    assert "18 vouchers left" in check.text
    assert "20 vouchers left" in living.get("").text
    hidden = dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)">', check.text))
    done = living.send("/book/check", **{k: v for k, v in hidden.items() if k not in _OURS})
    assert "Booked: AB12CDE and CD34EFG" in done.text
    assert done.text.count('class="entry"') == 2
    assert "18 vouchers left" in living.get("").text


_OURS = ("proof", "key")


def test_a_mark_one_slip_away_is_asked_about_first(living):
    """X-001: did you mean G865WFE?"""
    living.does(SaveVisitor(vehicle="G865WFE", name="Mum"))
    living.send("/book", mark1="G885WFE", when="now")
    check = living.get("/book/check")
    assert "Did you mean G865WFE?" in check.text

    unsaid = living.send("/book/check", mark1="G885WFE", when="now")
    assert unsaid.status_code == 422
    assert "Choose which is right: G885WFE or G865WFE" in unsaid.text
    assert "20 vouchers left" in living.get("").text

    done = living.send("/book/check", mark1="G885WFE", when="now", meant1="G865WFE")
    assert "Booked: G865WFE" in done.text


def test_a_flatmates_visitor_is_never_hinted_at(served, living):
    """OWASP ASVS 8.2.2: neither their marks nor their visits are another's to read."""
    theirs = flatmate(served, living.home)

    living.send("/book", mark1="FL47ABD", when="now")
    check = living.get("/book/check")

    assert check.status_code == 200
    for page in (check, living.get(""), living.get("/visits"), living.get("/history")):
        assert "FL47ABC" not in page.text
        assert "Secret" not in page.text
    assert living.get(f"/visits/{theirs}").status_code == 404
    assert living.send(f"/visits/{theirs}/cancel").status_code == 404
    assert "FL47ABC" not in living.get("/download/json").text


def test_a_vehicle_over_a_limit_is_told_before_it_is_booked(served, living):
    """X-020: what is known of the vehicle earns a word, never a refusal."""
    council = living.home.council
    council.handle(
        council.ledger.vehicle_id("XY12ZZZ"),
        RecordVehicleFacts(vehicle="XY12ZZZ", max_authorised_mass_kg=9_000),
        Sender(by=Actor("staff", "clerk"), key=f"facts/{living.home.number}"),
    )
    living.send("/book", mark1="XY12ZZZ", when="now")

    assert "has no cover under this scheme" in living.get("/book/check").text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Enter the registration number of the vehicle"),
        ({"mark1": "!"}, "2 to 12 letters and digits"),
        ({"mark1": "AB12CDE", "when": "later"}, "The day of the visit must include"),
        ({"mark1": "AB12CDE", "when": "now", "time": "2pm"}, "Choose Later for the day or time"),
        (
            {
                "mark1": "AB12CDE",
                "when": "later",
                "start-day": "18",
                "start-month": "11",
                "start-year": "2026",
            },
            "A visit cannot begin in the past",
        ),
        (
            {
                "mark1": "AB12CDE",
                "when": "later",
                "start-day": "20",
                "start-month": "11",
                "start-year": "2026",
                "time": "25:99",
            },
            "Enter a time such as 2:30pm or 14:30",
        ),
    ],
)
def test_what_is_wrong_with_a_visit_is_said_and_what_was_typed_is_kept(living, fields, said):
    page = living.send("/book", **fields)

    assert page.status_code == 422
    assert said in page.text
    if "mark1" in fields:
        assert f'value="{fields["mark1"]}"' in page.text


def test_nothing_is_booked_without_units(served):
    resident = Residing(served, served.home())

    assert "You have nothing left to book on." in resident.get("/book").text
    refused = resident.send("/book", mark1="AB12CDE", when="now")
    assert refused.status_code == 422
    assert "There is nothing left to book on" in refused.text
    assert resident.get("/book/check").url.path == "/stevenage/book"


def booked_later(living, mark="AB12CDE"):
    return living.does(BookVoucher(vehicles=(mark,), start="2026-11-21 10:00"))["bookings"][0]


def test_a_visit_is_changed_and_cancelled_and_the_unit_comes_back(living):
    """STV-107 to 110, STV-090."""
    booking = booked_later(living)
    shown = living.get(f"/visits/{booking}")
    assert "Not covered" in shown.text

    changed = living.send(f"/visits/{booking}/change", mark="CD34 EFG")
    assert "the visit is now for CD34EFG" in changed.text

    asked = living.get(f"/visits/{booking}/cancel")
    assert "1 voucher comes back to you." in asked.text
    cancelled = living.send(f"/visits/{booking}/cancel")
    assert "1 voucher came back to you: 20 vouchers left." in cancelled.text
    again = living.send(f"/visits/{booking}/cancel")
    assert again.status_code == 422
    assert "The booking is cancelled" in again.text


def test_a_changed_mark_one_slip_away_is_asked_about(living):
    living.does(SaveVisitor(vehicle="G865WFE", name="Mum"))
    booking = booked_later(living)

    asked = living.send(f"/visits/{booking}/change", mark="G885WFE")
    assert asked.status_code == 422
    assert "Did you mean G865WFE?" in asked.text
    done = living.send(f"/visits/{booking}/change", mark="G885WFE", meant="G885WFE")
    assert "the visit is now for G885WFE" in done.text


def test_a_visit_that_has_begun_stays_as_it_is(served, living):
    """STV-107, X-005: nothing can be changed from the instant of the start."""
    booking = booked_later(living)
    served.at += timedelta(days=3)
    living = Residing(served, living.home)

    refused = living.send(f"/visits/{booking}/cancel")

    assert refused.status_code == 422
    assert "The visit has begun" in refused.text


@pytest.mark.parametrize(
    ("search", "found"),
    [("AB12", 1), ("ab 12", 1), ("21/11/2026", 2), ("2026-11", 2), ("%", 0), ("ot", 2), ("zz", 0)],
)
def test_the_list_finds_what_the_list_over_http_finds(served, living, search, found):
    """STV-114 to 121; X-011."""
    booked_later(living, "AB12CDE")
    booked_later(living, "CD34EFG")
    served.follow(living.home, 2)
    path = f"stevenage/households/{living.home.id}/sessions"

    page = living.served.client.get("/stevenage/visits", params={"search": search})
    over_http = served.client.get(
        f"/api/v1/{path}",
        params={"search": search},
        headers={"authorization": f"Bearer {living.home.token}"},
    ).json()

    assert page.text.count('class="entry"') == over_http["total"] == found


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


@pytest.mark.parametrize(
    ("begins", "ends", "said"),
    [
        ("2026-11-19T00:00", "2026-11-20T00:00", "Thursday 19 November 2026, all day"),
        (
            "2026-11-19T14:05:37",
            "2026-11-20T00:00",
            "Thursday 19 November 2026, 2:05pm to midnight",
        ),
        ("2026-11-19T14:05", "2026-11-19T18:00", "Thursday 19 November 2026, 2:05pm to 6pm"),
        (
            "2026-07-18T23:00",
            "2026-07-20T09:00",
            "Sunday 19 July 2026 at midnight, to 20 July 2026 at 10am",
        ),
    ],
)
def test_when_a_visit_is_reads_as_people_say_it(begins, ends, said):
    """To the minute, in local time; an end at midnight is the end of the day."""
    first, last = (datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (begins, ends))

    assert span_words(first, last, ZoneInfo("Europe/London")) == said
