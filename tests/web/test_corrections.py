"""A correction takes two people who are really there, and neither acts where they live."""

from datetime import timedelta

import pytest

from services.identity.tokens import make_token
from tests.web.conftest import NOON


@pytest.fixture
def booked(served):
    """A household with a booking of today: (home, booking)."""
    home = served.home()
    served.with_vouchers(home)
    answer = served.command(home, "book_voucher", {"vehicles": [f"COR{home.number}"]})
    return home, answer.json()["values"]["bookings"][0]


def token(served, name, role="staff", own=None):
    council = served.councils["stevenage"]
    with council.pool.connection() as connection:
        return make_token(connection, council.schema, role, name, own_household=own)


def earlier(booking, **said):
    at = (NOON - timedelta(hours=1)).isoformat()
    return {"act": booking, "covers_from": at, "reason": "told by telephone", **said}


def attempts(served, home):
    with served.councils["stevenage"].pool.connection() as connection:
        return [
            (row[0], row[1])
            for row in connection.execute(
                "select actor, codes from stevenage.refused_attempts where household_id = %s"
                " order by attempt_id",
                (home.id,),
            ).fetchall()
        ]


def test_the_second_person_is_whoever_their_own_token_says(served, booked):
    """ASVS 2.3.5: two people, each signed in."""
    home, booking = booked
    second = token(served, "ben")

    answer = served.command(
        home,
        "correct_cover",
        earlier(booking),
        token(served, "ann"),
        x_approver=f"Bearer {second}",
    )

    assert answer.status_code == 200
    facts = list(home.council.ledger.facts(home.stream))
    assert (facts[-1].entry.by.name, facts[-1].event.approver) == ("ann", "ben")


def test_a_name_that_nobody_proves_approves_nothing(served, booked, problem):
    home, booking = booked
    alone = served.command(
        home, "correct_cover", earlier(booking, approver="ben"), token(served, "ann")
    )
    problem(alone, 422, "refused", "correction.approver_missing")


def test_one_person_with_two_tokens_is_one_person(served, booked, problem):
    home, booking = booked
    answer = served.command(
        home,
        "correct_cover",
        earlier(booking),
        token(served, "ann"),
        x_approver=f"Bearer {token(served, 'Ann')}",
    )
    problem(answer, 422, "refused", "correction.same_person")


def test_who_approves_is_staff_and_is_who_the_body_names(served, booked, problem):
    home, booking = booked
    ann = token(served, "ann")

    def sent(header, **said):
        return served.command(
            home, "correct_cover", earlier(booking, **said), ann, x_approver=header
        )

    problem(sent(f"Bearer {home.token}"), 403, "not-allowed")
    problem(sent(f"Bearer {token(served, 'o', 'officer')}"), 403, "not-allowed")
    problem(sent("Bearer plt_nothing"), 401, "not-signed-in")
    problem(sent("ben"), 401, "not-signed-in")
    ben = f"Bearer {token(served, 'ben')}"
    problem(sent(ben, approver="carl"), 400, "invalid", "header.x_approver")


def test_nobody_acts_as_staff_on_the_household_they_live_in(served, booked, problem):
    """E10: refused whatever the act is, as either of the two; and the attempt is kept."""
    home, booking = booked
    other = served.home()
    lives_here = token(served, "lives-here", own=home.id)
    ben = f"Bearer {token(served, 'ben')}"

    own = served.command(home, "correct_cover", earlier(booking), lives_here, x_approver=ben)
    problem(own, 422, "refused", "correction.own_household")
    approves = served.command(
        home,
        "correct_cover",
        earlier(booking),
        token(served, "ann"),
        x_approver=f"Bearer {lives_here}",
    )
    problem(approves, 422, "refused", "correction.own_household")
    grant = {"product": "virtual-visitor-vouchers", "units": 5, "reason": "x"}
    head = token(served, "head", "approver", own=home.id)
    problem(
        served.command(home, "grant_allowance", grant, head),
        422,
        "refused",
        "correction.own_household",
    )
    assert attempts(served, home) == [
        ("lives-here", ["correction.own_household"]),
        ("ann", ["correction.own_household"]),
        ("head", ["correction.own_household"]),
    ]
    checked = served.command(other, "move_out", {"resident": other.resident}, lives_here)
    assert checked.status_code == 200


def test_a_resident_acts_on_their_own_household_as_ever(served, booked):
    home, _ = booked
    booked_too = served.command(home, "book_voucher", {"vehicles": [f"OWN{home.number}"]})
    assert booked_too.status_code == 200


def test_a_residents_token_has_no_other_own_household(served):
    council = served.councils["stevenage"]
    with (
        council.pool.connection() as connection,
        pytest.raises(ValueError, match="token's already"),
    ):
        make_token(connection, council.schema, "resident", "r", "h", "r", own_household="h")
