"""The officer's check over HTTP: who may ask, about when, and what is kept of it."""

from datetime import timedelta

import psycopg
import pytest

from web.enforcement import UNKNOWN

CHECKS = "stevenage/enforcement/checks"


def covered_home(served, mark):
    home = served.home()
    served.with_vouchers(home)
    assert served.command(home, "book_voucher", {"vehicles": [mark]}).status_code == 200
    return home


@pytest.mark.parametrize("role", ["officer", "staff", "auditor"])
def test_those_who_enforce_or_audit_may_ask(served, role):
    answer = served.post(CHECKS, {"mark": "NO11ONE", "zone": "OT"}, served.token(role))

    assert (answer.status_code, answer.json()["reason"]) == (200, "no_right")


@pytest.mark.parametrize("role", ["gateway", "approver"])
def test_others_may_not(served, problem, role):
    answer = served.post(CHECKS, {"mark": "NO11ONE", "zone": "OT"}, served.token(role))

    problem(answer, 403, "not-allowed", detail="This is for: auditor, officer, staff.")


def test_a_resident_may_not_look_marks_up(served, problem):
    home = served.home()

    answer = served.post(CHECKS, {"mark": "NO11ONE", "zone": "OT"}, home.token)

    problem(answer, 403, "not-allowed")


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer ", "Basic abc", "Bearer plt_nope"])
def test_without_a_good_token_nobody_may(served, problem, authorization):
    headers = {"authorization": authorization} if authorization else {}

    answer = served.post(CHECKS, {"mark": "NO11ONE", "zone": "OT"}, **headers)

    problem(answer, 401, "not-signed-in")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_token_of_another_council_is_none_here(served, problem):
    token = served.token("officer", "gravesham")

    problem(served.post(CHECKS, {"mark": "NO11ONE", "zone": "OT"}, token), 401, "not-signed-in")


@pytest.mark.parametrize("field", ["at", "known_at"])
def test_an_officer_asks_about_now_and_nothing_else(served, problem, field):
    body = {"mark": "NO11ONE", "zone": "OT", field: "2026-11-19T11:00:00Z"}

    problem(served.post(CHECKS, body, served.token("officer")), 403, "not-allowed")
    assert served.post(CHECKS, body, served.token("auditor")).status_code == 200


def test_an_auditor_asks_what_was_known_then(served):
    """Covered as known now; before the booking was recorded nobody could know (promise P8)."""
    covered_home(served, "KN0WN1")
    auditor = served.token("auditor")
    served.at += timedelta(hours=1)
    body = {"mark": "KN0WN1", "zone": "OT", "at": "2026-11-19T12:30:00+00:00"}

    now = served.post(CHECKS, body, auditor).json()
    then = served.post(CHECKS, {**body, "known_at": "2026-11-19T11:59:59Z"}, auditor).json()

    assert (now["covered"], then["covered"]) == (True, False)


def test_a_mark_one_slip_away_is_named_and_never_covered(served):
    covered_home(served, "NEAR1AA")

    answer = served.post(CHECKS, {"mark": "NEAR1AB", "zone": "OT"}, served.token("officer")).json()

    assert (answer["covered"], answer["near"]) == (False, ["NEAR1AA"])


def test_what_is_kept_is_the_bytes_that_were_sent(served):
    answer = served.post(
        CHECKS, {"mark": "KEPT123", "zone": "OT"}, served.token("officer"), x_device="handheld 7"
    )

    with served.councils["stevenage"].pool.connection() as connection:
        row = connection.execute(
            "select answer, officer, device from stevenage.lookups where shown = 'KEPT123'"
        ).fetchone()
    assert row == (answer.text, "officer-1", "handheld 7")


def test_a_device_that_cannot_be_written_down_is_invalid(served, problem):
    answer = served.post(
        CHECKS, {"mark": "AB12CDE", "zone": "OT"}, served.token("officer"), x_device="x" * 101
    )

    problem(answer, 400, "invalid", "header.x_device")


def test_a_check_that_the_ledger_cannot_answer_says_so(served, problem):
    """Unknown is not "not covered": a table out of reach stands for a ledger that is."""
    token = served.token("officer")
    with psycopg.connect(served.dsn) as other:
        other.execute("lock table stevenage.lookups in access exclusive mode")
        pool = served.councils["stevenage"].checks
        with pool.connection() as one, pool.connection() as two:
            for each in (one, two):
                each.execute("set lock_timeout = '50ms'")
        answer = served.post(CHECKS, {"mark": "AB12CDE", "zone": "OT"}, token)

    problem(answer, 503, "unavailable", detail=UNKNOWN)
    assert "Do not issue a notice" in answer.json()["detail"]


def test_a_check_that_fails_otherwise_says_no_more(served, problem):
    token = served.token("officer")
    with psycopg.connect(served.dsn, autocommit=True) as other:
        other.execute("alter table stevenage.lookups rename to lookups_gone")
        try:
            answer = served.post(CHECKS, {"mark": "AB12CDE", "zone": "OT"}, token)
        finally:
            other.execute("alter table stevenage.lookups_gone rename to lookups")

    problem(answer, 500, "fault", detail=UNKNOWN)
    assert "lookups" not in answer.text
