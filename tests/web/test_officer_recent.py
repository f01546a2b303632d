"""The officer's page as an application on a phone: their last checks, a manifest, no worker."""

import re
import struct
from datetime import timedelta
from itertools import count

import pytest

from services.check_batch import Watch
from tests.web.test_officer_page import PAGE, Browser, booked, words

_days = count(400)


@pytest.fixture
def officer(served):
    # A day of its own for each test, after all others: look-ups stay, and are one officer's.
    served.at += timedelta(days=next(_days))
    return Browser(served).signed_in(served.token("officer"))


def recents(page):
    """(mark, verdict, zone, time) of each check that is listed, in order."""
    return re.findall(
        r'name="mark" value="(\w+)" aria-label="Check \w+ in zone \w+ again".*?</svg>\s*'
        r" ?<span>([^<]+)<br><small>zone (\w+), <time>([\d:]+)</time>",
        page.text,
        re.DOTALL,
    )


def test_the_last_checks_are_listed_as_they_were_told_then(served, officer):
    booked(served, "REC1AAA")
    assert recents(officer.page) == []

    officer.send(mark="REC1AAA", zone="OT")
    served.at += timedelta(minutes=1)
    page = officer.send(mark="REC1BBB", zone="OT")
    again = officer.client.get(PAGE)

    assert recents(page) == [("REC1AAA", "Covered", "OT", "12:00")]
    assert recents(again) == [
        ("REC1BBB", "Not covered", "OT", "12:01"),
        ("REC1AAA", "Covered", "OT", "12:00"),
    ]


def test_a_mark_is_listed_once_and_can_be_pressed_again(served, officer):
    for _ in range(3):
        officer.send(mark="REC2AAA", zone="OT")
        served.at += timedelta(minutes=1)

    page = officer.client.get(PAGE)

    assert [each[0] for each in recents(page)] == ["REC2AAA"]
    assert "Not covered REC2AAA" in words(officer.send(mark="REC2AAA", zone="OT"))


def test_six_are_listed_the_newest_first(served, officer):
    for n in range(8):
        officer.send(mark=f"REC3AA{n}", zone="OT")
        served.at += timedelta(minutes=1)

    listed = [each[0] for each in recents(officer.client.get(PAGE))]

    assert listed == [f"REC3AA{n}" for n in range(7, 1, -1)]


def test_what_was_asked_before_signing_in_is_not_listed(served, officer):
    officer.send(mark="REC4AAA", zone="OT")
    served.at += timedelta(minutes=1)

    again = Browser(served).signed_in(served.token("officer"))

    assert recents(again.page) == recents(again.client.get(PAGE)) == []


@pytest.mark.parametrize("since", ["0", "x", "9" * 30, "-1", "99999999999"])
def test_a_cookie_that_is_no_instant_reaches_back_a_shift_and_no_further(served, officer, since):
    officer.send(mark="REC5AAA", zone="OT")
    served.at += timedelta(hours=13)
    officer.send(mark="REC5BBB", zone="OT")
    officer.client.cookies.delete("since")
    officer.client.cookies.set("since", since, path=PAGE)

    page = officer.client.get(PAGE)

    assert [each[0] for each in recents(page)] == ["REC5BBB"]


def test_another_officers_checks_are_not_listed(served, officer):
    officer.send(mark="REC6AAA", zone="OT")

    auditor = Browser(served).signed_in(served.token("auditor"))
    auditor.send(mark="REC6BBB", zone="OT")

    assert recents(auditor.client.get(PAGE))[0][0] == "REC6BBB"
    assert "REC6AAA" not in auditor.client.get(PAGE).text


def test_the_page_can_be_installed(served, officer):
    place = re.search(r'<link rel="manifest" href="([^"]+)">', officer.page.text)[1]
    answer = served.client.get(place)
    manifest = answer.json()

    assert answer.headers["content-type"] == "application/manifest+json"
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == (
        PAGE,
        PAGE,
        "standalone",
    )
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"]}
    assert "maskable" in {icon.get("purpose") for icon in manifest["icons"]}
    for icon in manifest["icons"]:
        drawn = served.client.get(icon["src"])
        assert (drawn.status_code, drawn.headers["content-type"]) == (200, icon["type"])
        if icon["type"] == "image/png":
            width, height = struct.unpack(">II", drawn.content[16:24])
            assert f"{width}x{height}" == icon["sizes"]
    assert "img-src 'self'; manifest-src 'self'" in officer.page.headers["content-security-policy"]


def test_each_council_has_its_own_manifest_and_others_have_none(served):
    assert served.client.get("/gravesham/officer/manifest.webmanifest").json()["id"] == (
        "/gravesham/officer"
    )
    assert served.client.get("/atlantis/officer/manifest.webmanifest").status_code == 404


def test_no_answer_is_kept_by_the_browser(served, officer):
    """No worker, no script, no store: what was true then is never shown as true now."""
    page = officer.send(mark="REC7AAA", zone="OT")

    assert page.headers["cache-control"] == "no-store"
    assert "worker" not in page.headers["content-security-policy"]
    assert "<script" not in page.text
    assert "serviceWorker" not in page.text


def test_after_a_check_the_answer_is_where_the_keyboard_is(served, officer):
    page = officer.send(mark="REC8AAA", zone="OT")

    assert 'tabindex="-1" autofocus>' in page.text
    assert page.text.count("autofocus") == 1


def test_an_officer_over_the_hours_limit_is_told_so_on_the_page(served, officer, monkeypatch):
    monkeypatch.setattr(served.councils["stevenage"], "watch", Watch(1))
    officer.send(mark="REC9AAA", zone="OT")

    page = officer.send(mark="REC9BBB", zone="OT")

    assert page.status_code == 429
    assert "You have looked up as many marks as an hour may have." in words(page)


def test_a_mark_of_no_british_form_is_hinted_at(served, officer):
    assert "Not the form of a UK mark: check its spelling." in words(
        officer.send(mark="WOB ZK 295", zone="OT")
    )
