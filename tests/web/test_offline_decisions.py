"""What was decided off line, sent later: kept with its own times and the list it was made from."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from tests.web.test_handhelds import Handheld, booked

DECISIONS = "stevenage/enforcement/offline-decisions"


@pytest.fixture
def handheld(served):
    return Handheld(served)


def decision(handheld, mark, **values):
    answer = handheld.says(mark)
    sent = handheld.served.at + timedelta(hours=2)
    return {
        "decision": f"d-{mark}",
        "zone": "OT",
        "mark": mark,
        "position": handheld.held.position,
        "decided_at": handheld.served.at.isoformat(),
        "sent_at": sent.isoformat(),
        "covered": answer.covered,
        "reason": answer.reason,
        **values,
    }


def test_an_offline_decision_is_kept_with_the_list_it_was_made_from(served, handheld):
    """Decided at noon from a list without the booking; recorded at two, and as it was shown."""
    handheld.filled()
    at_noon = decision(handheld, "HANDXAA")
    served.at += timedelta(minutes=30)
    booked(served, "HANDXAA")
    served.at += timedelta(minutes=90)

    kept = served.post(DECISIONS, at_noon, handheld.token, x_device="handheld 7")

    assert kept.status_code == 200, kept.json()
    assert {**kept.json(), "lookup": 0} == {
        "decision": "d-HANDXAA",
        "lookup": 0,
        "received_at": "2026-11-19T14:00:00Z",
        "clock_seconds": 0.0,
        "list_read_at": "2026-11-19T12:00:00Z",
        "ledger_covered": False,
        "ledger_reason": "no_right",
        "agrees": True,
    }
    with served.councils["stevenage"].pool.connection() as connection:
        row = connection.execute(
            "select l.kind, l.officer, l.device, l.shown, l.device_at, l.about_at, d.position,"
            " d.received_at"
            " from stevenage.offline_decisions d join stevenage.lookups l using (lookup_id)"
            " where d.decision_id = 'd-HANDXAA'"
        ).fetchone()
    assert row == (
        "offline",
        "officer-1",
        "handheld 7",
        "HANDXAA",
        datetime(2026, 11, 19, 12, tzinfo=UTC),
        datetime(2026, 11, 19, 12, tzinfo=UTC),
        handheld.held.position,
        datetime(2026, 11, 19, 14, tzinfo=UTC),
    )


def test_a_decision_sent_twice_is_one_and_another_under_its_id_is_refused(
    served, problem, handheld
):
    handheld.filled()
    sent = decision(handheld, "HANDYAA")

    first = served.post(DECISIONS, sent, handheld.token)
    served.at += timedelta(hours=1)
    again = served.post(DECISIONS, sent, handheld.token)
    other = served.post(DECISIONS, {**sent, "mark": "HANDYAB"}, handheld.token)

    assert (first.status_code, again.content) == (200, first.content)
    problem(other, 422, "refused", "key.reused_for_another_command")


def test_a_decision_that_the_list_does_not_bear_out_is_kept_and_seen(served, handheld):
    booked(served, "HANDZAA")
    handheld.filled()

    kept = served.post(
        DECISIONS,
        decision(handheld, "HANDZAA", covered=False, reason="no_right"),
        handheld.token,
    ).json()

    assert (kept["agrees"], kept["ledger_covered"]) == (False, True)


def test_a_decision_from_a_list_that_nobody_was_given_says_so(served, handheld):
    handheld.filled()

    kept = served.post(DECISIONS, decision(handheld, "HANDWAA", position=1), handheld.token).json()

    assert kept["list_read_at"] is None


def test_a_decision_needs_a_mark_and_a_zone_that_there_is(served, problem, handheld):
    handheld.filled()
    sent = decision(handheld, "HANDVAA")

    for change, code in (
        ({"mark": "?"}, "vehicle.mark_invalid"),
        ({"zone": "ZZ"}, "eligibility.zone"),
    ):
        problem(served.post(DECISIONS, {**sent, **change}, handheld.token), 422, "refused", code)


def test_a_decision_is_kept_where_the_server_has_forgotten_what_was_prepared(served, handheld):
    """psycopg has it forget every prepared statement after a rollback on the same connection."""
    handheld.filled()
    assert served.post(DECISIONS, decision(handheld, "HANDSAA"), handheld.token).status_code == 200
    pool = served.councils["stevenage"].pool
    with ExitStack() as held:
        for _ in range(pool.max_size):
            held.enter_context(pool.connection()).execute("deallocate all", prepare=False)

    for n in range(4):
        sent = decision(handheld, f"HANDSB{n}")
        assert served.post(DECISIONS, sent, handheld.token).status_code == 200


@pytest.mark.parametrize("table", ["handheld_lists", "offline_decisions"])
@pytest.mark.parametrize("change", ["update {} set zone = 'X'", "delete from {}", "truncate {}"])
def test_the_record_of_lists_and_decisions_cannot_be_changed(served, handheld, table, change):
    handheld.filled()
    sent = decision(handheld, "HANDTAA", decision=f"{table}-{change[:5].strip()}")
    assert served.post(DECISIONS, sent, handheld.token).status_code == 200

    with (
        psycopg.connect(served.dsn, autocommit=True) as connection,
        pytest.raises(psycopg.errors.RestrictViolation),
    ):
        connection.execute(change.format(f"stevenage.{table}"))
