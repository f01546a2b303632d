"""The disputes desk over HTTP: from a check to a notice, its case, and the outage it lies in."""

from datetime import timedelta
from itertools import count

import pytest

from tests.web.conftest import NOON

_keys = count(1)


@pytest.fixture
def desk(served):
    """Sends to the disputes desk as staff, or as who is named."""
    return Desk(served)


class Desk:
    def __init__(self, served):
        self.served = served
        self.tokens = {}

    def token(self, role):
        if role not in self.tokens:
            self.tokens[role] = self.served.token(role)
        return self.tokens[role]

    def post(self, path, body, role="staff", **headers):
        keyed = {"idempotency_key": f"desk-{next(_keys)}", **headers}
        return self.served.post(f"stevenage/{path}", body, self.token(role), **keyed)

    def get(self, path, role="staff"):
        return self.served.get(f"stevenage/{path}", self.token(role))

    def check(self, mark):
        body = {"mark": mark, "zone": "OT"}
        return self.served.post("stevenage/enforcement/checks", body, self.token("officer")).json()


def notice(number, mark="AB12 CDE", **changed):
    return {
        "number": number,
        "mark": mark,
        "zone": "OT",
        "issued_at": NOON.isoformat(),
        "contravention": "12",
        "officer": "officer-1",
        **changed,
    }


def codes(answer):
    return [each["code"] for each in answer.json()["warnings"]]


def test_a_notice_though_the_officer_was_shown_cover_is_flagged_at_once(served, desk):
    """It is noted all the same: another system issued it."""
    home = served.home()
    served.with_vouchers(home)
    mark = f"SHN{home.number}"
    served.command(home, "book_voucher", {"vehicles": [mark]})
    shown = desk.check(mark)

    answer = desk.post("notices/commands/note_notice", notice("SHOWN1", mark), "gateway")

    assert answer.status_code == 200
    told = answer.json()
    assert told["contradicted"]
    assert (told["check"]["receipt"], told["check"]["officer"]) == (shown["receipt"], "officer-1")
    assert codes(answer) == [
        "notice.shown_covered",
        "notice.covered_as_known_then",
        "notice.covered_as_known_now",
    ]
    listed = desk.get("notices?contradicted=true&limit=200").json()["notices"]
    assert "SHOWN1" in [each["notice"]["number"] for each in listed]


def test_a_booking_a_minute_after_the_notice_speaks_for_nothing_then(served, desk):
    home = served.home()
    served.with_vouchers(home)
    mark = f"LAT{home.number}"
    desk.check(mark)
    desk.post("notices/commands/note_notice", notice("LATE1", mark))
    served.at = NOON + timedelta(minutes=1)
    served.command(home, "book_voucher", {"vehicles": [mark]})

    told = desk.get("notices/LATE1").json()

    assert (told["contradicted"], told["warnings"]) == (False, [])
    assert told["check"]["typed"] == mark


def test_a_number_is_noted_once_and_the_same_facts_may_be_sent_again(desk, problem):
    first = desk.post("notices/commands/note_notice", notice("ONCE1", "ON11 CEE"))
    again = desk.post("notices/commands/note_notice", notice("ONCE1", "on11cee"))
    other = desk.post("notices/commands/note_notice", notice("ONCE1", "ZZ99 ZZZ"))

    assert (first.json()["noted_already"], again.json()["noted_already"]) == (False, True)
    assert codes(first) == ["notice.no_check"]
    problem(other, 422, "refused", "notice.exists")


def test_a_case_goes_from_representations_to_the_adjudicator(served, desk, problem):
    """28 days, 56 days, 28 days; the last day is in time (SI 2022/576)."""
    today = NOON.date()
    desk.post("notices/commands/note_notice", notice("CASE1"))
    path = "notices/CASE1/commands"
    opened = desk.post(
        f"{path}/open_case",
        {
            "kind": "formal",
            "reference": "REP-1",
            "received_on": str(today),
            "served_on": str(today),
        },
        "dispute",
    )
    case = opened.json()["values"]["case"]
    assert opened.json()["values"]["decide_until"] == str(today + timedelta(days=55))

    served.at = NOON + timedelta(days=55)
    due = desk.get("cases?which=due&clock=decision&within_days=0").json()
    assert case in [each["case_id"] for each in due["cases"]]
    assert [clock["days"] for clock in due["clocks"]] == [28, 56, 28]

    served.at = NOON + timedelta(days=56)
    late = desk.get("cases?which=overdue").json()["cases"]
    (seen,) = [each for each in late if each["case_id"] == case]
    assert (seen["days_left"], seen["taken_as_accepted"]) == (-1, True)
    refused = desk.post(
        f"{path}/decide_case", {"case": case, "outcome": "rejected", "reason": "no permit"}
    )
    problem(refused, 422, "refused", "case.accepted_by_lateness")

    rejected = desk.post(
        f"{path}/decide_case",
        {
            "case": case,
            "outcome": "rejected",
            "reason": "no permit",
            "decided_on": str(today + timedelta(days=55)),
        },
    )
    assert rejected.json()["values"]["appeal_until"] == str(today + timedelta(days=82))
    lodged = str(today + timedelta(days=56))
    appeal = {"case": case, "reference": "TPT-1", "lodged_on": lodged}
    assert desk.post(f"{path}/record_appeal", appeal).json()["values"]["in_time"]
    found = {"case": case, "outcome": "allowed", "decided_on": lodged}
    assert desk.post(f"{path}/decide_appeal", found).json()["values"]["notice_cancelled"]
    told = desk.get("notices/CASE1").json()
    assert told["notice"]["cancelled_why"] == "appeal_allowed"
    assert [each["outcome"] for each in told["cases"]] == ["appeal_allowed"]


def test_the_notices_issued_while_bookings_failed(served, desk):
    """E16: declared later, its end corrected; the refused attempts inside it are told."""
    home = served.home()
    served.with_vouchers(home)
    mark = f"OUT{home.number}"
    served.at = NOON + timedelta(days=200)
    served.command(home, "book_voucher", {"vehicles": [mark], "start": "2020-01-01 10:00"})
    at = served.at
    desk.post(
        "notices/commands/note_notice",
        notice("OUT1", mark, issued_at=(at + timedelta(minutes=1)).isoformat()),
    )
    served.at = at + timedelta(minutes=10)
    failing = {
        "services": ["bookings"],
        "failed_from": (at - timedelta(minutes=5)).isoformat(),
        "found_how": "reported",
        "reason": "no bookings arrive",
    }
    outage = desk.post("outages/commands/declare_outage", failing).json()["values"]["outage"]
    served.command(home, "book_voucher", {"vehicles": [mark]})
    served.at = at + timedelta(minutes=20)
    until = (at + timedelta(minutes=15)).isoformat()
    ended = {**failing, "outage": outage, "failed_until": until, "why": "it is over"}
    assert desk.post("outages/commands/correct_outage", ended).status_code == 200

    told = desk.get(f"outages/{outage}/notices?margin_minutes=30").json()

    (touched,) = told["notices"]
    assert touched["number"] == "OUT1"
    assert touched["booked_at"] is not None
    assert [each["codes"] for each in touched["attempts"]] == [["booking.start_in_past"]]
    assert [each["outage_id"] for each in desk.get("notices/OUT1").json()["outages"]] == [outage]
    known = (at + timedelta(minutes=12)).isoformat().replace("+00:00", "Z")
    (then,) = desk.get(f"outages?known_at={known}").json()["outages"]
    assert then["failed_until"] is None


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"number": "lower1"}, "invalid"),
        ({"number": "A B"}, "invalid"),
        ({"issued_at": "2026-11-19T12:00:00"}, "invalid"),
        ({"issued_at": "0999-11-19T12:00:00Z"}, "invalid"),
        ({"contravention": "parking"}, "invalid"),
        ({"receipt": -1}, "invalid"),
        ({"keeper": "A Person"}, "invalid"),
    ],
)
def test_a_notice_that_is_none_is_turned_away(desk, problem, body, name):
    answer = desk.post("notices/commands/note_notice", {**notice("BAD1"), **body})
    assert answer.status_code == 400
    assert answer.json()["type"] == f"/problems/{name}"


def test_a_mark_that_is_none_and_a_notice_still_to_come_are_refused(desk, problem):
    problem(
        desk.post("notices/commands/note_notice", notice("BAD2", "!!")),
        422,
        "refused",
        "vehicle.mark_invalid",
    )
    later = (NOON + timedelta(minutes=6)).isoformat()
    problem(
        desk.post("notices/commands/note_notice", notice("BAD3", issued_at=later)),
        422,
        "refused",
        "notice.issued_in_future",
    )


def test_what_is_not_there_is_not_found(desk, problem):
    problem(desk.get("notices/NOSUCH1"), 404, "not-found")
    problem(desk.get("notices/%00"), 404, "not-found")
    problem(desk.get("outages/%00/notices"), 404, "not-found")
    gone = {"reason_code": "other", "reason": "x"}
    problem(desk.post("notices/NOSUCH1/commands/cancel_notice", gone), 404, "not-found")
    problem(desk.get("outages/nothing/notices"), 404, "not-found")
    drill = {"outage": "nothing", "why": "a drill"}
    problem(desk.post("outages/commands/withdraw_outage", drill), 404, "not-found")


def test_who_may_use_the_desk(served, desk, problem):
    """Officers and the notice system note; the desk decides; auditors read; residents neither."""
    home = served.home()
    for role in ("officer", "gateway", "dispute", "staff"):
        assert (
            desk.post(
                "notices/commands/note_notice", notice(f"ROLE{role[:3].upper()}"), role
            ).status_code
            == 200
        )
    problem(
        desk.post("notices/commands/note_notice", notice("ROLEAUD"), "auditor"), 403, "not-allowed"
    )
    assert desk.get("cases", "auditor").status_code == 200
    assert desk.get("notices/ROLEOFF", "auditor").status_code == 200
    for path in ("cases", "notices", "notices/ROLEOFF", "outages"):
        problem(served.get(f"stevenage/{path}", home.token), 403, "not-allowed")
        problem(served.get(f"stevenage/{path}", desk.token("officer")), 403, "not-allowed")
        problem(served.get(f"stevenage/{path}"), 401, "not-signed-in")
