"""What is not exactly a request is turned away, each with its own problem, and nothing is done."""

import json

import pytest

CHECK = {"mark": "AB12CDE", "zone": "OT"}


def check(served, body, role="staff", **headers):
    return served.post("stevenage/enforcement/checks", body, served.token(role), **headers)


def test_an_unknown_council_is_nothing(served, problem):
    answer = served.post("atlantis/enforcement/checks", CHECK, served.token("officer"))

    problem(answer, 404, "not-found", detail="There is no such council here.")


def test_an_address_that_there_is_not_is_nothing(served, problem):
    problem(served.get("stevenage/nothing"), 404, "not-found")
    problem(served.client.get("/nothing/of/the/sort"), 404, "not-found")


def test_a_browser_is_told_so_on_a_page(served):
    for path in ("/nothing", "/nothing/of/the/sort", "/stevenage/nothing"):
        answer = served.client.get(path, headers={"accept": "text/html"})

        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("text/html")


def test_another_method_is_turned_away(served, problem):
    answer = served.get("stevenage/enforcement/checks")

    problem(answer, 405, "no-such-method")
    assert "POST" in answer.headers["allow"]


@pytest.mark.parametrize("mark", ["", "A", "!!", "AB12CDE" * 8, "АВ12СDЕ", "x" * 64, "<script>"])
def test_a_malformed_mark_is_refused_and_not_repeated(served, problem, mark):
    answer = check(served, {**CHECK, "mark": mark})

    problem(answer, 422, "refused", "vehicle.mark_invalid")
    assert not mark or mark not in answer.json()["detail"]


def test_a_mark_of_another_length_than_a_text_may_have_is_invalid(served, problem):
    problem(check(served, {**CHECK, "mark": "A" * 65}), 400, "invalid", "body.invalid")


def test_a_zone_that_the_scheme_has_not_is_refused(served, problem):
    """Never "no right": an officer's slip is not a motorist's offence."""
    problem(check(served, {**CHECK, "zone": "ZZ"}), 422, "refused", "eligibility.zone")


@pytest.mark.parametrize("field", ["at", "known_at"])
@pytest.mark.parametrize(
    "text", ["2026-11-19T12:00:00", "2026-11-19", "noon", 1, "2026-13-01T00:00:00Z"]
)
def test_an_instant_without_an_offset_is_invalid_and_its_field_is_named(
    served, problem, field, text
):
    answer = check(served, {**CHECK, field: text})

    problem(answer, 400, "invalid", "body.invalid")
    assert f"`$.{field}`" in answer.json()["detail"]


def test_a_naive_instant_in_a_command_is_invalid(served, problem):
    home = served.home()
    body = {"resident": home.resident, "on": "2026-11-19T12:00:00"}

    answer = served.command(home, "move_out", body, served.token("staff"))

    problem(answer, 400, "invalid", "body.invalid")
    assert "`$.on`" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "name", "code"),
    [
        (
            b'{"mark": "AB12CDE", "mark": "ZZ99ZZZ", "zone": "OT"}',
            "malformed",
            "body.duplicate_key",
        ),
        (
            b'{"mark": "AB12CDE", "m\\u0061rk": "Z9", "zone": "OT"}',
            "malformed",
            "body.duplicate_key",
        ),
        (b'{"mark": "AB12CDE"', "malformed", "body.malformed"),
        (b"", "malformed", "body.malformed"),
        (b"\xff\xfe", "malformed", "body.malformed"),
        (b'\xef\xbb\xbf{"mark": "AB12CDE", "zone": "OT"}', "malformed", "body.malformed"),
        (b'{"mark": NaN, "zone": "OT"}', "malformed", "body.malformed"),
        (b'{"mark": ' + b"9" * 5000 + b', "zone": "OT"}', "malformed", "body.malformed"),
        (b"[" * 30_000, "malformed", "body.too_deep"),
        (b"[" * 9 + b"]" * 9, "malformed", "body.too_deep"),
        (b'{"mark": "AB12CDE", "zone": "OT", "extra": 1}', "invalid", "body.invalid"),
        (b'{"zone": "OT"}', "invalid", "body.invalid"),
        (b'{"mark": 5, "zone": "OT"}', "invalid", "body.invalid"),
        (b'{"mark": null, "zone": "OT"}', "invalid", "body.invalid"),
        (b'[{"mark": "AB12CDE", "zone": "OT"}]', "invalid", "body.invalid"),
        (b'"AB12CDE"', "invalid", "body.invalid"),
        (b'{"mark": "AB12\\u0000CDE", "zone": "OT"}', "invalid", "body.unseen_character"),
        (b'{"mark": "AB12\\ud800", "zone": "OT"}', "invalid", "body.unseen_character"),
        ('{"mark": "AB12\u202eCDE", "zone": "OT"}'.encode(), "invalid", "body.unseen_character"),
        (b'{"mark": "' + b"A" * 2001 + b'", "zone": "OT"}', "invalid", "body.text_too_long"),
        (b'{"mark": "AB12CDE", "zone": "OT", "bay": "loading"}', "invalid", "body.invalid"),
    ],
)
def test_a_body_that_is_not_exactly_the_request_is_turned_away(served, problem, body, name, code):
    problem(check(served, body), 400, name, code)


@pytest.mark.parametrize(
    "at", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "3000-01-01T00:00:00Z"]
)
def test_an_instant_at_the_ends_of_time_is_invalid(served, problem, at):
    problem(check(served, {**CHECK, "at": at}), 400, "invalid", "body.year")


def test_a_date_at_the_ends_of_time_is_invalid(served, problem):
    home = served.home()
    wanted = {"product": "virtual-visitor-vouchers", "start": "9999-12-31"}

    problem(served.command(home, "apply_for_permit", wanted), 400, "invalid", "body.year")
    problem(
        served.get(f"stevenage/households/{home.id}/allowances?on=9999-12-31", home.token),
        400,
        "invalid",
        "body.year",
    )


@pytest.mark.parametrize("length", [-1, 1_000_001, 10**30])
def test_a_measure_that_no_vehicle_has_is_invalid(served, problem, length):
    answer = served.post(
        "stevenage/vehicles/facts",
        {"vehicle": "AB12CDE", "length_mm": length},
        served.token("staff"),
        idempotency_key="1",
    )

    problem(answer, 400, "invalid", "body.invalid")


def test_brackets_inside_a_text_are_no_nesting(served, problem):
    problem(check(served, {**CHECK, "mark": "[" * 40}), 422, "refused", "vehicle.mark_invalid")


def test_the_path_to_a_wrong_value_is_told(served, problem):
    home = served.home()

    answer = served.command(home, "book_voucher", {"vehicles": ["AB12CDE", 5]})

    problem(answer, 400, "invalid", "body.invalid")
    assert answer.json()["detail"] == "Expected `str`, got `int` - at `$.vehicles[1]`"


def test_a_body_over_its_limit_is_turned_away_and_one_at_it_is_read(served, problem):
    room = 65_536 - len(json.dumps({**CHECK, "extra": ""}))
    at_limit = json.dumps({**CHECK, "extra": "x" * room}).encode()
    assert len(at_limit) == 65_536

    problem(check(served, at_limit), 400, "invalid", "body.text_too_long")
    problem(check(served, at_limit + b" "), 413, "too-large")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "json"])
def test_another_content_type_is_turned_away(served, problem, kind):
    problem(check(served, CHECK, content_type=kind), 415, "not-json")


def test_a_content_type_may_name_its_characters(served):
    assert check(served, CHECK, content_type="application/json; charset=utf-8").status_code == 200


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("page=0", "query.invalid"),
        ("page=-1", "query.invalid"),
        ("page=99999999999", "query.invalid"),
        ("page=one", "query.invalid"),
        ("months=13", "query.invalid"),
        ("months=0", "query.invalid"),
        ("what=1", "query.invalid"),
        ("page=1&page=2", "query.duplicate_key"),
        ("search=%00", "body.unseen_character"),
        ("search=" + "x" * 65, "query.invalid"),
    ],
)
def test_a_query_that_is_none_is_turned_away(served, problem, query, code):
    home = served.home()

    answer = served.get(f"stevenage/households/{home.id}/sessions?{query}", home.token)

    problem(answer, 400, "invalid", code)


def test_a_query_where_none_is_taken_is_turned_away(served, problem):
    home = served.home()

    answer = served.get(f"stevenage/households/{home.id}?full=1", home.token)

    problem(answer, 400, "invalid", "query.invalid")


def test_nothing_of_a_request_is_in_the_notes(served, capsys):
    """Logs hold no mark, name, address, number or token (HAN-009; promises)."""
    home = served.home()
    token = served.token("officer")
    served.post("stevenage/enforcement/checks", {"mark": "SEC12RET", "zone": "OT"}, token)
    served.post("stevenage/sign-in/pins", {"email": home.email})
    served.get(f"stevenage/households/{home.id}/sessions?search=SEC12RET", home.token)
    served.post("stevenage/enforcement/checks", {"mark": {"x": "SEC12RET"}, "zone": "OT"}, token)

    written = capsys.readouterr()
    noted = written.out + written.err
    assert "answered" in noted
    for secret in ("SEC12RET", home.email, home.mobile, token, home.token, home.id):
        assert secret not in noted
