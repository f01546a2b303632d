"""The counter's pages: finding, acting for a resident, deciding, and what takes two people."""

from datetime import timedelta

import pytest

from commands.apply_for_permit import ApplyForPermit
from commands.upload_proof import UploadProof
from projections.catching_up import caught_up
from projections.registry import CATCHING_UP
from services.identity import sessions, staff
from tests.web.page_client import PageClient


class Counter(PageClient):
    """A member of staff at the counter."""

    number = 0

    def __init__(self, served, council="stevenage"):
        super().__init__(served.client, served.councils[council])
        self.served = served

    def staff(self, role="staff", own="", name=""):
        """Somebody of the staff, made and signed in; their name."""
        Counter.number += 1
        name = name or f"{role}-{Counter.number}"
        with self.council.pool.connection() as connection:
            staff.add(
                connection,
                self.council.schema,
                name=name,
                role=role,
                at=self.served.at,
                own_household=own,
            )
        self.become(name, role)
        return name

    def become(self, name, role="staff"):
        self.client.cookies.clear()
        with self.council.pool.connection() as connection:
            secret = sessions.begin_session(
                connection, self.council.schema, role=role, name=name, at=self.served.at
            )
        self.client.cookies.set(self.council.id, secret)

    def rows(self, statement, *values):
        with self.council.pool.connection() as connection:
            return connection.execute(statement, values).fetchall()


@pytest.fixture
def counter(served):
    return Counter(served)


def household(home, tail=""):
    return f"/staff/households/{home.id}{tail}"


def test_whoever_is_no_staff_finds_nobody(served, counter):
    home = served.home()
    counter.client.cookies.clear()

    assert "sign-in" in str(counter.open("/staff/households").url)
    for role in ("officer", "auditor", "approver"):
        counter.staff(role)
        for path in ("/staff/today", "/staff/households", household(home), "/staff/decisions"):
            assert counter.open(path).status_code == 403
    counter.sign_in(home.id, home.resident, served.at)
    assert counter.open(household(home)).status_code == 403


@pytest.mark.parametrize(
    ("kind", "of"),
    [
        ("email", lambda home: home.email.upper()),
        ("phone", lambda home: "0" + home.mobile[3:]),
        ("reference", lambda home: home.property_ref),
        ("", lambda home: home.email),
    ],
)
def test_a_household_is_found_by_what_is_known_and_the_look_is_recorded(served, counter, kind, of):
    """The key's kind and who looked are kept; what was typed is not (promises section 4)."""
    home = served.home()
    assert caught_up(counter.council.ledger, CATCHING_UP, 20)
    name = counter.staff()
    counter.open("/staff/households")

    counter.send("/staff/households", typed=of(home), kind=kind)

    assert counter.path == household(home)
    assert "This was found by its" in counter.said()
    kept = counter.rows(
        "select kind, found, household_id::text from stevenage.people_looked_up where name = %s"
        " order by look_id",
        name,
    )
    assert kept == [(kind or "email", 1, None), ("household", 1, home.id)]


def test_what_finds_nobody_says_so_and_odd_text_is_harmless(served, counter):
    counter.staff()
    counter.open("/staff/households")
    assert "Enter what you know" in counter.send("/staff/households").text
    counter.open("/staff/households")

    for typed in ("no such person", "'; drop table x", "zqx:*&!|", "a", "%%", "<b>"):
        page = counter.send("/staff/households", typed=typed, kind="name")
        assert page.status_code == 200
        assert "Nothing was found" in counter.said()
    assert "<b>" not in counter.page.text.partition("<main")[2]
    assert counter.send("/staff/households", typed="x", kind="nonsense").status_code == 422


def test_looking_people_up_is_limited(served, counter, monkeypatch):
    monkeypatch.setattr("services.looking_up.LOOKS_AN_HOUR", 2)
    counter.staff()
    counter.open("/staff/households")
    for _ in range(2):
        assert counter.send("/staff/households", typed="nobody").status_code == 200

    assert counter.send("/staff/households", typed="nobody").status_code == 422
    assert "within an hour" in counter.said()
    assert counter.open(household(served.home())).status_code == 429


def test_a_visit_booked_by_telephone_says_so_in_the_history(served, counter):
    """How staff were asked and for whom they act is recorded (issue Pages, item 2)."""
    home = served.home()
    served.with_vouchers(home)
    name = counter.staff()
    counter.open(household(home, "/book"))
    asked = {"mark": "AB12 CDE", "when": "now"}

    assert "Choose how you were asked" in counter.send(household(home, "/book"), **asked).text
    counter.send(household(home, "/book"), **asked, channel="phone")
    assert "Check before it is done" in counter.said()
    assert "AB12CDE" in counter.said()
    counter.send(household(home, "/book"), sure="yes")

    assert counter.path == household(home)
    assert "The visit is booked" in counter.said()
    counter.open(household(home, "/history"))
    assert f"{name}, by telephone, for A" in counter.said()
    last = list(counter.council.ledger.facts(home.stream))[-1].entry
    assert (last.channel, last.on_behalf_of, last.by.name) == ("phone", home.resident, name)


def test_what_was_entered_can_be_changed_before_it_is_done(served, counter):
    home = served.home()
    served.with_vouchers(home)
    counter.staff()
    counter.open(household(home, "/book"))
    counter.send(household(home, "/book"), mark="AB12CDE", when="now", channel="post")

    counter.send(household(home, "/book"), change="yes")

    assert 'value="AB12CDE"' in counter.page.text
    bad = counter.send(household(home, "/book"), mark="!", when="now", channel="post")
    assert bad.status_code == 422
    assert 'id="mark-error"' in bad.text


def test_at_the_counter_a_card_payment_is_taken_once(served, counter):
    home = served.home()
    application = home.did(ApplyForPermit(product="virtual-visitor-vouchers"))["application"]
    home.did(UploadProof(application=application, document="utility_bill", dated=served.at.date()))
    counter.staff()
    pay = household(home, f"/pay/{application}")
    counter.open(pay)

    counter.send(pay, paid_by="card", receipt="4711", channel="counter")

    assert "It is paid, and issued." in counter.said()
    counter.send_again(pay)
    assert len(counter.council.ledger.household(home.stream).payments) == 1
    other = served.home()
    second = other.did(ApplyForPermit(product="virtual-visitor-vouchers"))["application"]
    other.did(UploadProof(application=second, document="utility_bill", dated=served.at.date()))
    pay = household(other, f"/pay/{second}")
    counter.open(pay)
    again = counter.send(pay, paid_by="card", receipt="4711", channel="counter")
    assert again.status_code == 422
    assert "This reference has paid for another already" in counter.said()
    assert not counter.council.ledger.household(other.stream).payments


def booked(served, home):
    served.with_vouchers(home)
    answer = served.command(home, "book_voucher", {"vehicles": ["AB12CDE"]})
    return answer.json()["values"]["bookings"][0]


def proposed(counter, home, booking, **more):
    path = household(home, f"/correct/{booking}")
    counter.open(path)
    sent = {
        "mark": "AB12CDF",
        "code": "told_late",
        "reason": "rang at noon",
        "channel": "phone",
        **more,
    }
    return counter.send(path, **sent)


def the_proposal(counter, home):
    return counter.rows(
        "select proposal_id, state from stevenage.proposals where household_id = %s", home.id
    )[0]


def test_a_correction_takes_two_people(served, counter):
    """By its proposer, approved by whoever is signed in as the second person (G-031, X-102)."""
    home = served.home()
    booking = booked(served, home)
    first = counter.staff()
    proposed(counter, home, booking)
    assert "A colleague has to confirm this." in counter.said()
    assert counter.council.ledger.household(home.stream).bookings[booking].cover.shown == "AB12CDE"
    proposal, _ = the_proposal(counter, home)
    path = f"/staff/proposals/{proposal}"

    counter.open(path)
    assert "somebody else has to confirm it" in counter.said()
    assert "Confirm it" not in counter.page.text
    alone = counter.send(path, outcome="confirm")
    assert alone.status_code == 422
    assert the_proposal(counter, home)[1] == "waiting"
    second = counter.staff()
    counter.open(path)
    counter.send(path, outcome="confirm")

    assert "It is confirmed and recorded." in counter.said()
    fact = list(counter.council.ledger.facts(home.stream))[-1]
    assert (fact.entry.by.name, fact.event.approver) == (first, second)
    assert (fact.entry.channel, fact.event.reason_code) == ("phone", "told_late")
    assert counter.council.ledger.household(home.stream).bookings[booking].cover.shown == "AB12CDF"
    assert counter.send_again(path).status_code == 404
    assert list(counter.council.ledger.facts(home.stream))[-1] == fact


def test_a_proposal_is_declined_withdrawn_or_expires(served, counter):
    home = served.home()
    booking = booked(served, home)
    first = counter.staff()
    for _ in range(3):
        proposed(counter, home, booking)
    ids = [
        row[0]
        for row in counter.rows(
            "select proposal_id from stevenage.proposals where household_id = %s", home.id
        )
    ]
    second = counter.staff()
    counter.open(f"/staff/proposals/{ids[0]}")
    assert counter.send(f"/staff/proposals/{ids[0]}", outcome="decline").status_code == 422
    counter.send(f"/staff/proposals/{ids[0]}", outcome="decline", why="not shown")
    assert "It is declined." in counter.said()
    counter.become(first)
    counter.open(f"/staff/proposals/{ids[1]}")
    counter.send(f"/staff/proposals/{ids[1]}", outcome="decline")
    assert "It is withdrawn." in counter.said()

    counter.become(second)
    counter.open(f"/staff/proposals/{ids[2]}")
    served.at += timedelta(days=8)
    counter.become(second)
    assert "Expired" in counter.open(f"/staff/proposals/{ids[2]}").text
    with pytest.raises(AssertionError, match="no form"):
        counter.send(f"/staff/proposals/{ids[2]}", outcome="confirm")
    counter.open("/staff/proposals")
    for word in ("Declined", "Withdrawn", "Expired"):
        assert word in counter.said()


def test_nobody_acts_on_or_opens_the_household_they_live_in(served, counter):
    """Refused, and the attempt is kept for the auditor (E10)."""
    home = served.home()
    booking = booked(served, home)
    name = counter.staff(own=home.id)
    assert counter.open(household(home)).status_code == 403
    assert "You live here yourself" in counter.said()
    other = served.home()
    counter.open(household(other, "/register"))
    action = household(other, "/register")
    form = dict(counter.forms())[f"/stevenage{action}"]

    for tail, sent in (
        ("/book", {"mark": "AB12CDE", "when": "now"}),
        (f"/correct/{booking}", {"mark": "AB12CDF", "code": "other", "reason": "x"}),
    ):
        page = counter.client.post(
            f"/stevenage{household(home, tail)}",
            data={"proof": form["proof"], "key": form["key"], "channel": "phone", **sent},
        )
        assert page.status_code == 403
    kept = counter.rows(
        "select command, codes from stevenage.refused_attempts where actor = %s order by command",
        name,
    )
    assert kept == [
        ("book_voucher", ["correction.own_household"]),
        ("correct_cover", ["correction.own_household"]),
    ]


def test_the_second_person_may_not_live_there_either(served, counter):
    home = served.home()
    booking = booked(served, home)
    counter.staff()
    proposed(counter, home, booking)
    proposal, _ = the_proposal(counter, home)
    path = f"/staff/proposals/{proposal}"
    counter.staff()
    counter.open(path)
    form = dict(counter.forms())[f"/stevenage{path}"]
    counter.staff(own=home.id)
    assert counter.open(path).status_code == 403

    counter.open("/staff/households")
    proof = dict(counter.forms())["/stevenage/staff/households"]["proof"]
    sent = {**form, "proof": proof, "outcome": "confirm"}
    page = counter.client.post(f"/stevenage{path}", data=sent)

    assert page.status_code == 403
    assert the_proposal(counter, home)[1] == "waiting"


def test_an_application_is_offered_paid_for_and_seen(served):
    """Gravesham: proof, offer, payment, issue (GRV-020 to 023)."""
    counter = Counter(served, "gravesham")
    home = served.home("gravesham")
    product = counter.council.editions.latest.products[0]
    counter.staff()
    path = household(home, f"/apply/{product.id}")
    counter.open(path)
    counter.send(
        path, channel="counter", confirm=list(counter.council.editions.latest.flow.confirmations)
    )
    assert "Check before it is done" in counter.said()
    counter.send(path, sure="yes")
    (application,) = counter.council.ledger.household(home.stream).applications.values()
    document = counter.council.editions.latest.proof.documents[0].type
    home.did(
        UploadProof(
            application=application.application_id, document=document, dated=served.at.date()
        )
    )

    counter.open("/staff/decisions")
    assert home.property_ref in counter.said() or application.number in counter.page.text
    here = household(home, f"/applications/{application.application_id}")
    counter.open(here)
    assert counter.send(here, outcome="refuse").status_code == 422
    counter.open(here)
    counter.send(here, outcome="yes")
    assert "It is offered to the resident." in counter.said()
    counter.open(household(home, f"/pay/{application.application_id}"))
    counter.send(
        household(home, f"/pay/{application.application_id}"),
        paid_by="cash",
        receipt="1",
        channel="counter",
    )
    assert "It is paid, and issued." in counter.said()
    assert product.name in counter.said()
