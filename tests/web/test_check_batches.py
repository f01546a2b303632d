"""A street of marks in one request; a key sent twice; what is on record, and who reads it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256

import psycopg
import pytest

from services.check_batch import Watch
from tests.web.test_checks import CHECKS, covered_home

BATCH = f"{CHECKS}/batch"
SEARCH = "stevenage/enforcement/lookups/search"
OFFICERS = "stevenage/enforcement/lookups/officers"


def rows(served, question, *values):
    with served.councils["stevenage"].pool.connection() as connection:
        return connection.execute(question, values).fetchall()


def test_a_street_of_marks_gets_an_answer_each_in_one_commit(served):
    covered_home(served, "STREET1")
    checks = [{"mark": mark, "zone": "OT"} for mark in ("STREET1", "STREET2", "?!")]

    answer = served.post(BATCH, {"checks": checks}, served.token("officer"), x_device="camera 1")

    first, second, third = answer.json()["answers"]
    assert (first["answer"]["covered"], second["answer"]["covered"]) == (True, False)
    assert second["answer"]["near"] == ["STREET1"]
    assert (third["answer"], third["refused"][0]["code"]) == (None, "vehicle.mark_invalid")
    kept = rows(
        served,
        "select answer, answer_digest, xmin::text from stevenage.lookups"
        " where device = 'camera 1' order by lookup_id",
    )
    assert all(text in answer.text for text, _, _ in kept)
    assert [digest for _, digest, _ in kept] == [sha256(t.encode()).digest() for t, _, _ in kept]
    assert len(kept) == 2
    assert len({transaction for _, _, transaction in kept}) == 1


def test_a_zone_that_the_scheme_has_not_is_refused_for_its_mark_alone(served):
    checks = [{"mark": "AB12CDE", "zone": zone} for zone in ("ZZ", "OT")]

    answer = served.post(BATCH, {"checks": checks}, served.token("officer")).json()

    assert [[each["code"] for each in one["refused"]] for one in answer["answers"]] == [
        ["eligibility.zone"],
        [],
    ]


@pytest.mark.parametrize("count", [0, 201])
def test_a_batch_has_one_to_two_hundred_marks(served, problem, count):
    checks = [{"mark": "AB12CDE", "zone": "OT"}] * count

    problem(served.post(BATCH, {"checks": checks}, served.token("officer")), 400, "invalid",
            "body.invalid")  # fmt: skip


def test_an_officers_batch_is_about_now(served, problem):
    checks = [
        {"mark": "AB12CDE", "zone": "OT"},
        {"mark": "AB12CDE", "zone": "OT", "at": "2026-11-19T11:00:00Z"},
    ]

    problem(served.post(BATCH, {"checks": checks}, served.token("officer")), 403, "not-allowed")
    assert served.post(BATCH, {"checks": checks}, served.token("staff")).status_code == 200


def test_a_resident_may_not_look_a_street_up(served, problem):
    body = {"checks": [{"mark": "AB12CDE", "zone": "OT"}]}

    problem(served.post(BATCH, body, served.home().token), 403, "not-allowed")


@pytest.mark.parametrize("path", [CHECKS, BATCH])
def test_the_same_key_gets_the_same_bytes_and_no_second_row(served, problem, path):
    """A handheld that lost the answer asks again: it is shown what it was shown."""
    token = served.token("officer")
    mark = f"KEY{len(path)}"
    one = {"mark": mark, "zone": "OT", "device_at": "2026-11-19T11:59:58+00:00"}
    body = one if path == CHECKS else {"checks": [one, {"mark": "!", "zone": "OT"}]}

    first = served.post(path, body, token, idempotency_key="street-7")
    served.at += timedelta(hours=1)
    again = served.post(path, body, token, idempotency_key="street-7")
    other = served.post(path, body, served.token("officer"), idempotency_key="street-7")

    assert (first.status_code, again.content) == (200, first.content)
    assert other.content != first.content
    count = "select count(*) from stevenage.lookups where shown = %s"
    assert rows(served, count, mark) == [(2,)]
    different = {**one, "mark": "AB12CDE"}
    body = different if path == CHECKS else {"checks": [different]}
    answer = served.post(path, body, token, idempotency_key="street-7")
    problem(answer, 422, "refused", "key.reused_for_another_command")


def test_one_key_sent_many_times_at_once_has_one_answer(served):
    token = served.token("officer")
    body = {"mark": "AT0NCE", "zone": "OT"}

    with ThreadPoolExecutor(8) as threads:
        sent = [
            threads.submit(served.post, CHECKS, body, token, idempotency_key="once")
            for _ in range(24)
        ]
        answers = {each.result().content for each in sent}

    assert len(answers) == 1
    assert rows(served, "select count(*) from stevenage.lookups where shown = 'AT0NCE'") == [(1,)]


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_a_key_that_is_none_is_invalid(served, problem, key):
    body = {"mark": "AB12CDE", "zone": "OT"}
    answer = served.post(CHECKS, body, served.token("officer"), idempotency_key=key)

    problem(answer, 400, "invalid", "header.idempotency_key")


def test_an_answer_names_its_rule_its_event_and_the_snapshot(served):
    covered_home(served, "WHY123")

    answer = served.post(CHECKS, {"mark": "WHY123", "zone": "OT"}, served.token("officer")).json()

    assert answer["rule"].startswith("X-102")
    assert answer["right"]["version"] > 0
    assert 0 < answer["seen"]["low"] <= answer["seen"]["high"]
    row = rows(
        served,
        "select seen_low, seen_high from stevenage.lookups where lookup_id = %s",
        answer["receipt"],
    )
    assert row == [(answer["seen"]["low"], answer["seen"]["high"])]


def test_a_mark_of_no_uk_form_gets_a_hint_and_an_answer(served):
    token = served.token("officer")

    foreign = served.post(CHECKS, {"mark": "WOB ZK 29512", "zone": "OT"}, token).json()
    british = served.post(CHECKS, {"mark": "NO11ONE", "zone": "OT"}, token).json()

    assert (foreign["covered"], foreign["hint"]) == (
        False,
        "not the form of a UK mark: check its spelling",
    )
    assert british["reason"] == "no_right"


def test_a_dispute_handler_reads_what_was_shown_to_the_byte(served):
    """The digest is that of the bytes that were sent; later look-ups are on the next page."""
    token = served.token("officer")
    told = [
        served.post(
            CHECKS,
            {"mark": "SH0WN1", "zone": "OT", "device_at": "2026-11-19T11:59:57Z"},
            token,
            x_device="handheld 9",
        )
        for _ in range(3)
    ]

    page = served.post(SEARCH, {"mark": "shown 1", "limit": 2}, served.token("staff")).json()
    rest = served.post(
        SEARCH, {"mark": "SH0WN1", "after": page["next"]}, served.token("auditor")
    ).json()

    found = [*page["lookups"], *rest["lookups"]]
    assert [each["answer"] for each in found] == [each.text for each in told]
    assert [each["digest"] for each in found] == [sha256(each.content).hexdigest() for each in told]
    assert rest["next"] is None
    first = found[0]
    assert (first["device"], first["officer"], first["typed"], first["kind"]) == (
        "handheld 9",
        "officer-1",
        "SH0WN1",
        "live",
    )
    assert first["device_at"] == "2026-11-19T11:59:57Z"


@pytest.mark.parametrize("path", [SEARCH, OFFICERS])
def test_an_officer_does_not_read_the_record(served, problem, path):
    token = served.token("officer")
    sent = served.post(path, {"mark": "AB12CDE"}, token) if path == SEARCH else None

    problem(sent or served.get(path, token), 403, "not-allowed")


def test_the_record_is_never_changed(served):
    served.post(CHECKS, {"mark": "F1XED", "zone": "OT"}, served.token("officer"))
    with psycopg.connect(served.dsn, autocommit=True) as connection:
        for change in (
            "update stevenage.lookups set officer = 'x'",
            "delete from stevenage.lookups",
            "truncate stevenage.lookups",
            "truncate stevenage.lookups_202611",
            "update stevenage.lookups_202611 set officer = 'x'",
            "truncate stevenage.lookup_keys",
        ):
            with pytest.raises(psycopg.errors.RestrictViolation):
                connection.execute(change)


def test_each_month_has_a_table_of_its_own(served):
    body = {"mark": "M0NTH1", "zone": "OT"}
    for days in (0, 30, 30):
        served.at += timedelta(days=days)
        assert served.post(CHECKS, body, served.token("officer")).status_code == 200

    found = rows(
        served,
        "select tableoid::regclass::text from stevenage.lookups where shown = 'M0NTH1'"
        " order by lookup_id",
    )
    assert [name for (name,) in found] == [
        "stevenage.lookups_202611",
        "stevenage.lookups_202612",
        "stevenage.lookups_202701",
    ]


def test_an_officers_five_hundred_marks_an_hour_are_seen(served):
    """The threat: an officer who looks people up. The report names the hour."""
    served.at += timedelta(days=100)
    token = served.token("officer")
    checks = [{"mark": f"AB{n:02d}XYZ", "zone": "OT"} for n in range(50)]
    for _ in range(2):
        assert served.post(BATCH, {"checks": checks}, token).status_code == 200

    report = served.get(f"{OFFICERS}?most=100", served.token("auditor")).json()["hours"]

    (hour,) = [each for each in report if each["officer"] == "officer-1"]
    assert (hour["lookups"], hour["marks"], hour["stands_out"]) == (100, 50, True)
    calmer = served.get(f"{OFFICERS}?most=101", served.token("auditor")).json()["hours"]
    assert [each["stands_out"] for each in calmer] == [False]


def test_more_than_the_limit_is_turned_away_and_counted_again_later(served, problem, monkeypatch):
    council = served.councils["stevenage"]
    monkeypatch.setattr(council, "watch", Watch(3))
    served.at += timedelta(days=200)
    token = served.token("officer")
    body = {"mark": "AB12CDE", "zone": "OT"}

    for _ in range(3):
        assert served.post(CHECKS, body, token).status_code == 200
    problem(served.post(CHECKS, body, token), 429, "too-many")

    monkeypatch.setattr(council, "watch", Watch(3))
    # Another server does not know of them until it has counted: then it does.
    assert served.post(CHECKS, body, token).status_code == 200
    problem(served.post(CHECKS, body, token), 429, "too-many")
