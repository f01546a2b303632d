"""parkkihubi's published check against ours: what agrees, and each difference that is meant.

What is asserted of parkkihubi is its published behaviour (reference, B.1, B.2 and B.4), restated in
`theirs` below; the tables of `web/parkkihubi.py` have a test here for each row.
"""

from datetime import UTC, datetime, time, timedelta

import psycopg
import pytest

from ledger.scheme.loading import built_in

HERE = {"latitude": 51.9, "longitude": -0.2}
OPENS = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)
ENDS = datetime(2026, 11, 20, 0, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def check(served, mark, token="", council="stevenage", zone="OT", key="ApiKey", **values):
    body = {"registration_number": mark, "location": HERE, **values}
    token = token or served.token("officer", council)
    path = f"{council}/parkkihubi/{zone}/enforcement/v1/check_parking/"
    return served.post(path, body, authorization=f"{key} {token}")


def booked(served, mark, start="now"):
    home = served.home()
    served.with_vouchers(home)
    body = {"vehicles": [mark], "start": start}
    assert served.command(home, "book_voucher", body).status_code == 200
    return home


def theirs(intervals, mark, at):
    """check_parking as it is published: (allowed, end_time). `intervals` are rows of today.

    Marks: upper case, without spaces and hyphens, nothing else. Both ends are inclusive. Where
    nothing is valid it is asked once more at the single instant 15 minutes before.
    """
    plain = mark.upper().replace(" ", "").replace("-", "")
    for then, allowed in ((at, True), (at - timedelta(minutes=15), False)):
        for known, begins, ends in intervals:
            if known == plain and begins <= then <= ends:
                return allowed, ends
    return False, None


def ours(answer):
    assert answer.status_code == 200, answer.json()
    ends = answer.json().get("end_time")
    return answer.json()["allowed"], ends and datetime.fromisoformat(ends)


# What agrees.


@pytest.mark.parametrize(
    "at",
    [
        OPENS,
        OPENS + SECOND,
        ENDS - SECOND,
        ENDS + SECOND,
        ENDS + timedelta(minutes=10),
        ENDS + timedelta(minutes=15) + SECOND,
        ENDS + timedelta(days=1),
    ],
)
@pytest.mark.parametrize("mark", ["HEL51NK", "hel 51-nk", "HEL51NL"])
def test_both_answer_the_same(served, at, mark):
    home = booked(served, "HEL51NK")
    served.at = at

    found = ours(check(served, mark))

    assert found == theirs([("HEL51NK", OPENS, ENDS)], mark, at)
    served.at = ENDS
    assert home


def test_before_it_begins_both_say_no(served):
    booked(served, "HEL52NK", start="2026-11-20")

    assert ours(check(served, "HEL52NK")) == theirs(
        [("HEL52NK", ENDS, ENDS + timedelta(days=1))], "HEL52NK", OPENS
    )


def test_an_api_key_is_taken_and_without_one_nobody_is(served, problem):
    path = "stevenage/parkkihubi/OT/enforcement/v1/check_parking"

    assert check(served, "NO11ONE").status_code == 200
    assert check(served, "NO11ONE", key="Bearer").status_code == 200
    problem(
        served.post(path, {"registration_number": "A1", "location": HERE}), 401, "not-signed-in"
    )
    problem(check(served, "NO11ONE", token="plt_nope"), 401, "not-signed-in")


def test_another_role_is_403(served, problem):
    problem(check(served, "NO11ONE", token=served.home().token), 403, "not-allowed")


@pytest.mark.parametrize(
    "change",
    [
        {"time": "2026-11-19T12:00:00"},
        {"time": "yesterday"},
        {"registration_number": "A" * 21},
        {"registration_number": ""},
        {"location": {"latitude": 9999, "longitude": 0}},
        {"location": {"latitude": 0, "longitude": 181}},
        {"location": {"latitude": 0}},
        {"location": None},
    ],
)
def test_what_cannot_be_is_400(served, problem, change):
    problem(check(served, "NO11ONE", **change), 400, "invalid", "body.invalid")


@pytest.mark.parametrize("latitude", [-90, 0, 90])
@pytest.mark.parametrize("longitude", [-180, 180])
def test_the_ends_of_the_earth_are_taken(served, latitude, longitude):
    place = {"latitude": latitude, "longitude": longitude}

    assert check(served, "NO11ONE", location=place).status_code == 200


def test_another_domain_is_not_seen(served, problem):
    """A domain is a council here: its keys open no other, and its rights are no other's."""
    booked(served, "HEL53NK")
    zone = served.councils["gravesham"].editions.latest.zones[0].id

    elsewhere = check(served, "HEL53NK", council="gravesham", zone=zone)
    crossing = check(
        served, "HEL53NK", token=served.token("officer"), council="gravesham", zone=zone
    )

    assert ours(elsewhere) == (False, None)
    problem(crossing, 401, "not-signed-in")


def test_time_is_honoured(served):
    booked(served, "HEL54NK")
    served.at += timedelta(days=30)

    asked = check(served, "HEL54NK", served.token("auditor"), time="2026-11-19T15:00:00+02:00")

    assert ours(asked) == theirs([("HEL54NK", OPENS, ENDS)], "HEL54NK", OPENS + timedelta(hours=1))
    assert asked.json()["time"] == "2026-11-19T13:00:00Z"


def test_every_check_is_on_record(served):
    check(served, "HEL55NK")

    with served.councils["stevenage"].pool.connection() as connection:
        row = connection.execute(
            "select officer, device, zone from stevenage.lookups where shown = 'HEL55NK'"
        ).fetchone()
    assert row == ("officer-1", "parkkihubi client", "OT")


def test_every_field_of_theirs_is_there(served):
    booked(served, "HEL56NK")

    found = check(served, "HEL56NK").json()

    assert {name: found[name] for name in ("allowed", "end_time", "location", "time")} == {
        "allowed": True,
        "end_time": "2026-11-20T00:00:00Z",
        "location": {"payment_zone": None, "permit_area": "OT"},
        "time": "2026-11-19T12:00:00Z",
    }


# What differs, on purpose.


def test_an_end_is_not_inclusive(served):
    booked(served, "HEL61NK")
    served.at = ENDS

    assert theirs([("HEL61NK", OPENS, ENDS)], "HEL61NK", ENDS) == (True, ENDS)
    assert ours(check(served, "HEL61NK")) == (False, ENDS)


def test_one_glyph_is_one_plate(served):
    booked(served, "OI62NKA")

    found = check(served, "0162NKA")

    assert theirs([("OI62NKA", OPENS, ENDS)], "0162NKA", OPENS) == (False, None)
    assert ours(found) == (True, ENDS)
    assert found.json()["match"] == "same_glyphs"


def test_the_reason_is_told_and_what_looks_like_it(served):
    booked(served, "HEL63NK")

    found = check(served, "HEL63NL").json()

    assert (found["reason"], found["match"], found["near"]) == ("no_right", "", ["HEL63NK"])


def test_the_grace_is_ten_minutes_not_fifteen(served):
    booked(served, "HEL64NK")
    intervals = [("HEL64NK", OPENS, ENDS)]
    served.at = ENDS + timedelta(minutes=10)
    last = check(served, "HEL64NK")
    served.at += SECOND
    over = check(served, "HEL64NK")

    assert ours(last) == theirs(intervals, "HEL64NK", ENDS + timedelta(minutes=10))
    assert last.json()["earliest_pcn_at"] == "2026-11-20T00:10:00Z"
    assert theirs(intervals, "HEL64NK", served.at) == (False, ENDS)
    assert ours(over) == (False, None)


def test_a_right_that_began_and_ended_within_the_grace_is_found(served):
    """Booked five minutes before midnight, asked about nine minutes after it."""
    served.at = begins = datetime(2026, 11, 19, 23, 55, tzinfo=UTC)
    booked(served, "HEL65NK")
    served.at = ENDS + timedelta(minutes=9, seconds=59)

    assert theirs([("HEL65NK", begins, ENDS)], "HEL65NK", served.at) == (False, None)
    assert ours(check(served, "HEL65NK")) == (False, ENDS)


def test_an_officer_asks_about_now_and_a_clock_that_slips_is_forgiven(served, problem):
    booked(served, "HEL66NK")

    for minutes in (-5, 0, 5):
        sent = (served.at + timedelta(minutes=minutes)).isoformat()
        found = check(served, "HEL66NK", time=sent)
        assert (found.status_code, found.json()["time"]) == (200, "2026-11-19T12:00:00Z")
    for minutes in (-6, 6):
        sent = (served.at + timedelta(minutes=minutes)).isoformat()
        problem(check(served, "HEL66NK", time=sent), 403, "not-allowed")


def test_what_was_known_can_be_asked_by_those_who_may(served, problem):
    """Two clocks: covered at 12:00, as known now; nobody could know it a second earlier."""
    booked(served, "HEL67NK")
    served.at += timedelta(hours=1)
    auditor = served.token("auditor")
    noon, before = "2026-11-19T12:00:00Z", "2026-11-19T11:59:59Z"

    assert ours(check(served, "HEL67NK", auditor, time=noon))[0] is True
    assert ours(check(served, "HEL67NK", auditor, time=noon, known_at=before))[0] is False
    problem(check(served, "HEL67NK", known_at=before), 403, "not-allowed")


def test_a_vehicle_that_was_switched_off_stays_covered_in_its_time(served):
    """Their ended courtesy car is denied for the time in which it was allowed (B.4)."""
    home = served.home("gravesham")
    staff = served.token("staff", "gravesham")
    applied = served.command(
        home, "apply_for_permit", {"product": "visitors-permit", "vehicles": ["HEL68NK"]}
    ).json()["values"]
    settle(served, home, staff, applied)
    assert served.command(home, "add_vehicle", {"vehicle": "HEL68NL"}).status_code == 200
    served.at += timedelta(hours=1)
    assert served.command(home, "switch_vehicle", {"vehicle": "HEL68NL"}).status_code == 200
    served.at += timedelta(hours=1)
    auditor = served.token("auditor", "gravesham")
    zone = served.councils["gravesham"].editions.latest.zones[0].id
    asked = {"token": auditor, "council": "gravesham", "zone": zone}

    then = check(served, "HEL68NK", **asked, time="2026-11-19T12:30:00Z")
    now = check(served, "HEL68NK", **asked)

    after_the_sync = [("HEL68NL", OPENS, OPENS + timedelta(days=365))]
    assert theirs(after_the_sync, "HEL68NK", OPENS + timedelta(minutes=30)) == (False, None)
    assert then.json()["allowed"] is True
    assert now.json()["allowed"] is False


def test_the_grace_of_a_vehicle_that_was_switched_off_ends_with_its_own_cover(served):
    """Its place on the list lasts as long as the permit: that is not when its cover ended."""
    home = served.home("gravesham")
    staff = served.token("staff", "gravesham")
    body = {"product": "visitors-permit", "vehicles": ["HEL71NK"]}
    settle(served, home, staff, served.command(home, "apply_for_permit", body).json()["values"])
    assert served.command(home, "add_vehicle", {"vehicle": "HEL71NL"}).status_code == 200
    served.at += timedelta(hours=1)
    assert served.command(home, "switch_vehicle", {"vehicle": "HEL71NL"}).status_code == 200
    off = served.at
    served.at += timedelta(minutes=8)
    zone = home.council.editions.latest.zones[0].id

    found = check(served, "HEL71NK", council="gravesham", zone=zone)

    assert ours(found) == (False, off)
    assert found.json()["reason"] == "not_active"


def settle(served, home, staff, applied):
    """Prove, be allowed and pay, as far as the scheme asks."""
    application, state = applied["application"], applied["state"]
    dated = served.at.date().isoformat()
    document = home.council.editions.latest.proof.documents[0].type
    for waits, name, body, token in (
        ("awaiting_proof", "upload_proof", {"document": document, "dated": dated}, home.token),
        ("awaiting_decision", "decide_application", {"outcome": "offer"}, staff),
    ):
        if state == waits:
            body = {"application": application, **body}
            state = served.command(home, name, body, token).json()["values"]["state"]
    paid = {"applications": [application], "result": "authorised"}
    answer = served.command(home, "pay_for_applications", paid, staff).json()
    assert answer["values"]["state"] == "issued", answer


def test_the_address_names_the_zone_and_coordinates_do_not(served, problem):
    booked(served, "HEL69NK")
    pole = {"latitude": 90, "longitude": 0}

    assert ours(check(served, "HEL69NK", location=pole)) == (True, ENDS)
    elsewhere = check(served, "HEL69NK", zone="NT").json()
    assert (elsewhere["allowed"], elsewhere["reason"]) == (False, "wrong_zone")
    problem(check(served, "HEL69NK", zone="ZZ"), 422, "refused", "eligibility.zone")


@pytest.fixture
def with_hours(served):
    """The council under a scheme one of whose zones has hours: 08:00 to 18:30, Monday to
    Saturday.
    """
    council = served.councils["stevenage"]
    before, council.editions = council.editions, built_in().editions("norwich-2015")
    zone = next(
        zone
        for zone in council.editions.latest.zones
        if [(h.begins, h.ends) for h in zone.hours] == [(time(8), time(18, 30))]
    )
    yield zone.id
    council.editions = before


@pytest.mark.parametrize(
    ("hour", "minute", "allowed", "reason"),
    [
        (7, 59, True, "not_controlled"),
        (8, 0, False, "no_right"),
        (18, 29, False, "no_right"),
        (18, 30, True, "not_controlled"),
    ],
)
def test_outside_controlled_hours_nobody_needs_a_right(
    served, with_hours, hour, minute, allowed, reason
):
    """Theirs knows no hours: a vehicle without a right is denied by night as well."""
    served.at = OPENS.replace(hour=hour, minute=minute)

    found = check(served, "HEL72NK", zone=with_hours).json()

    assert theirs([], "HEL72NK", served.at) == (False, None)
    assert (found["allowed"], found["reason"]) == (allowed, reason)


def test_a_text_that_is_no_mark_is_no_answer(served, problem):
    problem(check(served, "?"), 422, "refused", "vehicle.mark_invalid")


def test_the_record_is_the_exact_answer_and_is_never_changed(served):
    check(served, "HEL70NK")
    served.at += timedelta(days=2)

    with served.councils["stevenage"].pool.connection() as connection:
        with pytest.raises(psycopg.errors.RestrictViolation):
            connection.execute("update stevenage.lookups set shown = '' where shown = 'HEL70NK'")
        kept = connection.execute(
            "select answer from stevenage.lookups where shown = 'HEL70NK'"
        ).fetchone()
    assert '"mark":"HEL70NK"' in kept[0]
