"""A mark in doubt, on every way that an officer may ask: unknown, and no notice is to be issued.

Source: promise P18.
"""

import re
from itertools import count

import psycopg
import pytest

from projections import doubts
from tests.web.test_officer_page import Browser

CHECKS = "stevenage/enforcement/checks"
BATCH = "stevenage/enforcement/check-batches"
PARKKIHUBI = "stevenage/parkkihubi/OT/enforcement/v1/check_parking/"


_numbers = count(100)


@pytest.fixture
def doubted(served):
    """A mark of a booked visitor, whose row is gone; the row is back when the test has ended."""
    mark = f"DBT{next(_numbers)}A"
    home = served.home()
    served.with_vouchers(home)
    assert served.command(home, "book_voucher", {"vehicles": [mark]}).status_code == 200
    table = "stevenage.active_registrations"
    with psycopg.connect(served.dsn, autocommit=True) as other:
        (gone,) = other.execute(
            f"with gone as (delete from {table} where shown = %s returning *)"
            " select row_to_json(gone)::text from gone",
            (mark,),
        ).fetchone()
        yield mark
        other.execute(
            f"insert into {table} select * from json_populate_record(null::{table}, %s)", (gone,)
        )
        doubts.end(other, "stevenage", "rows")


def test_a_check_says_unknown_and_why(served, doubted):
    answer = served.post(CHECKS, {"mark": doubted, "zone": "OT"}, served.token("officer"))

    assert answer.status_code == 200
    found = answer.json()
    assert (found["covered"], found["reason"], found["right"]) == (None, "unknown", None)
    assert "no notice is to be issued" in found["rule"]
    assert "by other than the ledger" in found["hint"]
    assert found["receipt"] is not None


def test_parkkihubis_shape_knows_yes_and_no_alone_and_says_neither(served, doubted, problem):
    body = {"registration_number": doubted, "location": {"latitude": 51.9, "longitude": -0.2}}

    answer = served.post(PARKKIHUBI, body, served.token("officer"))

    problem(answer, 503, "unavailable")
    assert "Do not issue a notice on this." in answer.json()["detail"]


def test_the_officers_page_says_unknown(served, doubted):
    """The answer alone is looked at: below it the page lists what officers asked before."""
    officer = Browser(served).signed_in(served.token("officer"))

    page = officer.send(mark=doubted, zone="OT")

    assert page.status_code == 200
    (answer,) = re.findall(r'<section class="answer unknown".*?</section>', page.text, re.DOTALL)
    assert "Unknown" in answer
    assert "Do not issue a notice on this." in answer
    assert "Not covered" not in answer
