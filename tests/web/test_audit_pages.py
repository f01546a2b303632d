"""The auditor's pages: a replay at any step, times compared, reports, the whole verified."""

from datetime import timedelta
from time import monotonic, sleep

import pytest

from commands.apply_for_permit import ApplyForPermit
from commands.book_voucher import BookVoucher
from commands.cancel_booking import CancelBooking
from commands.pay_for_applications import PayForApplications
from projections import doubts
from projections.catching_up import caught_up
from projections.registry import CATCHING_UP
from services.identity import sessions, staff
from tests.web.conftest import NOON
from tests.web.page_client import PageClient


def signed_in(served, role, council_id="stevenage"):
    """A browser in which a member of staff is signed in: ada, or whoever has that role."""
    council = served.councils[council_id]
    browser = PageClient(served.client, council)
    name = f"ada-{role}"
    with council.pool.connection() as connection:
        known = staff.listed(connection, council.schema)
        if name not in {each.name for each in known}:
            staff.add(connection, council.schema, name=name, role=role, at=served.at, sandbox=True)
        secret = sessions.begin_session(
            connection, council.schema, role=role, name=name, at=served.at
        )
    served.client.cookies.set(council_id, secret)
    return browser


@pytest.fixture
def auditor(served):
    served.at = NOON
    return signed_in(served, "auditor")


@pytest.fixture
def home(served):
    """Vouchers at noon, a visitor booked ten minutes later and cancelled after ten more."""
    served.at = NOON
    home = served.home()
    served.with_vouchers(home)
    served.at = NOON + timedelta(minutes=10)
    home.mark = f"AUD{home.number}"
    start = "2026-11-20 10:00"
    booked = home.did(BookVoucher(vehicles=(home.mark,), start=start))["bookings"][0]
    served.at = NOON + timedelta(minutes=20)
    home.did(CancelBooking(booking=booked))
    served.at = NOON + timedelta(minutes=30)
    home.steps = home.council.ledger.household(home.stream).version
    return home


def page(home, name):
    return f"/audit/households/{home.id}/{name}"


@pytest.mark.parametrize(
    ("kind", "of"),
    [
        ("reference", lambda home: home.property_ref),
        ("", lambda home: home.property_ref),
        ("", lambda home: home.id),
        ("mark", lambda home: home.mark.lower()),
        ("email", lambda home: home.email),
    ],
)
def test_an_auditor_finds_a_household_as_the_counter_does_and_says_why(home, auditor, kind, of):
    """Who looked, by what and why is kept; what was typed is not (promises section 4)."""
    assert caught_up(home.council.ledger, CATCHING_UP, 20)
    reason = f"complaint {home.number}"
    auditor.open("/audit")

    auditor.send("/audit", typed=of(home), kind=kind, reason=reason)

    assert auditor.path == page(home, "replay")
    assert f"Step {home.steps} of {home.steps}" in auditor.said()
    with home.council.pool.connection() as connection:
        kept = connection.execute(
            "select name, role, kind, found from stevenage.people_looked_up where reason = %s",
            (reason,),
        ).fetchall()
    assert kept == [("ada-auditor", "auditor", kind or "reference", 1)]
    auditor.open("/audit/lookups")
    assert reason in auditor.said()
    assert "ada-auditor (auditor)" in auditor.said()


def test_an_auditor_who_does_not_say_why_finds_nobody(home, auditor):
    auditor.open("/audit")
    assert auditor.send("/audit", typed=home.property_ref).status_code == 422
    assert "Enter why you look" in auditor.said()
    assert home.property_ref in auditor.page.text
    auditor.send("/audit", typed="", reason="x" * 201)
    assert "Enter what you know" in auditor.said()
    assert "The reason must be at most 200 characters; it is 201" in auditor.said()
    auditor.send("/audit", typed="nowhere at all", reason="audit 7")
    assert auditor.page.status_code == 200
    assert "Nothing was found" in auditor.said()
    assert home.property_ref in auditor.open(f"/audit?reference={home.property_ref}").text


def test_each_step_tells_what_it_changed_and_what_the_household_was_after_it(home, auditor):
    """P6: the whole history, readable, each act with what it changed."""
    auditor.open(page(home, f"replay?version={home.steps - 1}"))

    said = auditor.said()
    assert "Units left of Virtual Visitor Vouchers 20 → became 19" in said
    assert "19 of 20 units left" in said
    assert f"{home.mark} : booked, 10:00 on 20 November 2026 until the end of" in said
    assert "Staff: clerk" in said
    assert home.email not in auditor.page.text
    auditor.open(page(home, f"replay?version={home.steps}"))
    assert "19 → became 20" in auditor.said()
    assert "20 of 20 units left" in auditor.said()


@pytest.mark.parametrize("asked", ["0", "999999", "-1", "x", "", "99999999999999"])
def test_a_step_that_is_not_there_is_the_nearest_one(home, auditor, asked):
    assert auditor.open(page(home, f"replay?version={asked}")).status_code == 200


def test_two_times_are_compared_in_words_and_side_by_side(home, auditor):
    """X-102: what was known by then, about one instant."""
    on = "&on-day=20&on-month=11&on-year=2026&on-time=10:30"
    first = "first-day=19&first-month=11&first-year=2026&first-time=12:15"
    second = "&second-day=19&second-month=11&second-year=2026&second-time=12:25"

    auditor.open(page(home, f"compare?{first}{second}{on}"))

    assert f"{home.mark} in zone" in auditor.said()
    assert "no longer so at the second time" in auditor.said()
    assert "The differences side by side" in auditor.said()
    same = second.replace("second", "first", 3).lstrip("&")
    auditor.open(page(home, f"compare?{same}&first-time=12:25{second}{on}"))
    assert "Nothing differs" in auditor.said()


def test_a_time_that_is_none_or_before_all_is_told_at_its_field(home, auditor):
    path = page(home, "compare")
    assert auditor.open(path).status_code == 200
    assert auditor.open(f"{path}?compare=yes").status_code == 422
    first = "first-day=1&first-month=1&first-year=2021&first-time=12:15"
    second = "&second-day=19&second-month=11&second-year=2026&second-time=12:25"
    on = "&on-day=20&on-month=11&on-year=2026&on-time=25:99"
    auditor.open(f"{path}?{first}{second}{on}")
    assert "such as 14:15" in auditor.said()
    auditor.open(f"{path}?{first}{second}{on.replace('25:99', '10:00')}")
    assert "Nothing was known of this household by then" in auditor.said()


def test_each_counted_unit_names_its_act_and_when_it_stops_counting(served):
    """HAN-015: what was bought counts for twelve months from its day."""
    served.at = NOON
    home = served.home("hampshire")
    product = home.council.editions.latest.products[0]
    bought = home.did(ApplyForPermit(product=product.id))
    paying = PayForApplications(
        applications=(str(bought["application"]),), result="authorised", amount=int(bought["pence"])
    )
    home.did(paying)
    auditor = signed_in(served, "auditor", "hampshire")

    auditor.open(page(home, f"allowance?product={product.id}"))

    assert "Each act that was counted" in auditor.said()
    assert "19 November 2027" in auditor.said()
    assert "Counts" in auditor.said()


@pytest.mark.parametrize(("kind", "needle"), [("csv", "household_id,version"), ("jsonl", '{"')])
def test_a_history_is_kept_as_a_file(home, auditor, kind, needle):
    answer = auditor.open(page(home, f"history.{kind}"))

    assert answer.text.startswith(needle)
    assert f'filename="history.{kind}"' in answer.headers["content-disposition"]
    assert len(answer.text.splitlines()) >= home.steps


def test_exceptions_are_listed_by_day_and_kind_and_kept_as_a_file(served, home, auditor):
    """E10: what was dated back, with whom, and why."""
    booked = home.did(BookVoucher(vehicles=(f"EXC{home.number}",), start="now"))
    correction = {
        "act": booked["bookings"][0],
        "covers_from": (NOON - timedelta(hours=1)).isoformat(),
        "reason": "=told by telephone",
    }
    second = served.token("approver")
    served.command(
        home, "correct_cover", correction, served.token("staff"), x_approver=f"Bearer {second}"
    )
    days = "from-day=19&from-month=11&from-year=2026&to-day=19&to-month=11&to-year=2026"

    auditor.open(f"/audit/exceptions?{days}&kind=corrected")

    assert "approver-1" in auditor.said()
    assert "1 hour 20 minutes" in auditor.said()
    file = auditor.open(f"/audit/exceptions.csv?{days}").text
    assert file.startswith("at,kind,by")
    assert "'=told" in file or "told_late" in file or "told by telephone" in file
    auditor.open(f"/audit/exceptions?{days.replace('2026', '2025')}")
    assert "Nothing of the kind" in auditor.said()
    assert auditor.open("/audit/exceptions?from-day=31&from-month=2").status_code == 422
    backwards = days.replace("from-day=19", "from-day=20")
    assert auditor.open(f"/audit/exceptions?{backwards}").status_code == 422


def test_look_ups_are_counted_and_a_marks_are_listed(served, home, auditor):
    mark = f"LKU{home.number}"
    served.post(
        "stevenage/enforcement/checks", {"mark": mark, "zone": "OT"}, served.token("officer")
    )

    auditor.open("/audit/lookups")
    assert "Officer-1" in auditor.said()
    auditor.send("/audit/lookups", mark=mark.lower())
    assert "Look-ups, oldest first" in auditor.said()
    assert mark not in str(auditor.page.url)
    auditor.send("/audit/lookups", mark="")
    assert "Enter a registration number" in auditor.said()
    assert auditor.send("/audit/lookups", mark="!!").status_code == 422


def verified(auditor):
    """What the page says once it is done."""
    auditor.open("/audit/verify")
    auditor.send("/audit/verify")
    assert auditor.path == "/audit/verify"
    auditor.send_again("/audit/verify")
    deadline = monotonic() + 60
    while "being read again" in auditor.open("/audit/verify").text and monotonic() < deadline:
        sleep(0.2)
    return auditor.said()


def test_the_ledger_is_verified_in_the_background(home, auditor):
    """P5, P7: proof that nothing was altered, at one button."""
    said = verified(auditor)

    assert "The ledger is whole" in said
    assert "by ada-auditor" in said


def test_a_row_that_somebody_altered_is_told_with_its_household_and_step(home, auditor):
    """P7: what differs, and where."""
    alter = "update stevenage.active_registrations set shown = %s where household_id = %s"
    with home.council.pool.connection() as connection:
        connection.execute(alter, ("ZZ99ZZZ", home.id))
    try:
        said = verified(auditor)
    finally:
        with home.council.pool.connection() as connection:
            connection.execute(alter, (home.mark, home.id))
            doubts.end(connection, "stevenage", "rows")

    assert "The ledger is not whole" in said
    assert f"shown is ZZ99ZZZ, by the facts {home.mark}" in said
    assert home.id in said
    assert f"{page(home, 'replay')}?version=" in auditor.page.text


@pytest.mark.parametrize("role", ["staff", "officer", "editor", "dispute"])
def test_nobody_else_may_look(served, home, role):
    other = signed_in(served, role)
    for path in ("/audit", "/audit/exceptions", "/audit/verify", page(home, "replay")):
        assert other.open(path).status_code == 403, path


def test_what_is_no_household_is_not_found(served, auditor):
    nowhere = "/audit/households/00000000-0000-0000-0000-000000000001"
    for name in ("replay", "compare", "allowance", "history.csv"):
        assert auditor.open(f"{nowhere}/{name}").status_code == 404
    outages = served.councils["stevenage"].ledger.outages_id()
    assert auditor.open(f"/audit/households/{outages}/replay").status_code == 404
