"""Commands over HTTP: sent once, by those who may, in exactly the shape they have."""

from uuid import uuid4

import pytest

from commands.registry import BY_TAG
from web import access

BOOK = {"vehicles": ["AB12CDE"]}


def test_a_resident_applies_pays_and_books_and_an_officer_sees_it_at_once(served):
    home = served.home()
    served.with_vouchers(home)

    booked = served.command(home, "book_voucher", {"vehicles": [f"RES{home.number}"]})

    assert booked.status_code == 200
    assert booked.json()["values"]["remaining"] == 19
    check = {"mark": f"res {home.number}", "zone": "OT"}
    seen = served.post("stevenage/enforcement/checks", check, served.token("officer"))
    assert (seen.json()["covered"], seen.json()["until"]) == (True, "2026-11-20T00:00:00Z")


def test_the_same_key_and_body_get_the_first_answer_again(served):
    home = served.home()
    served.with_vouchers(home)

    first = served.command(home, "book_voucher", BOOK, idempotency_key="once")
    again = served.command(home, "book_voucher", BOOK, idempotency_key="once")

    assert first.status_code == 200
    assert again.content == first.content


def test_the_same_key_with_another_body_is_refused(served, problem):
    home = served.home()
    served.with_vouchers(home)
    served.command(home, "book_voucher", BOOK, idempotency_key="once")

    answer = served.command(home, "book_voucher", {"vehicles": ["ZZ99ZZZ"]}, idempotency_key="once")

    problem(answer, 422, "refused", "key.reused_for_another_command")


def test_keys_of_two_senders_never_meet(served):
    home = served.home()
    served.with_vouchers(home)
    staff = served.token("staff")

    first = served.command(home, "book_voucher", BOOK, idempotency_key="1")
    other = served.command(
        home, "book_voucher", {"vehicles": ["CD34EFG"]}, staff, idempotency_key="1"
    )

    assert (first.status_code, other.status_code) == (200, 200)


@pytest.mark.parametrize("key", ["", "x" * 201, "caf\xe9", "a\x7fb"])
def test_a_command_without_a_good_key_is_not_done(served, problem, key):
    home = served.home()

    answer = served.command(home, "book_voucher", BOOK, idempotency_key=key.encode("latin-1"))

    problem(answer, 400, "no-idempotency-key")


def test_a_key_of_two_hundred_characters_is_taken(served, problem):
    home = served.home()

    answer = served.command(home, "book_voucher", BOOK, idempotency_key="x" * 200)

    problem(answer, 422, "refused", "booking.no_units")


def test_every_reason_of_a_refusal_is_told(served, problem):
    home = served.home()

    answer = served.command(home, "book_voucher", {"vehicles": ["!"], "start": "2020-01-01 10:00"})

    problem(
        answer, 422, "refused", "vehicle.mark_invalid", "booking.start_in_past", "booking.no_units"
    )


def test_a_time_that_the_clocks_skip_is_refused(served, problem):
    home = served.home()
    served.with_vouchers(home)

    answer = served.command(home, "book_voucher", {**BOOK, "start": "2027-03-28 01:30"})

    problem(answer, 422, "refused", "booking.no_such_time")


@pytest.mark.parametrize(
    ("quantity", "codes"),
    [
        (-20, ["purchase.below_minimum"]),
        (0, ["purchase.below_minimum"]),
        (21, ["purchase.not_a_multiple", "purchase.above_maximum"]),
        (10**30, ["purchase.above_maximum"]),
    ],
)
def test_a_quantity_that_is_not_sold_is_refused(served, problem, quantity, codes):
    home = served.home()
    wanted = {"product": "virtual-visitor-vouchers", "quantity": quantity}

    problem(served.command(home, "apply_for_permit", wanted), 422, "refused", *codes)


def test_a_huge_quantity_of_a_product_without_a_maximum_is_refused(served):
    home = served.home("gravesham")
    product = home.council.editions.latest.products[0].id

    for quantity in (10**9, 10**18, 10**40):
        wanted = {"product": product, "quantity": quantity, "months": quantity}
        assert served.command(home, "apply_for_permit", wanted).status_code == 422


def test_a_command_that_there_is_not_is_nothing(served, problem):
    home = served.home()

    problem(served.command(home, "book_everything", BOOK), 404, "not-found")


@pytest.mark.parametrize("name", ["lapse", "receive_text", "send_pin", "list_property"])
def test_nobody_sends_what_the_program_sends_itself(served, problem, name):
    home = served.home()

    problem(served.command(home, name, {}, served.token("staff")), 404, "not-found")


@pytest.mark.parametrize("role", ["officer", "auditor", "gateway", "approver"])
def test_a_role_that_may_not_book_does_not(served, problem, role):
    home = served.home()

    answer = served.command(home, "book_voucher", BOOK, served.token(role))

    problem(answer, 403, "not-allowed", detail="This is for: resident, staff.")


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("change_email", {"email": "a@example.org"}),
        ("enrol_resident", {}),
        ("decide_application", {"application": "x", "outcome": "approve"}),
        ("pay_for_applications", {"applications": ["x"], "result": "authorised"}),
    ],
)
def test_what_is_the_staffs_is_not_a_residents(served, problem, name, body):
    home = served.home()

    answer = served.command(home, name, body)

    problem(answer, 403, "not-allowed", detail="This is for: staff.")


def test_every_command_of_the_table_is_one_that_residents_or_staff_know(served):
    """A row for a command that does not exist yet is harmless; a missing row is the staff's."""
    assert access.may_send("something_new", sandbox=False) == {"staff"}
    assert "resident" not in access.may_send("pay_for_applications", sandbox=False)
    assert "resident" in access.may_send("pay_for_applications", sandbox=True)
    assert not any(access.may_send(tag, sandbox=True) for tag in ("lapse", "receive_text"))
    assert {tag for tag, roles in access.MAY_SEND.items() if "resident" in roles} >= {
        "apply_for_permit",
        "book_voucher",
    }
    assert BY_TAG.keys() >= {"apply_for_permit", "book_voucher", "lapse"}


def without_instance(answer):
    return {name: value for name, value in answer.json().items() if name != "instance"}


def test_another_household_and_none_at_all_are_one_answer(served, problem):
    home, other = served.home(), served.home()

    theirs = served.command(other, "book_voucher", BOOK, home.token)
    absent = served.post(
        f"stevenage/households/{uuid4()}/commands/book_voucher",
        BOOK,
        home.token,
        idempotency_key="1",
    )
    strange = served.post(
        "stevenage/households/no-such-id/commands/book_voucher",
        BOOK,
        home.token,
        idempotency_key="1",
    )

    problem(theirs, 404, "not-found", detail="There is no such household here.")
    assert without_instance(theirs) == without_instance(absent) == without_instance(strange)


def test_staff_find_no_household_where_there_is_none(served, problem):
    answer = served.post(
        f"stevenage/households/{uuid4()}/commands/book_voucher",
        BOOK,
        served.token("staff"),
        idempotency_key="1",
    )

    problem(answer, 404, "not-found", detail="There is no such household here.")


def test_a_booking_of_another_household_is_not_there(served, problem):
    home, other = served.home(), served.home()
    served.with_vouchers(other)
    booking = served.command(other, "book_voucher", BOOK).json()["values"]["bookings"][0]

    answer = served.command(home, "cancel_booking", {"booking": booking})

    problem(answer, 404, "not-found", detail="There is no such booking here.")


def test_staff_act_for_a_resident_by_telephone(served):
    home = served.home()
    served.with_vouchers(home)
    staff = served.token("staff")

    served.command(
        home, "book_voucher", BOOK, staff, x_on_behalf_of=home.resident, x_channel="phone"
    )

    entry = list(home.council.ledger.facts(home.stream))[-1].entry
    assert (entry.by.role, entry.by.name) == ("staff", "staff-1")
    assert (entry.on_behalf_of, entry.channel) == (home.resident, "phone")


def test_a_resident_acts_for_nobody_else_and_does_not_telephone(served, problem):
    home = served.home()

    problem(
        served.command(home, "book_voucher", BOOK, x_on_behalf_of="somebody"),
        403,
        "not-allowed",
        detail="Only staff act on behalf of a resident.",
    )
    problem(served.command(home, "book_voucher", BOOK, x_channel="phone"), 403, "not-allowed")
    problem(
        served.command(home, "book_voucher", BOOK, x_channel="pigeon"),
        400,
        "invalid",
        "header.x_channel",
    )


def test_a_property_is_listed_found_and_its_vehicles_known(served, problem):
    staff = served.token("staff")
    listing = {"property_ref": f"new-{uuid4()}", "zone": "OT"}

    listed = served.post("stevenage/properties", listing, staff, idempotency_key="1")
    found = served.get(f"stevenage/properties/{listing['property_ref']}", staff)
    facts = served.post(
        "stevenage/vehicles/facts",
        {"vehicle": "HE4 VYY", "max_authorised_mass_kg": 3500},
        staff,
        idempotency_key="2",
    )

    assert listed.json()["household_id"] == found.json()["household"]
    assert facts.json()["values"] == {"vehicle": "HE4VYY"}
    problem(served.get("stevenage/properties/none", staff), 404, "not-found")


def test_a_person_registers_by_the_public_form_and_gets_the_first_answer_again(served):
    home = served.home("hampshire")
    body = {"property_ref": home.property_ref, "council_tax_account": home.account, "name": "B"}

    first = served.post("hampshire/registrations", body, idempotency_key="form-1")
    again = served.post("hampshire/registrations", body, idempotency_key="form-1")

    assert first.json()["verified"] is True
    assert again.json() == first.json()


def test_a_wrong_account_and_a_property_that_is_not_there_are_one_answer(served, problem):
    home = served.home("hampshire")
    wrong = {"property_ref": home.property_ref, "council_tax_account": "CT-0", "mobile": "1"}

    there = served.post("hampshire/registrations", wrong, idempotency_key="1")
    absent = served.post(
        "hampshire/registrations", {**wrong, "property_ref": "nowhere"}, idempotency_key="1"
    )

    problem(there, 422, "refused", "eligibility.not_verified", "message.not_understood")
    assert without_instance(there) == without_instance(absent)


def test_a_text_from_a_linked_number_books_and_any_other_is_kept_without_reply(served, problem):
    """HAN-031 to 035: an unlinked number changes nothing; the attempt is on record."""
    gateway = served.token("gateway", "hampshire")
    text = {"from": "07700 900998", "body": "VISITOR AB12CDE"}

    for _ in range(2):
        answer = served.post("hampshire/texts", text, gateway, idempotency_key="sms-1")
        problem(answer, 422, "refused", "message.number_not_linked")

    with served.councils["hampshire"].pool.connection() as connection:
        kept = connection.execute(
            "select household_id, channel, codes, details::text || actor || command_key"
            " from hampshire.refused_attempts where codes = '{message.number_not_linked}'"
        ).fetchall()
    assert [row[:3] for row in kept] == [(None, "text", ["message.number_not_linked"])]
    assert "900998" not in kept[0][3]


def test_a_text_of_a_linked_number_is_handled_as_its_residents(served, problem):
    home = served.home("hampshire")
    gateway = served.token("gateway", "hampshire")
    text = {"from": home.mobile, "body": "HELLO"}

    answer = served.post("hampshire/texts", text, gateway, idempotency_key=f"sms-{home.number}")

    problem(answer, 422, "refused", "message.not_understood")
    naive = {**text, "confirmed_at": "2026-11-20T14:05:20"}
    answer = served.post("hampshire/texts", naive, gateway, idempotency_key="x")
    problem(answer, 400, "invalid", "body.invalid")
    assert "`$.confirmed_at`" in answer.json()["detail"]
    assert (
        served.post("hampshire/texts", text, served.token("officer", "hampshire")).status_code
        == 403
    )
