"""Signing in over HTTP: the answers tell nobody whether there is an account (HAN-009)."""

from datetime import timedelta

import pytest
from litestar.testing import TestClient

from web.app import create_app

PINS = "stevenage/sign-in/pins"
SESSIONS = "stevenage/sign-in/sessions"


def last_pin(served, to):
    found = [each for each in served.outbox.messages() if each.to == to]
    return found[-1].body[:6] if found else None


def test_a_resident_signs_in_with_a_pin_and_reads_their_household(served):
    home = served.home()

    asked = served.post(PINS, {"mobile": home.mobile})
    signed_in = served.post(SESSIONS, {"mobile": home.mobile, "pin": last_pin(served, home.mobile)})

    assert (asked.status_code, asked.json()) == (202, {"accepted": True})
    assert signed_in.status_code == 200
    token = signed_in.json()["token"]
    assert served.get(f"stevenage/households/{home.id}", token).status_code == 200


def test_the_pin_is_no_fact_but_its_sending_is(served):
    home = served.home()
    served.post(PINS, {"email": home.email})

    entry = list(home.council.ledger.facts(home.stream))[-1].entry

    assert entry.event.by_way_of == "email"
    assert last_pin(served, home.email) not in repr(entry)


def test_an_address_of_nobody_gets_the_same_answer_and_nothing_is_sent(served):
    sent = len(served.outbox.messages())

    answer = served.post(PINS, {"email": "nobody@example.org"})

    assert (answer.status_code, answer.json()) == (202, {"accepted": True})
    assert len(served.outbox.messages()) == sent


def test_a_wrong_pin_and_an_unknown_address_are_one_answer(served, problem):
    home = served.home()
    served.post(PINS, {"email": home.email})
    wrong = f"{(int(last_pin(served, home.email)) + 1) % 1_000_000:06d}"

    known = served.post(SESSIONS, {"email": home.email, "pin": wrong})
    unknown = served.post(SESSIONS, {"email": "nobody-2@example.org", "pin": wrong})

    problem(known, 401, "not-signed-in", detail="The address and the PIN do not go together.")
    assert known.json() == {**unknown.json(), "instance": known.json()["instance"]}


def test_a_pin_asked_for_too_often_is_accepted_and_not_sent(served):
    home = served.home()
    for _ in range(7):
        assert served.post(PINS, {"mobile": home.mobile}).status_code == 202

    assert len([each for each in served.outbox.messages() if each.to == home.mobile]) == 5


@pytest.mark.parametrize("known", [True, False])
def test_an_address_tried_too_often_waits(served, problem, known):
    home = served.home()
    body = {"email": home.email if known else f"none-{home.number}@example.org", "pin": "000000"}
    for _ in range(10):
        problem(served.post(SESSIONS, body), 401, "not-signed-in")

    answer = served.post(SESSIONS, body)

    problem(answer, 429, "too-many")
    assert answer.headers["retry-after"] == "900"
    served.at += timedelta(minutes=15)
    problem(served.post(SESSIONS, body), 401, "not-signed-in")


@pytest.mark.parametrize(
    "body", [{}, {"email": "a@example.org", "mobile": "07700 900001"}, {"email": ""}]
)
def test_exactly_one_address_is_named(served, problem, body):
    problem(served.post(PINS, body), 400, "invalid", "body.invalid")


@pytest.mark.parametrize("pin", ["12345", "1234567", "12345a", "１２３４５６", 123456])
def test_a_pin_is_six_digits(served, problem, pin):
    problem(
        served.post(SESSIONS, {"email": "a@example.org", "pin": pin}),
        400,
        "invalid",
        "body.invalid",
    )


def test_a_server_that_cannot_send_says_so(served, problem):

    with TestClient(create_app(served.councils)) as client:
        answer = client.post("/api/v1/" + PINS, json={"email": "a@example.org"})

    problem(answer, 503, "unavailable", detail="This server has no way to send a PIN.")
