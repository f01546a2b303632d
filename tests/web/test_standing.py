"""A household on three axes over HTTP, and the exceptions report for auditors."""

from datetime import timedelta

import pytest

from tests.web.conftest import NOON


def utc(at):
    return at.isoformat().replace("+00:00", "Z")


def test_a_household_is_told_as_it_was_known(served):
    home = served.home()
    served.with_vouchers(home)
    served.at = NOON + timedelta(minutes=10)
    mark = f"ASA{home.number}"
    served.command(home, "book_voucher", {"vehicles": [mark]})
    auditor = served.token("auditor")
    later = utc(NOON + timedelta(minutes=20))
    path = f"stevenage/households/{home.id}/as-at?on={later}&known_at="

    before = served.get(path + utc(NOON + timedelta(minutes=9)), auditor).json()
    after = served.get(path + utc(NOON + timedelta(minutes=10)), auditor).json()

    assert before["covers"] == []
    assert [each["mark"] for each in after["covers"]] == [mark]


def test_who_and_what_may_be_asked(served, problem):
    home = served.home()
    path = f"stevenage/households/{home.id}/as-at"
    staff = served.token("staff")
    problem(served.get(path, home.token), 403, "not-allowed")
    problem(served.get(path), 401, "not-signed-in")
    problem(
        served.get(path + "?on=2020-01-01T00:00:00Z&known_at=2020-01-01T00:00:00Z", staff),
        404,
        "not-found",
    )
    none = "stevenage/households/00000000-0000-0000-0000-000000000001/as-at"
    problem(served.get(none, staff), 404, "not-found")
    assert served.get(path + "?on=2026-11-19T12:00:00", staff).status_code == 400
    assert served.get(path + "?when=now", staff).status_code == 400


def test_the_exceptions_report_is_for_auditors(served, problem):
    home = served.home()
    served.with_vouchers(home)
    booked = served.command(home, "book_voucher", {"vehicles": [f"EXC{home.number}"]})
    council = served.councils["stevenage"]
    correction = {
        "act": booked.json()["values"]["bookings"][0],
        "covers_from": (NOON - timedelta(hours=1)).isoformat(),
        "reason": "told by telephone",
    }
    second = served.token("approver")
    sent = served.command(
        home, "correct_cover", correction, served.token("staff"), x_approver=f"Bearer {second}"
    )
    assert sent.status_code == 200

    told = served.get(f"{council.id}/exceptions?days=1", served.token("auditor")).json()

    (mine,) = [each for each in told["exceptions"] if each["household"] == home.id]
    assert (mine["kind"], mine["approver"], mine["back_seconds"]) == (
        "corrected",
        "approver-1",
        3600,
    )
    assert told["more"] is False
    problem(served.get("stevenage/exceptions", served.token("staff")), 403, "not-allowed")


@pytest.mark.parametrize("query", ["days=0", "days=x", "since=yesterday"])
def test_a_report_that_cannot_be_is_turned_away(served, query):
    assert served.get(f"stevenage/exceptions?{query}", served.token("auditor")).status_code == 400
