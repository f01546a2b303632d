"""A resident's pages of living with a permit: home, visits, vehicles, visitors, paper, limits."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from commands.handling import Sender
from commands.record_vehicle_facts import RecordVehicleFacts
from commands.save_visitor import SaveVisitor
from ledger.events import Actor
from tests.web.residing import Residing, booked_later, flatmate
from web.pages.rendering import span_words


@pytest.fixture
def living(served):
    """A resident with twenty vouchers."""
    home = served.home()
    served.with_vouchers(home)
    return Residing(served, home)


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
    [
        ("AB12", 1),
        ("ab 12", 1),
        ("21/11/2026", 2),
        ("2026-11", 2),
        ("21 november", 2),
        ("21 Nov 2026", 2),
        ("%", 0),
        ("ot", 2),
        ("old town", 2),
        ("zz", 0),
    ],
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
