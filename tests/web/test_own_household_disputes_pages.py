"""Whoever of the disputes desk lives in the household: neither act nor look, and it is kept."""

import pytest

from commands.book_voucher import BookVoucher
from services.identity.tokens import make_token
from tests.web.conftest import NOON
from tests.web.disputes_desk import about, day, hidden
from tests.web.test_counter_pages import Counter

OWN = "Nobody acts as staff on the household they live in"


@pytest.fixture
def home(served):
    """A household with a visitor booked; a notice of that visitor's mark, noted by the API."""
    served.at = NOON
    home = served.home()
    served.with_vouchers(home)
    home.mark = f"OWN{home.number}"
    home.did(BookVoucher(vehicles=(home.mark,)))
    return home


def noted(served, home, mark, token=""):
    home.notice = f"OW{home.number:06d}"
    body = {
        "number": home.notice,
        "mark": mark,
        "zone": "OT",
        "issued_at": NOON.isoformat(),
        "contravention": "12",
    }
    path = "stevenage/notices/commands/note_notice"
    key = f"own-{home.number}-{mark}-{token[-6:]}"
    return served.post(path, body, token or served.token("staff"), idempotency_key=key)


def attempts(desk, name):
    return [
        (command, codes)
        for command, codes in desk.rows(
            "select command, codes from stevenage.refused_attempts where actor = %s"
            " order by attempt_id",
            name,
        )
    ]


def test_no_one_of_the_desk_notes_decides_or_looks_into_their_own_notice(served, home):
    """As at the counter: refused, and among the exceptions (E10)."""
    assert noted(served, home, home.mark).status_code == 200
    desk = Counter(served)
    name = desk.staff("dispute", own=home.id, name=f"lives-there-{home.number}")
    of_it = f"/disputes/notices/{home.notice}"

    desk.open("/disputes/notices/new")
    fields = {key.replace("-", "__"): each for key, each in about(home.mark).items()}
    desk.send("/disputes/notices/new", pcn="OW999999", contravention="12", **fields)
    assert OWN in desk.said()
    received = {key.replace("-", "__"): each for key, each in day("received", NOON).items()}
    desk.open(f"{of_it}/case")
    desk.send(f"{of_it}/case", kind="informal", reference="L-1", **received)
    assert OWN in desk.said()
    desk.open("/disputes")
    desk.send("/disputes", **fields)
    assert OWN in desk.said()
    assert desk.open(f"{of_it}/answer").status_code == 422

    barred = ["correction.own_household"]
    assert attempts(desk, name) == [
        ("note_notice", barred),
        ("open_case", barred),
        ("ask_about_notice", barred),
        ("ask_about_notice", barred),
    ]
    desk.staff("auditor", name=f"auditor-of-{home.number}")
    desk.open("/audit/exceptions?kind=attempted")
    assert "Tried in the household where they live: open case" in desk.said()
    assert f"/audit/households/{desk.council.ledger.notice_id(home.notice)}" not in desk.page.text


def test_no_pack_is_made_by_whoever_lives_there(served, home):
    """The form of a colleague's page is of no use to them (E2, E10)."""
    assert noted(served, home, home.mark).status_code == 200
    desk = Counter(served)
    desk.staff("dispute", name=f"colleague-{home.number}")
    desk.open(f"/disputes/notices/{home.notice}/answer")
    sent = hidden(desk.page)
    name = desk.staff("dispute", own=home.id, name=f"lives-there-{home.number}")
    proof = desk.open("/disputes") and dict(desk.forms()[-1][1])["proof"][0]

    answer = desk.client.post(
        "/stevenage/disputes/pack", data={**sent, "proof": proof, "key": "a-key-of-the-test-1"}
    )

    assert answer.status_code == 422
    assert attempts(desk, name) == [("make_evidence", ["correction.own_household"])]


def test_over_http_it_is_the_same_and_other_notices_are_theirs_to_do(served, home, problem):
    council = served.councils["stevenage"]
    with council.pool.connection() as connection:
        token = make_token(
            connection, council.schema, "staff", f"lives-{home.number}", own_household=home.id
        )

    problem(noted(served, home, home.mark, token), 422, "refused", "correction.own_household")
    asked = {"mark": home.mark, "at": NOON.isoformat(), "zone": "OT"}
    pack = served.post("stevenage/evidence", asked, token)
    problem(pack, 422, "refused", "correction.own_household")
    assert noted(served, home, "ZZ99ZZY", token).status_code == 200
    assert council.ledger.household(council.ledger.notice_id(home.notice)).desk is not None
