"""The evidence pack over HTTP: for staff and auditors, and the same bytes when asked for again."""

import json

import pytest

AT = "2026-11-19T12:00:00Z"
CASE = {"mark": "ZZ99ZZZ", "at": AT, "zone": "OT"}


@pytest.mark.parametrize("role", ["staff", "auditor"])
def test_staff_and_auditors_get_the_pack_as_json(served, role):
    """What was true, known and shown of a mark (P8)."""
    answer = served.post("stevenage/evidence", CASE, served.token(role))

    pack = answer.json()
    assert answer.status_code == 200
    assert pack["question"]["mark"] == "ZZ99ZZZ"
    assert pack["known_now"]["reason"] == "no_right"
    assert answer.headers["cache-control"] == "no-store"


def test_the_pdf_holds_the_very_json(served):
    """One pack in two forms, made from one instant (P8)."""
    token = served.token("staff")
    twin = served.post("stevenage/evidence", CASE, token)
    document = served.post("stevenage/evidence/pdf", CASE, token)

    assert document.status_code == 200
    assert document.headers["content-type"] == "application/pdf"
    assert document.content.startswith(b"%PDF-")
    assert "ZZ99ZZZ" not in document.headers["content-disposition"]
    again = served.post("stevenage/evidence/pdf", CASE, token)
    assert again.content == document.content
    assert served.post("stevenage/evidence", CASE, token).content == twin.content


@pytest.mark.parametrize("role", ["officer", "approver", "gateway"])
def test_nobody_else_gets_it(served, problem, role):
    """A pack tells of a household: it is not the officer's to read."""
    problem(served.post("stevenage/evidence", CASE, served.token(role)), 403, "not-allowed")


def test_a_resident_gets_none(served, problem):
    home = served.home()

    problem(served.post("stevenage/evidence", CASE, home.token), 403, "not-allowed")
    problem(served.post("stevenage/evidence", CASE), 401, "not-signed-in")


@pytest.mark.parametrize(
    ("changed", "detail"),
    [
        ({"at": "2026-11-19T12:00:01Z"}, "at lies in the future"),
        ({"as_of": "2026-11-19T11:59:59Z"}, "as-of lies before the instant"),
        ({"zone": "XX"}, "zone is one of OT, NT, not XX"),
        ({"zone": ""}, "zone is needed"),
        ({"pcn": "#"}, "pcn is 4 to 20 letters and digits"),
    ],
)
def test_what_cannot_be_asked_says_which_field_and_why(served, changed, detail):
    answer = served.post("stevenage/evidence", {**CASE, **changed}, served.token("staff"))

    body = answer.json()
    assert (answer.status_code, body["type"]) == (400, "/problems/invalid")
    assert body["detail"].startswith(detail)


@pytest.mark.parametrize(
    ("changed", "status", "name"),
    [
        ({"mark": "?"}, 422, "refused"),
        ({"at": "2026-11-19T12:00:00"}, 400, "invalid"),
        ({"household": "nobody"}, 404, "not-found"),
        ({"household": "00000000-0000-0000-0000-000000000000"}, 404, "not-found"),
        ({"unheard": 1}, 400, "invalid"),
    ],
)
def test_bad_input_is_a_problem_and_repeats_nothing(served, changed, status, name):
    body = {**CASE, **changed}
    answer = served.post("stevenage/evidence", body, served.token("staff"))

    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{name}")
    assert json.dumps(body["mark"]) not in answer.text


def test_an_unknown_council_is_not_found(served, problem):
    problem(served.post("nowhere/evidence", CASE, served.token("staff")), 404, "not-found")
