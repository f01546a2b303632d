"""The disputes desk as pages: a question on both clocks, the pack, notices, cases and outages."""

import json
import re
from datetime import timedelta
from hashlib import sha256
from html import unescape
from itertools import count

import pytest

from commands.add_vehicle import AddVehicle
from commands.switch_vehicle import SwitchVehicle
from ledger.events import EvidenceMade
from replay.evidence.citing import household_facts
from services.identity import sessions, staff
from tests.replay.disputes import checked
from tests.replay.town import Town
from tests.web.conftest import NOON

_numbers = count(1)


@pytest.fixture
def desk(served):
    """A browser of the disputes desk; `role` signs another one in."""
    browser = Browser(served)
    browser.role("dispute")
    return browser


class Browser:
    def __init__(self, served, council="stevenage"):
        self.served = served
        self.council = served.councils[council]
        self.root = f"/{council}/disputes"

    def role(self, role, **who):
        self.served.client.cookies.clear()
        self.name = f"{role}-{next(_numbers)}"
        at = self.served.at
        with self.council.pool.connection() as connection:
            if role != "resident":
                staff.add(connection, self.council.id, name=self.name, role=role, at=at)
            secret = sessions.begin_session(
                connection, self.council.id, role=role, name=self.name, at=at, **who
            )
        self.served.client.cookies.set(self.council.id, secret)

    def get(self, path=""):
        return self.served.client.get(f"{self.root}{path}", follow_redirects=False)

    def post(self, path, **fields):
        """Send the form of a page, as it stands there but for what is filled in."""
        page = self.get("" if path == "/pack" else path)
        proof = re.search(r'name="proof" value="(\w+)"', page.text)[1]
        key = f"page-key-of-tests-{next(_numbers)}"
        sent = {name.replace("_x_", "-"): text for name, text in fields.items()}
        return self.served.client.post(
            f"{self.root}{path}", data={"proof": proof, "key": key, **sent}, follow_redirects=False
        )

    def follow(self, answer):
        assert answer.status_code == 303, unescape(answer.text)
        return self.served.client.get(answer.headers["location"])

    def noted(self, mark="ZZ99ZZZ", at=NOON):
        number = f"PG{next(_numbers):06d}"
        answer = self.post("/notices/new", **about(mark, at, pcn=number), contravention="12")
        return number, self.follow(answer)

    def opened(self, **changed):
        number, _ = self.noted()
        sent = {"kind": "informal", "reference": "LETTER-1", **day("received", NOON)}
        return number, self.follow(self.post(f"/notices/{number}/case", **{**sent, **changed}))


def day(name, at):
    return {f"{name}-day": at.day, f"{name}-month": at.month, f"{name}-year": at.year}


def about(mark, at=NOON, **more):
    """The fields of a question; the time is local, and in November that is UTC."""
    return {"mark": mark, "zone": "OT", **day("at", at), "at-time": f"{at:%H:%M:%S}", **more}


def hidden(page):
    """The fields of the form that makes a pack."""
    form = page.text[page.text.index('action="/stevenage/disputes/pack"') :]
    named = re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', form)
    return {name: unescape(value) for name, value in named if name not in ("proof", "key")}


def digest_on(page):
    return re.search(r"Digest of the data.*?\b([0-9a-f]{64})\b", page.text, re.DOTALL)[1]


def test_both_clocks_what_was_shown_and_what_speaks_against_are_on_one_page(served, desk):
    home = served.home()
    served.with_vouchers(home)
    mark = f"PGA{home.number}"
    served.command(home, "book_voucher", {"vehicles": [mark]})
    served.post(
        "stevenage/enforcement/checks", {"mark": mark, "zone": "OT"}, served.token("officer")
    )
    number, page = desk.noted(mark)
    assert "This speaks against the notice" in page.text

    page = desk.post("", **about(mark, pcn=number))

    assert page.status_code == 200
    text = unescape(re.sub(r"<[^>]+>", " ", page.text))
    for said in ("As known then", "As known now", "This speaks against the notice", "✓ Covered"):
        assert said in text
    assert page.text.count("clocks__one--yes") == 2
    assert 'role="img" aria-labelledby="timeline-1-title timeline-1-words"' in page.text
    assert "[E" in text
    assert mark not in str(page.url)


def test_cover_that_was_recorded_later_differs_on_the_two_clocks(served, desk):
    """What became known later changes what is known now, never what was known then (P8)."""
    home = served.home()
    served.with_vouchers(home)
    served.at = NOON + timedelta(minutes=1)
    mark = f"PGB{home.number}"
    served.command(home, "book_voucher", {"vehicles": [mark]})

    page = desk.post("", **about(mark, NOON + timedelta(minutes=1)))
    assert page.text.count("clocks__one--yes") == 2
    page = desk.post("", **about(mark))

    assert page.text.count("clocks__one--no") == 2
    assert "Cover for this mark was recorded at" in page.text


def test_the_pack_is_the_same_bytes_each_time_and_has_the_digest_of_the_page(served, desk):
    number, _ = desk.opened()
    page = desk.get(f"/notices/{number}/answer")
    fields = hidden(page)
    served.at = NOON + timedelta(minutes=10)

    twin = desk.post("/pack", **fields, **{"as": "json"})
    again = desk.post("/pack", **fields, **{"as": "json"})
    document = desk.post("/pack", **fields, **{"as": "pdf"})

    assert twin.content == again.content
    assert sha256(twin.content).hexdigest() == digest_on(page)
    assert json.loads(twin.content)["question"]["pcn"] == number
    assert document.headers["content-type"] == "application/pdf"
    assert document.content.startswith(b"%PDF-")
    assert "ZZ99ZZZ" not in document.headers["content-disposition"]


def test_who_looked_and_who_made_a_pack_is_kept(served, desk):
    """A look-up leaves its looker, and a case the digest of its pack (promises section 4; E2)."""
    number, _ = desk.opened()
    desk.role("auditor")
    page = desk.get(f"/notices/{number}/answer")
    digest = digest_on(page)
    assert desk.post("/pack", **hidden(page), **{"as": "json"}).status_code == 200

    with desk.council.pool.connection() as connection:
        kinds = connection.execute(
            "select kind from stevenage.people_looked_up where name = %s", (desk.name,)
        ).fetchall()
        stream = str(desk.council.ledger.notice_id(number))
        facts = [each.fact.event for each in household_facts(connection, "stevenage", stream, NOON)]
    assert sorted(kinds) == [("disputed mark",), ("evidence pack",)]
    assert [each.digest for each in facts if isinstance(each, EvidenceMade)] == [digest]


def test_a_question_that_is_not_whole_keeps_what_was_typed(desk):
    page = desk.post("", mark="AB12CDE", zone="", **day("at", NOON), **{"at-time": "quarter past"})

    assert page.status_code == 422
    assert 'href="#at-time"' in page.text
    assert 'value="AB12CDE"' in page.text
    assert "like 14:05" in page.text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"mark": ""}, "Enter a registration number"),
        ({"mark": "!!"}, 'href="#mark"'),
        ({"at-month": "13"}, "must be a real date"),
        ({"at-time": "24:00"}, "like 14:05"),
        ({"at-time": "14"}, "like 14:05"),
        ({"at-year": "2027"}, "lies in the future"),
        ({"at-year": "1950"}, "No terms of this council are known"),
        ({"zone": ""}, "Choose the place"),
        ({"zone": "XX"}, "Choose the place"),
        ({"pcn": "#"}, "4 to 20 letters and digits"),
        ({"mark": "", "pcn": "NOSUCH99"}, "No notice of that number"),
    ],
)
def test_what_cannot_be_asked_is_told_in_words(desk, changed, said):
    page = desk.post("", **{**about("ZZ98ZZZ"), **changed})

    assert page.status_code == 422
    assert said in unescape(page.text)


@pytest.mark.parametrize("typed", ["12:00", "12.00", "12pm", "12:00:00", "12:00 PM"])
def test_a_time_is_read_as_people_write_it(desk, typed):
    assert desk.post("", **{**about("ZZ97ZZZ"), "at-time": typed}).status_code == 200


def test_another_household_s_mark_is_not_told(served, desk):
    """Of a mark one slip away only that there is one (UK GDPR, data minimisation)."""
    other = served.home()
    served.with_vouchers(other)
    mark = f"QX{other.number:02d}RRR"
    served.command(other, "book_voucher", {"vehicles": [mark]})
    asked = f"{mark[:-1]}T"

    page = desk.post("", **about(asked))

    assert page.status_code == 200
    assert "Marks nearly the same" in page.text
    assert "one character" in page.text
    assert mark not in page.text
    assert other.id not in page.text


def test_a_slip_is_told_with_what_the_household_meant(served, desk):
    """Booked as one mark, on the notice as another: whose case it is has to be said (X-101)."""
    home = served.home()
    served.with_vouchers(home)
    mark = f"QY{home.number:02d}RRR"
    served.command(home, "book_voucher", {"vehicles": [mark]})
    asked = about(f"{mark[:-1]}T", property=home.property_ref)

    page = desk.post("", **asked)

    assert page.text.count("clocks__one--no") == 2
    assert mark in page.text
    twin = desk.post("/pack", **hidden(page), **{"as": "json"})
    assert sha256(twin.content).hexdigest() == digest_on(page)
    unknown = desk.post("", **{**asked, "property": "nowhere"})
    assert "No address of that reference is listed" in unknown.text


def test_a_switch_has_a_lane_of_its_own(served, desk):
    """Which vehicle was the active one at that minute (scenario G-033)."""
    switching = Browser(served, "gravesham")
    town = Town(switching.council)
    town.now = served.at
    town.move_in(f"switching-{next(_numbers)}").buy("visitors-permit", ("SW11TCH",))
    town.do(AddVehicle(vehicle="SW22TCH"))
    served.at = NOON + timedelta(minutes=5)
    checked(town, "SW11TCH")
    town.do(SwitchVehicle(vehicle="SW22TCH"))
    served.at = NOON + timedelta(minutes=20)
    checked(town, "SW11TCH")
    switching.role("dispute")

    page = switching.post("", **about("SW11TCH", NOON + timedelta(minutes=18), zone="TC10"))

    said = unescape(page.text)
    assert "The permit was switched to SW22TCH at 12:05" in said
    assert said.count("clocks__one--no") == 2
    assert "Last before it, at 12:05 on 19 November 2026, the officer was shown" in said
    assert "First after it, at 12:20 on 19 November 2026, the officer was shown" in said
    lanes = re.findall(r'paint-order="stroke">([^<]+)<', said)
    assert "Switches" in lanes
    assert 'fill="#4c2c92"' in said
    assert "The permit was switched</li>" in said


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
    sent = about("ZZ94ZZZ", pcn=f"PG{next(_numbers):06d}", contravention="12")

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
