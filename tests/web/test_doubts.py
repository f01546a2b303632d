"""A mark in doubt, on every way that an officer may ask: unknown, and no notice is to be issued.

Source: promise P18.
"""

import psycopg
import pytest

from tests.web.test_officer_page import Browser, words

CHECKS = "stevenage/enforcement/checks"
BATCH = "stevenage/enforcement/check-batches"
PARKKIHUBI = "stevenage/parkkihubi/OT/enforcement/v1/check_parking/"


@pytest.fixture
def doubted(served):
    """A booked visitor, whose row is gone."""
    home = served.home()
    served.with_vouchers(home)
    body = {"vehicles": ["AB12CDE"], "start": "now"}
    assert served.command(home, "book_voucher", body).status_code == 200
    with psycopg.connect(served.dsn, autocommit=True) as other:
        other.execute("delete from stevenage.active_registrations where shown = 'AB12CDE'")
    return served


def test_a_check_says_unknown_and_why(doubted):
    answer = doubted.post(CHECKS, {"mark": "AB12CDE", "zone": "OT"}, doubted.token("officer"))

    assert answer.status_code == 200
    found = answer.json()
    assert (found["covered"], found["reason"], found["right"]) == (None, "unknown", None)
    assert "no notice is to be issued" in found["rule"]
    assert "by other than the ledger" in found["hint"]
    assert found["receipt"] is not None


def test_parkkihubis_shape_knows_yes_and_no_alone_and_says_neither(doubted, problem):
    body = {"registration_number": "AB12CDE", "location": {"latitude": 51.9, "longitude": -0.2}}

    answer = doubted.post(PARKKIHUBI, body, doubted.token("officer"))

    problem(answer, 503, "unavailable")
    assert "Do not issue a notice on this." in answer.json()["detail"]


def test_the_officers_page_says_unknown(doubted):
    officer = Browser(doubted).signed_in(doubted.token("officer"))

    page = officer.send(mark="AB12CDE", zone="OT")

    assert page.status_code == 200
    said = words(page)
    assert "Unknown" in said
    assert "Do not issue a notice on this." in said
    assert "Not covered" not in said
