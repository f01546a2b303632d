"""The disputes desk's pages: a question on both clocks, and the pack."""

import json
import re
from datetime import timedelta
from hashlib import sha256
from html import unescape

import pytest

from commands.add_vehicle import AddVehicle
from commands.switch_vehicle import SwitchVehicle
from ledger.events import EvidenceMade
from replay.evidence.citing import household_facts
from tests.replay.disputes import checked
from tests.replay.town import Town
from tests.web.conftest import NOON
from tests.web.disputes_desk import Browser, about, day, desk, digest_on, hidden, numbers

__all__ = ["desk"]


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


@pytest.mark.parametrize("shape", ["QX{:02d}RRR", "QX{:04d}RRR"])
def test_another_household_s_mark_is_not_told(served, desk, shape):
    """Of a mark one slip away only that there is one (UK GDPR, data minimisation)."""
    other = served.home()
    served.with_vouchers(other)
    mark = shape.format(other.number)
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
    town.move_in(f"switching-{next(numbers)}").buy("visitors-permit", ("SW11TCH",))
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
