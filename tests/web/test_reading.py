"""Reading a household over HTTP: figures for all who may, facts for those whom they concern."""

from datetime import timedelta
from uuid import uuid4

import pytest

from commands.book_voucher import BookVoucher
from commands.enrol_resident import EnrolResident
from commands.handling import Sender
from commands.move_out import MoveOut
from commands.save_visitor import SaveVisitor
from ledger.events import Actor

READS = ("", "/history", "/allowances", "/sessions")


def read(served, home, what, token=None):
    return served.get(f"{home.council.id}/households/{home.id}{what}", token or home.token)


def flatmate(served, home):
    """Another resident of the same home, who has saved and booked a visitor of their own."""
    enrolled = home.did(EnrolResident(name="Flatmate", email=f"other-{home.number}@example.org"))
    resident = str(enrolled["resident"])
    by = Actor("resident", resident)
    for n, command in enumerate(
        (SaveVisitor(vehicle="FL4TM8E", name="Secret"), BookVoucher(vehicles=("FL4TM8E",)))
    ):
        sender = Sender(by=by, key=f"flatmate/{home.number}/{n}")
        home.council.handle(home.stream, command, sender)
    return served.token("resident", home.council.id, home.id, resident)


@pytest.mark.parametrize("what", READS)
def test_another_household_and_none_at_all_are_one_answer(served, problem, what):
    home, other = served.home(), served.home()

    theirs = read(served, other, what, home.token)
    absent = served.get(f"stevenage/households/{uuid4()}{what}", home.token)

    problem(theirs, 404, "not-found", detail="There is no such household here.")
    assert theirs.json() == {**absent.json(), "instance": theirs.json()["instance"]}


@pytest.mark.parametrize("what", READS)
@pytest.mark.parametrize("role", ["officer", "gateway", "approver"])
def test_who_only_enforces_or_delivers_reads_nobody(served, problem, what, role):
    answer = read(served, served.home(), what, served.token(role))

    problem(answer, 403, "not-allowed", detail="This is for: auditor, resident, staff.")


@pytest.mark.parametrize("what", READS)
@pytest.mark.parametrize("role", ["staff", "auditor"])
def test_staff_and_auditors_read_every_household(served, problem, what, role):
    token = served.token(role)

    assert read(served, served.home(), what, token).status_code == 200
    problem(served.get(f"stevenage/households/{uuid4()}{what}", token), 404, "not-found")


def test_a_household_shows_people_holdings_and_balances(served):
    home = served.home()
    served.with_vouchers(home)

    seen = read(served, home, "").json()

    assert (seen["property_ref"], seen["zone"]) == (home.property_ref, "OT")
    assert [(each["resident"], each["mobile"]) for each in seen["residents"]] == [
        (home.resident, home.mobile)
    ]
    assert [(each["state"], each["pence"]) for each in seen["applications"]] == [("issued", 1000)]
    assert [(h["units_left"], h["in_force"]) for h in seen["holdings"]] == [(20, True)]
    assert seen["balances"] == [{"product": "virtual-visitor-vouchers", "remaining": 20}]
    assert home.account not in str(seen)


def test_a_resident_sees_neither_a_flatmates_data_nor_their_visitors(served):
    home = served.home()
    served.with_vouchers(home)
    flatmate(served, home)
    served.follow(home, booked=1)

    own = "".join(read(served, home, what).text for what in READS)
    staffs = "".join(read(served, home, what, served.token("staff")).text for what in READS)

    for secret in ("FL4TM8E", "Secret", f"other-{home.number}@example.org"):
        assert secret not in own
        assert secret in staffs
    assert read(served, home, "").json()["balances"][0]["remaining"] == 19


def test_nobody_reads_account_numbers_or_contact_data_in_a_history(served):
    home = served.home()

    text = read(served, home, "/history", served.token("auditor")).text

    assert '"act":"registered"' in text
    for secret in (home.account, home.email, home.mobile):
        assert secret not in text


def test_a_history_is_read_page_by_page(served):
    home = served.home()
    served.with_vouchers(home)
    whole = read(served, home, "/history").json()

    first = read(served, home, "/history?limit=2").json()
    rest = read(served, home, f"/history?limit=200&after={first['next']}").json()

    assert [each["act"] for each in whole["entries"]] == [
        "registered",
        "applied",
        "proof_uploaded",
        "paid",
        "issued",
    ]
    assert first["entries"] + rest["entries"] == whole["entries"]
    assert (first["next"], rest["next"]) == (3, None)
    assert whole["entries"][3]["role"] == "staff"


def test_allowances_tell_what_is_left_and_when_units_come_back(served):
    home = served.home("hampshire")
    product = home.council.editions.latest.products[0]
    applied = served.command(home, "apply_for_permit", {"product": product.id}).json()["values"]
    paid = {"applications": [applied["application"]], "result": "authorised"}
    served.command(home, "pay_for_applications", paid, served.token("staff", "hampshire"))

    caps = read(served, home, "/allowances").json()["caps"]
    later = read(served, home, "/allowances?on=2027-11-19").json()["caps"]

    (cap,) = [each for each in caps if each["product"] == product.id][:1]
    assert cap["used"] > 0
    assert cap["releases"] == [{"on": "2027-11-19", "units": cap["used"]}]
    assert cap["available"] == cap["max"] - cap["used"]
    assert later[caps.index(cap)]["used"] == 0


def test_sessions_are_listed_latest_start_first_and_searched(served):
    home = served.home()
    served.with_vouchers(home)
    for mark, start in (("AA11AAA", "now"), ("BB22BBB", "2026-12-01 10:00")):
        served.command(home, "book_voucher", {"vehicles": [mark], "start": start})
    served.follow(home, booked=2)

    listed = read(served, home, "/sessions").json()
    found = read(served, home, "/sessions?search=aa11").json()

    assert [(s["mark"], s["changeable"]) for s in listed["sessions"]] == [
        ("BB22BBB", True),
        ("AA11AAA", False),
    ]
    assert (listed["total"], listed["page_size"]) == (2, 25)
    assert [s["mark"] for s in found["sessions"]] == ["AA11AAA"]


def test_a_resident_who_moved_out_is_signed_out(served, problem):
    home = served.home()
    served.at += timedelta(minutes=1)
    assert read(served, home, "").status_code == 200

    home.did(MoveOut(resident=home.resident))

    problem(read(served, home, ""), 401, "not-signed-in")
