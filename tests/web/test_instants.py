"""Every instant that is answered over HTTP is UTC and ends in Z, whatever offset was sent."""

import re
from datetime import datetime

import pytest

from web.api import OPERATIONS

INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?P<zone>Z|[+-]\d\d:?\d\d)?")
SUMMER = "2026-06-19T15:00:00+02:00"


def not_in_utc(text):
    """Instants with another offset than Z, or with none."""
    return [found[0] for found in INSTANT.finditer(text) if found["zone"] != "Z"]


@pytest.fixture
def summer(served):
    """A household with a visit in the council's summer time."""
    served.at = datetime.fromisoformat("2026-06-19T12:00:00Z")
    home = served.home()
    served.with_vouchers(home)
    return home


def test_a_command_answers_in_utc(served, summer):
    """Booked in British summer time: the day ends at 23:00 UTC."""
    booked = served.command(summer, "book_voucher", {"vehicles": ["UTC1AAA"]})

    assert booked.json()["values"]["until"] == "2026-06-19T23:00:00Z"
    assert booked.json()["values"]["from"] == "2026-06-19T12:00:00Z"
    assert not_in_utc(booked.text) == []


def test_a_command_that_is_sent_again_is_answered_the_same(served, summer):
    body = {"vehicles": ["UTC2AAA"]}

    first, again = (
        served.command(summer, "book_voucher", body, idempotency_key="utc-2") for _ in range(2)
    )

    assert first.content == again.content


def test_a_check_about_another_instant_answers_in_utc(served, summer):
    """Both clocks, told with another offset: the answer says Z, in all its instants."""
    served.command(summer, "book_voucher", {"vehicles": ["UTC3AAA"]})
    asked = {"mark": "UTC3AAA", "zone": "OT", "at": SUMMER, "known_at": SUMMER}

    answer = served.post("stevenage/enforcement/checks", asked, served.token("auditor"))

    assert answer.json()["at"] == answer.json()["known_at"] == "2026-06-19T13:00:00Z"
    assert answer.json()["until"] == "2026-06-19T23:00:00Z"
    assert not_in_utc(answer.text) == []


def test_every_reading_answers_in_utc(served, summer):
    """Each address that can be read with nothing but its own parts, after a household has lived."""
    served.command(summer, "book_voucher", {"vehicles": ["UTC4AAA"]})
    served.follow(summer, 1)
    checked = {"mark": "UTC4AAA", "zone": "OT"}
    served.post("stevenage/enforcement/checks", checked, served.token("officer"))
    tokens = [served.token(role) for role in ("staff", "auditor", "officer")]
    known = Known(
        council="stevenage", household=summer.id, property_ref=summer.property_ref, zone="OT"
    )
    instants = {}
    for each in OPERATIONS:
        path = each.path.format_map(known)
        if each.method != "GET" or each.media_type != "application/json" or "{" in path:
            continue
        answers = [
            served.client.get(path, headers={"authorization": f"Bearer {token}"})
            for token in tokens
        ]
        for answer in answers:
            assert not_in_utc(answer.text) == [], path
            if answer.status_code == 200:
                instants[path] = len(INSTANT.findall(answer.text))
    assert sum(count > 0 for count in instants.values()) >= 6, instants


class Known(dict):
    """The parts of an address that are known; the others are left as they are."""

    def __missing__(self, key):
        return "{" + key + "}"


def test_the_document_says_so(served):
    about = served.client.get("/openapi.json").json()["info"]["description"]

    assert "one that is answered is UTC and ends in Z" in about
