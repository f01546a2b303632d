"""The disputes desk's pages: notices, cases and outages, and who may come to them."""

import re
from datetime import timedelta
from html import unescape

import pytest

from tests.given import editions_of
from tests.web.conftest import NOON
from tests.web.disputes_desk import about, day, desk, hidden, numbers

__all__ = ["desk"]


def test_a_number_is_noted_once(desk):
    number, _ = desk.noted()

    page = desk.post("/notices/new", **about("AA11AAA", pcn=number), contravention="12")

    assert page.status_code == 422
    assert 'href="#pcn"' in page.text
    page = desk.post("/notices/new", mark="", zone="", pcn="", contravention="x")
    for field in ("pcn", "mark", "zone", "at-day", "contravention"):
        assert f'href="#{field}"' in page.text


def test_a_case_shows_its_days_and_the_overdue_come_first(served, desk):
    """56 days from receipt, the first one counted (SI 2022/576 regulation 6)."""
    formal = {"kind": "formal", "sent": "served", **day("served", NOON)}
    number, page = desk.opened(**formal)
    assert "Decide by 13 January 2027 (55 days left)" in page.text
    served.at = NOON + timedelta(days=56)
    desk.role("dispute")
    later, _ = desk.noted("ZZ96ZZZ", served.at)
    sent = {"kind": "informal", "reference": "L-2", **day("received", served.at)}
    desk.post(f"/notices/{later}/case", **sent)

    page = desk.get("/cases").text

    assert "Decide by 13 January 2027 (1 day too late)" in page
    assert "Taken as accepted" in page
    assert page.index(number) < page.index(later)
    overdue = desk.get("/cases?which=overdue").text
    assert number in overdue
    assert later not in overdue
    assert "1 case is overdue" in desk.get().text or "cases are overdue" in desk.get().text


def test_a_case_is_decided_appealed_and_found(desk):
    number, page = desk.opened(kind="formal", sent="served", **day("served", NOON))
    case = re.search(r"/cases/([^/]+)/decide", page.text)[1]
    path = f"/notices/{number}/cases/{case}"
    refused = desk.post(f"{path}/decide", outcome="rejected", reason="")
    assert 'href="#reason"' in refused.text

    page = desk.follow(desk.post(f"{path}/decide", outcome="rejected", reason="no permit"))
    assert "Appeal possible until 16 December 2026 (27 days left)" in page.text
    page = desk.follow(desk.post(f"{path}/appeal", reference="TPT-1", **day("on", NOON)))
    assert "It came in time" in page.text
    page = desk.follow(desk.post(f"{path}/appeal-decision", outcome="allowed", **day("on", NOON)))

    assert "The adjudicator allowed the appeal" in page.text
    assert "Appeal allowed" in page.text


def test_a_case_is_closed_and_a_notice_withdrawn_with_reasons(desk):
    number, page = desk.opened()
    case = re.search(r"/cases/([^/]+)/close", page.text)[1]
    page = desk.follow(desk.post(f"/notices/{number}/cases/{case}/close", reason="paid"))
    assert "The charge was paid" in page.text

    none = desk.post(f"/notices/{number}/withdraw", reason_code="goodwill", reason="")
    assert none.status_code == 422
    sent = {"reason_code": "goodwill", "reason": "a kindness"}
    page = desk.follow(desk.post(f"/notices/{number}/withdraw", **sent))

    assert "This notice was withdrawn on" in page.text
    assert "Goodwill" in page.text


def test_an_outage_is_declared_and_ended_and_tells_its_notices_as_csv(served, desk):
    """E16: which notices were issued while bookings were failing?"""
    served.at = NOON + timedelta(days=199)  # the register is one, and its time goes on
    desk.role("dispute")
    begin = served.at - timedelta(minutes=30)
    number, _ = desk.noted("ZZ95ZZZ", served.at - timedelta(minutes=5))
    sent = {"services": ["bookings", "texts"], "found_how": "reported", "reason": "=none arrive"}
    when = {**day("begin", begin), "begin-time": f"{begin:%H:%M}"}
    page = desk.follow(desk.post("/outages/new", **sent, **when))
    assert "Bookings and text messages in failed" in page.text
    assert number in page.text
    outage = re.search(r"/outages/([^/\"]+)/end", page.text)[1]
    early = {**day("end", begin), "end-time": f"{begin:%H:%M}", "why": "x"}
    refused = desk.post(f"/outages/{outage}/end", **early)
    assert 'href="#end-time"' in refused.text

    end = served.at - timedelta(minutes=10)
    over = {**day("end", end), "end-time": f"{end:%H:%M}", "why": "they arrive"}
    page = desk.follow(desk.post(f"/outages/{outage}/end", **over))

    assert number in page.text
    assert number not in desk.get(f"/outages/{outage}?margin=0").text
    sheet = desk.get(f"/outages/{outage}/notices.csv?margin=60")
    assert sheet.headers["content-type"].startswith("text/csv")
    assert sheet.text.splitlines()[1].startswith(f"{number},ZZ95ZZZ,OT,")
    page = desk.follow(desk.post(f"/outages/{outage}/withdraw", why="a drill"))
    assert outage not in page.text


def test_the_list_of_notices_is_asked_by_day_and_by_what_speaks_against(desk):
    number, _ = desk.noted()

    assert desk.get(f"/notices?pcn={number.lower()}").headers["location"].endswith(number)
    first = (
        "since-day=19&since-month=11&since-year=2026&until-day=19&until-month=11&until-year=2026"
    )
    assert desk.get(f"/notices?{first}").status_code == 200
    wrong = desk.get("/notices?since-day=31&since-month=2&since-year=2026")
    assert wrong.status_code == 422
    assert "The first day must be a real date" in wrong.text
    assert number not in desk.get(f"/notices?contradicted=1&after={number[:-1]}").text


def test_auditors_read_and_do_nothing(served, desk):
    number, _ = desk.opened()
    desk.role("auditor")

    page = desk.get(f"/notices/{number}")

    assert page.status_code == 200
    for link in ("/decide", "/withdraw", "/case", "/close"):
        assert f'{link}"' not in page.text
    for path in ("/notices/new", "/outages/new", f"/notices/{number}/withdraw"):
        assert desk.get(path).status_code == 403
    for path in ("", "/notices", "/cases", "/outages", f"/notices/{number}/answer"):
        assert desk.get(path).status_code == 200


def test_nobody_else_comes_to_the_desk(served, desk):
    number, _ = desk.noted()
    home = served.home()
    desk.role("resident", household_id=home.id, resident_id=home.resident)
    for path in ("", "/notices", f"/notices/{number}", f"/notices/{number}/answer", "/cases"):
        assert desk.get(path).status_code == 403
    desk.role("officer")
    assert desk.get().status_code == 403
    served.client.cookies.clear()
    assert desk.get().headers["location"] == "/stevenage/staff/sign-in?to=/disputes"


def test_what_is_not_there_is_not_found(desk):
    for path in (
        "/notices/NOSUCH1",
        "/notices/NOSUCH1/answer",
        "/notices/%00",
        "/outages/nothing",
        "/outages/%00",
    ):
        assert desk.get(path).status_code == 404
    number, _ = desk.noted()
    assert desk.get(f"/notices/{number}/cases/nothing/decide").status_code == 404


def test_a_form_that_no_page_made_is_turned_away(desk):
    number, _ = desk.opened()
    fields = hidden(desk.get(f"/notices/{number}/answer"))
    for name, text, status in (
        ("at", "yesterday", 400),
        ("at", "2026-11-19T12:00:00", 400),
        ("at", "0001-01-01T00:00:00+00:00", 400),
        ("as_of", "8000-01-01T00:00:00+00:00", 422),
        ("known_at", "2026-11-19T12:00:01+00:00", 422),
        ("mark", "!!", 422),
        ("zone", "XX", 422),
    ):
        assert desk.post("/pack", **{**fields, name: text}).status_code == status, (name, text)


def test_a_receipt_of_any_length_is_no_fault(desk):
    sent = about("ZZ94ZZZ", pcn=f"PG{next(numbers):06d}", contravention="12")

    page = desk.post("/notices/new", **sent, receipt="9" * 4_900)

    assert page.status_code == 422
    assert 'href="#receipt"' in page.text


def test_an_appeal_that_did_not_come_is_not_the_council_s_delay(served, desk):
    """28 days from the rejection; later the adjudicator may allow it still (regulation 7)."""
    number, page = desk.opened(kind="formal", sent="served", **day("served", NOON))
    case = re.search(r"/cases/([^/]+)/decide", page.text)[1]
    desk.post(f"/notices/{number}/cases/{case}/decide", outcome="rejected", reason="no permit")
    served.at = NOON + timedelta(days=30)
    desk.role("dispute")

    page = desk.get(f"/notices/{number}")

    assert "Appeal was possible until 16 December 2026 (3 days ago)" in page.text
    assert "Overdue" not in page.text


@pytest.fixture
def in_wales(served):
    """The same council as if it were in Wales, until the test is over."""
    council = served.councils["stevenage"]
    kept = council.editions
    council.editions = editions_of("stevenage", {"country": "wales"})
    yield
    council.editions = kept


def test_where_another_countrys_law_holds_the_desk_says_so_and_counts_no_days(desk, in_wales):
    """SI 2022/576 is the law of England: no clock is invented for others."""
    number, _ = desk.noted()

    page = unescape(desk.get(f"/notices/{number}/case").text)
    assert "This council is in Wales" in page
    assert 'value="formal"' not in page
    assert "28 days" not in unescape(desk.get("/cases").text)
    assert "This council is in Wales" in desk.get("/cases").text
    sent = {"kind": "formal", "reference": "REP-1", "sent": "served"}
    refused = desk.post(
        f"/notices/{number}/case", **sent, **day("received", NOON), **day("served", NOON)
    )
    assert refused.status_code == 422
    assert "this council is in Wales" in unescape(refused.text)
    informal = {**sent, "kind": "informal", "sent": ""}
    opened = desk.post(f"/notices/{number}/case", **informal, **day("received", NOON))
    assert "The case is open." in desk.follow(opened).text
