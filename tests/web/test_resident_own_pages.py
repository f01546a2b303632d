"""A resident says who and where they are: another address, a move, a visitor to be forgotten."""

import re

import pytest

from commands.save_visitor import SaveVisitor
from services import contacts
from tests.web.residing import Residing, booked_later, flatmate


@pytest.fixture
def living(served):
    home = served.home()
    served.with_vouchers(home)
    return Residing(served, home)


def sent_to(served, address):
    return [each.body for each in served.outbox.messages() if each.to == address]


def email(living):
    people = living.home.council.ledger.household(living.home.stream).residents
    return people[living.home.resident].email


def test_an_address_is_changed_by_the_pin_that_goes_to_it_and_the_old_one_is_told(served, living):
    """HAN-009; the notice to the old channel (promises section 4)."""
    new = f"new-{living.home.number}@example.org"

    asked = living.send("/details/email", email=new)
    pin = sent_to(served, new)[-1].partition(" ")[0]
    assert f"It went to {new}" in asked.text
    assert email(living) == living.home.email
    page = living.send("/details/email/pin", pin=f"{pin[:4]} {pin[4:]}")

    assert "Your email address is changed" in page.text
    assert email(living) == new
    assert "was changed" in sent_to(served, living.home.email)[-1]
    assert "was changed" in sent_to(served, living.home.mobile)[-1]


def test_a_wrong_pin_changes_nothing_and_five_of_them_end_it(served, living):
    new = f"other-{living.home.number}@example.org"
    living.send("/details/email", email=new)
    pin = sent_to(served, new)[-1].partition(" ")[0]
    wrong = f"{(int(pin) + 1) % 10**8:08d}"
    for _ in range(contacts.TRIES):
        assert "That is not the last PIN" in living.send("/details/email/pin", pin=wrong).text

    page = living.send("/details/email/pin", pin=pin)

    assert page.status_code == 422
    assert email(living) == living.home.email


def test_another_accounts_address_is_told_to_whoever_has_its_mailbox_alone(served, living):
    """Asking says nothing of it: else anybody could ask who has an account."""
    other = served.home()

    asked = living.send("/details/email", email=other.email)
    pin = sent_to(served, other.email)[-1].partition(" ")[0]
    page = living.send("/details/email/pin", pin=pin)

    assert "It went to" in asked.text
    assert page.status_code == 422
    assert "another account signs in with this address" in page.text.lower()
    assert email(living) == living.home.email


@pytest.mark.parametrize("typed", ["", "nobody", "a@b", "07700 900123"])
def test_what_is_no_address_is_asked_for_again(living, typed):
    page = living.send("/details/email", email=typed)

    assert page.status_code == 422
    assert 'href="#email"' in page.text


def test_it_is_asked_for_five_times_an_hour(living):
    for n in range(contacts.ASKED_AN_HOUR):
        living.send("/details/email", email=f"n{n}-{living.home.number}@example.org")

    page = living.send("/details/email", email=f"n6-{living.home.number}@example.org")

    assert "5 times in an hour" in page.text


def test_over_http_an_address_is_shown_to_be_the_residents_as_well(served, living, problem):
    home, new = living.home, f"api-{living.home.number}@example.org"
    at = f"stevenage/households/{home.id}/email"
    other = served.home()

    assert served.post(at, {"email": new}, home.token).status_code == 202
    pin = sent_to(served, new)[-1].partition(" ")[0]
    problem(served.post(at, {"email": new}, other.token), 404, "not-found")
    problem(served.post(at, {"email": "x"}, home.token), 400, "invalid", "body.invalid")
    shown = served.post(f"{at}/shown", {"pin": pin}, home.token, idempotency_key="k-shown-1")

    assert shown.status_code == 200
    assert email(living) == new
    direct = served.command(home, "change_email", {"email": "z@example.org"})
    problem(direct, 403, "not-allowed")


def test_a_resident_moves_out_and_is_signed_out(served, living):
    """RBW-007, X-055: cover ends at once, nothing is refunded; it is asked for once more."""
    flatmate(served, living.home)
    booked_later(living)
    page = living.get("/details/moving")
    assert "no money is given back" in page.text
    assert living.send("/details/moving").status_code == 422

    living.send("/details/moving", sure="yes")

    people = living.home.council.ledger.household(living.home.stream).residents
    assert people[living.home.resident].moved_out_at == served.at
    assert "Sign in" in living.get("/details").text


def test_a_visitor_is_forgotten_and_booked_visits_stay(living):
    """STV-103, X-001."""
    living.does(SaveVisitor(vehicle="AB12CDE", name="Gran"))
    booked_later(living)
    (visitor,) = set(re.findall(r"/visitors/([^\"/]+)", living.get("/visitors").text))

    page = living.send(f"/visitors/{visitor}/forget")

    assert "Gran is forgotten" in page.text
    assert "Gran" not in living.get("/visitors").text.replace("Gran is forgotten", "")
    assert "AB12" in living.get("/visits").text
    assert living.send(f"/visitors/{visitor}/forget").status_code == 404


def test_what_nobody_has_priced_is_sold_where_the_program_is_tried_and_nowhere_else(
    served, living, problem, monkeypatch
):
    """A placeholder is no price (X-041, X-091); what a rule says is free is sold for nothing."""
    home, wanted = living.home, {"product": "resident-permit-ot", "vehicles": ["AB12CDE"]}
    monkeypatch.setattr(home.council.handler, "sells_samples", False)

    refused = served.command(home, "apply_for_permit", wanted)
    problem(refused, 422, "refused", "purchase.price_unknown")
    assert "has not said yet what Resident Permit Old Town costs" in refused.json()["detail"]
    priced = served.command(home, "apply_for_permit", {"product": "virtual-visitor-vouchers"})
    assert priced.status_code == 200
    monkeypatch.setattr(home.council.handler, "sells_samples", True)
    assert served.command(home, "apply_for_permit", wanted).status_code == 200
    attempts = home.council.pool
    with attempts.connection() as connection:
        (row,) = connection.execute(
            "select codes from stevenage.refused_attempts where household_id = %s", (home.id,)
        ).fetchall()
    assert row == (["purchase.price_unknown"],)
