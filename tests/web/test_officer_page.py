"""The officer's page: signed in with a token, told in words, and only from its own forms."""

import re
from datetime import timedelta

import psycopg
import pytest
from litestar.testing import TestClient

from web.app import create_app

PAGE = "/stevenage/officer"


class Browser:
    """A browser that keeps cookies and sends forms with the proof of the page it saw."""

    def __init__(self, served, page=PAGE):
        self.client = TestClient(served.app)
        self.path = page
        self.page = self.client.get(page)

    @property
    def proof(self):
        return re.search(r'name="proof" value="(\w+)"', self.page.text)[1]

    def send(self, where="", headers=None, **fields):
        sent = {"proof": self.proof, **fields}
        answer = self.client.post(self.path + where, data=sent, headers=headers or {})
        if 'name="proof"' in answer.text:
            self.page = answer
        return answer

    def signed_in(self, token):
        assert self.send("/sign-in", token=token).status_code == 200
        return self


@pytest.fixture
def officer(served):
    return Browser(served).signed_in(served.token("officer"))


def words(page):
    """The text of a page, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


def booked(served, mark, start="now"):
    home = served.home()
    served.with_vouchers(home)
    body = {"vehicles": [mark], "start": start}
    assert served.command(home, "book_voucher", body).status_code == 200
    return home


def test_a_covered_vehicle_is_told_in_words_shape_and_local_time(served, officer):
    booked(served, "PAGE1AA")

    page = officer.send(mark="page 1aa", zone="OT")

    assert page.status_code == 200
    assert "Covered PAGE1AA in zone OT, Old Town" in words(page)
    assert "It may park here until the end of Thursday 19 November." in words(page)
    assert '<section class="answer yes"' in page.text
    assert "<circle" in page.text


def test_a_mark_that_looks_like_a_covered_one_is_offered(served, officer):
    booked(served, "LOOK1AA")

    page = officer.send(mark="LOOK1AB", zone="OT")

    assert "Not covered LOOK1AB" in words(page)
    assert "Looks like" in words(page)
    assert 'value="LOOK1AA"' in page.text
    assert "Read the plate again first: one that looks like it is covered here." in words(page)


def test_in_the_ten_minutes_after_cover_the_officer_is_told_to_wait(served, officer):
    """Regulation 5 of SI 2022/71; at the very instant a notice is barred still (X-102)."""
    booked(served, "WA1TING")
    served.at = served.at.replace(day=20, hour=0, minute=4)

    waits = words(officer.send(mark="WA1TING", zone="OT"))
    served.at += timedelta(minutes=6)
    barred_still = words(officer.send(mark="WA1TING", zone="OT"))
    served.at += timedelta(seconds=1)
    over = words(officer.send(mark="WA1TING", zone="OT"))

    assert "Wait WA1TING" in waits
    assert "No notice before 00:10:01: ten minutes of grace." in waits
    assert "Wait WA1TING" in barred_still
    assert "Not covered WA1TING" in over
    assert "the grace ended at 00:10." in over


def test_another_zone_and_a_suspended_bay_are_told(served, officer):
    booked(served, "Z0NES11")

    elsewhere = words(officer.send(mark="Z0NES11", zone="NT"))
    suspended = words(officer.send(mark="Z0NES11", zone="OT", suspended="yes"))

    assert "It has a right to park, but in another zone. Its zone is OT." in elsewhere
    assert "The bay is suspended: no permit is valid in it." in suspended


def test_a_glyph_twin_is_the_same_mark_and_the_page_says_so(served, officer):
    booked(served, "OO11AAA")

    page = words(officer.send(mark="0O1IAAA", zone="OT"))

    assert "Covered 0O1IAAA" in page
    assert "O and 0, and I and 1, look the same on a plate" in page


@pytest.mark.parametrize(
    ("mark", "zone", "says"),
    [
        ("!!", "OT", "That is no registration mark: 2 to 12 letters and digits."),
        ("", "OT", "That is no registration mark: 2 to 12 letters and digits."),
        ("AB12CDE", "", "Choose the zone you are in."),
        ("AB12CDE", "ZZ", "Choose the zone you are in."),
    ],
)
def test_a_slip_is_told_and_what_was_typed_stays(officer, mark, zone, says):
    page = officer.send(mark=mark, zone=zone)

    assert page.status_code == 422
    assert says in words(page)
    assert f'value="{mark}"' in page.text


def test_what_is_typed_is_text_and_never_markup(officer):
    page = officer.send(mark='"><script>alert(1)</script>', zone="OT")

    assert "<script" not in page.text
    assert "&#34;&gt;&lt;script&gt;" in page.text


def test_the_page_may_load_its_own_style_and_nothing_else(served, officer):
    policy = officer.page.headers["content-security-policy"]

    assert policy.startswith("default-src 'none'; style-src 'self'; form-action 'self'")
    assert officer.page.headers["cache-control"] == "no-store"
    assert "<script" not in officer.page.text
    assert "style=" not in officer.page.text
    style = served.client.get("/static/officer.css")
    assert (style.status_code, style.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert "url(" not in style.text


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(served):
    browser = Browser(served)

    answer = browser.send("/sign-in", token=served.token("officer"))

    kept = next(
        each for each in answer.headers.get_list("set-cookie") if each.startswith("officer=plt_")
    )
    assert {"HttpOnly", "SameSite=strict", f"Path={PAGE}"} <= set(kept.split("; "))


def test_over_tls_cookies_are_secure(served):
    with TestClient(create_app(served.councils)) as client:
        kept = client.get(PAGE).headers.get_list("set-cookie")

    assert all("Secure" in each for each in kept)


@pytest.mark.parametrize("token", ["", "plt_nope", "caf\xe9"])
def test_a_token_that_is_none_is_not_taken(served, token):
    browser = Browser(served)

    page = browser.send("/sign-in", token=token)

    assert page.status_code == 401
    assert "Not signed in." in words(page)


def test_a_residents_token_is_no_officers(served):
    page = Browser(served).send("/sign-in", token=served.home().token)

    assert page.status_code == 401
    assert "This sign-in is not an officer&#39;s." in page.text


def test_a_form_from_elsewhere_is_turned_away(served, officer):
    """CSRF: without the page's own proof, or sent by another site, nothing is asked."""
    forged = officer.client.post(PAGE, data={"mark": "AB12CDE", "zone": "OT", "proof": "x"})
    missing = officer.client.post(PAGE, data={"mark": "AB12CDE", "zone": "OT"})
    across = officer.send(mark="AB12CDE", zone="OT", headers={"sec-fetch-site": "cross-site"})
    stranger = TestClient(served.app).post(PAGE + "/sign-in", data={"token": "x", "proof": "x"})

    for answer in (forged, missing, across, stranger):
        assert answer.status_code == 403
        assert "came from elsewhere" in answer.text


def test_without_signing_in_only_the_sign_in_is_shown(served):
    browser = Browser(served)

    assert "Officer sign-in" in browser.page.text
    assert browser.send(mark="AB12CDE", zone="OT").text.count("Officer sign-in") == 1


def test_signing_out_forgets_the_token(served, officer):
    officer.send("/sign-out")

    assert "officer" not in officer.client.cookies
    assert "Officer sign-in" in officer.client.get(PAGE).text


def test_the_zone_is_remembered_for_the_next_check(officer):
    officer.send(mark="AB12CDE", zone="NT")

    assert '<option value="NT" selected>' in officer.client.get(PAGE).text


def test_another_councils_page_asks_to_sign_in_there(served, officer):
    """A council is a tenant: its cookie goes to its own page only."""
    assert "Officer sign-in" in officer.client.get("/gravesham/officer").text


def test_a_fault_is_no_answer_and_the_page_says_so(served, officer):
    with psycopg.connect(served.dsn, autocommit=True) as other:
        other.execute("alter table stevenage.lookups rename to lookups_gone")
        try:
            page = officer.send(mark="AB12CDE", zone="OT")
        finally:
            other.execute("alter table stevenage.lookups_gone rename to lookups")

    assert page.status_code == 500
    assert "Do not issue a notice on this." in words(page)
    assert "lookups" not in page.text


def test_every_council_is_on_the_first_page(served):
    page = served.client.get("/")

    assert page.status_code == 200
    for council in served.councils.values():
        assert f'href="/{council.id}/officer"' in page.text


def test_a_council_that_there_is_not_is_told(served):
    page = served.client.get("/atlantis/officer")

    assert (page.status_code, "No such council" in page.text) == (404, True)


@pytest.mark.parametrize(
    ("body", "status"),
    [("a=1&a=2", 400), ("%zz", 400), ("proof", 400), ("&".join(["a=b"] * 11), 400), ("é", 400)],
)
def test_a_form_that_cannot_be_read_is_turned_away(officer, body, status):
    headers = {"content-type": "application/x-www-form-urlencoded"}

    assert officer.client.post(PAGE, content=body.encode(), headers=headers).status_code == status


def test_anything_but_a_form_is_turned_away(officer):
    assert officer.client.post(PAGE, json={"mark": "AB12CDE"}).status_code == 415


def test_when_the_ledger_does_not_answer_the_page_says_unknown(served, officer):
    with psycopg.connect(served.dsn) as other:
        other.execute("lock table stevenage.lookups in access exclusive mode")
        pool = served.councils["stevenage"].checks
        with pool.connection() as one, pool.connection() as two:
            for each in (one, two):
                each.execute("set lock_timeout = '50ms'")
        page = officer.send(mark="AB12CDE", zone="OT")

    assert page.status_code == 503
    assert "Unknown The ledger did not answer." in words(page)
    assert "Do not issue a notice on this." in words(page)
