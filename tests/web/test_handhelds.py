"""Lists for handhelds over HTTP: signed, whole or changes, and what was decided off line."""

import gzip
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from time import sleep

import msgspec
import psycopg
import pytest

from commands.handling import Sender
from commands.record_vehicle_facts import RecordVehicleFacts
from ledger.events import Actor
from services.handhelds import device
from services.handhelds.lists import ZoneList
from services.handhelds.signing import PublicKeys, Untrusted

ZONE = "stevenage/enforcement/zones/OT"


class Handheld:
    """A device: it fetches, verifies, and holds one list."""

    def __init__(self, served, role="officer"):
        self.served = served
        self.token = served.token(role)
        answer = served.get("stevenage/enforcement/keys")
        self.keys = msgspec.json.decode(answer.content, type=PublicKeys)
        self.held = None

    def fetch(self, **headers):
        return self.served.get(f"{ZONE}/snapshot", self.token, x_device="handheld 7", **headers)

    def filled(self):
        self.held = device.taken(self.fetch().content, self.keys, "stevenage", "OT")
        return self

    def changes(self, after=None):
        after = self.held.position if after is None else after
        return self.served.get(f"{ZONE}/deltas?after={after}", self.token)

    def follow(self, until):
        """Apply changes until the list is as wanted: a reader waits for older transactions."""
        for _ in range(200):
            self.held, _ = device.applied(self.held, self.changes().content, self.keys)
            if until(self.held):
                return self.held
        raise AssertionError("the changes did not come")

    def says(self, mark):
        return device.answer(self.held, mark, self.served.at)


def booked(served, mark, start="now"):
    home = served.home()
    served.with_vouchers(home)
    answer = served.command(home, "book_voucher", {"vehicles": [mark], "start": start})
    assert answer.status_code == 200
    return home, answer.json()["values"]


def marks(held):
    return {entry.mark for entry in held.entries}


@pytest.fixture
def handheld(served):
    return Handheld(served)


def test_a_list_answers_as_the_ledger_does(served, handheld):
    booked(served, "HAND1AA")
    handheld.filled()

    here = handheld.says("hand 1aa")

    assert (here.covered, here.reason) == (True, "")
    assert here.until == datetime(2026, 11, 20, tzinfo=UTC)
    assert handheld.says("HANDIAA").covered
    assert (handheld.says("N0THERE").covered, handheld.says("N0THERE").reason) == (
        False,
        "no_right",
    )


def test_a_list_holds_no_person_and_no_household(served, handheld):
    home, _ = booked(served, "HAND2AA")
    text = handheld.fetch().text

    for private in (home.id, home.resident, home.property_ref, home.mobile, home.email):
        assert private not in text


def test_the_ten_minutes_of_grace_are_in_the_list(served, handheld):
    """SI 2022/71, regulation 5: at exactly ten minutes a notice is still barred (X-102)."""
    booked(served, "HAND3AA")
    handheld.filled()
    served.at = datetime(2026, 11, 20, 0, 10, tzinfo=UTC)

    last = handheld.says("HAND3AA")
    served.at += timedelta(seconds=1)
    over = handheld.says("HAND3AA")

    assert (last.covered, last.reason, last.earliest_pcn_at) == (
        False,
        "ended",
        datetime(2026, 11, 20, 0, 10, tzinfo=UTC),
    )
    assert (over.reason, over.earliest_pcn_at) == ("no_right", None)


def test_changes_bring_the_list_to_where_a_new_one_is(served, handheld):
    booked(served, "HAND4AA")
    home, later = booked(served, "HAND4AB", start="2026-11-20")
    handheld.filled()
    booked(served, "HAND4AC")
    cancelled = served.command(home, "cancel_booking", {"booking": later["bookings"][0]})
    assert cancelled.status_code == 200

    held = handheld.follow(lambda held: "HAND4AC" in marks(held) and "HAND4AB" not in marks(held))

    whole = Handheld(served).filled().held
    assert held.entries == whole.entries
    assert "HAND4AA" in marks(held)


def test_changes_told_twice_do_no_harm_and_out_of_step_are_refused(served, handheld):
    handheld.filled()
    before = handheld.held
    booked(served, "HAND5AA")
    handheld.follow(lambda held: "HAND5AA" in marks(held))

    again = handheld.changes(before.position).content
    with pytest.raises(device.OutOfStep):
        device.applied(handheld.held, again, handheld.keys)

    caught_up, _ = device.applied(before, again, handheld.keys)
    assert caught_up.entries == handheld.held.entries


def test_an_interrupted_sync_leaves_the_old_list_whole(served, handheld, tmp_path):
    """Cut off in whichever byte, a body is no list: the one that is held stays as it is."""
    booked(served, "HAND6AA")
    place = tmp_path / "list.json"
    device.keep(place, handheld.filled().held)
    before = place.read_bytes()
    booked(served, "HAND6AB")
    body = handheld.fetch().content

    for length in range(0, len(body), max(1, len(body) // 300)):
        with pytest.raises(Untrusted):
            device.keep(place, device.taken(body[:length], handheld.keys, "stevenage", "OT"))
    assert place.read_bytes() == before
    assert "HAND6AA" in marks(device.kept(place))

    device.keep(place, device.taken(body, handheld.keys, "stevenage", "OT"))
    assert {"HAND6AA", "HAND6AB"} <= marks(device.kept(place))


def test_a_gzipped_body_that_is_cut_off_is_no_list_either(served, handheld):
    packed = gzip.compress(handheld.fetch().content)

    with pytest.raises(EOFError):
        gzip.decompress(packed[:-9])


@pytest.mark.parametrize(
    ("old", "new"),
    [("HAND7AA", "HAND7AB"), ('"payload":"', '"payload":" '), ('"protected":"', '"protected":"A')],
)
def test_an_altered_list_is_not_taken(served, handheld, old, new):
    booked(served, "HAND7AA")
    altered = handheld.fetch().text.replace(old, new)

    with pytest.raises(Untrusted):
        device.taken(altered.encode(), handheld.keys, "stevenage", "OT")


def test_a_list_of_another_zone_or_use_is_not_taken(served, handheld):
    whole = handheld.fetch().content
    handheld.filled()

    with pytest.raises(Untrusted, match="another zone"):
        device.taken(whole, handheld.keys, "stevenage", "NT")
    with pytest.raises(Untrusted, match="another use"):
        device.applied(handheld.held, whole, handheld.keys)


def test_another_councils_key_signs_nothing_here(served, handheld):
    other = msgspec.json.decode(served.get("gravesham/enforcement/keys").content, type=PublicKeys)

    with pytest.raises(Untrusted, match="unknown key"):
        device.taken(handheld.fetch().content, other, "stevenage", "OT")


def test_an_unchanged_list_is_not_sent_again(served, handheld):
    first = handheld.fetch()
    second = handheld.fetch(if_none_match=first.headers["etag"])
    booked(served, "HAND8AA")
    third = handheld.fetch(if_none_match=first.headers["etag"])

    assert (second.status_code, second.content) == (304, b"")
    assert second.headers["etag"] == first.headers["etag"]
    assert third.status_code == 200
    assert third.headers["etag"] != first.headers["etag"]


@contextmanager
def nobody_reads_registrations(served):
    """While it lasts, whoever would read the zone waits."""
    with psycopg.connect(served.dsn) as connection:
        connection.execute("lock table stevenage.active_registrations in access exclusive mode")
        yield


def test_that_a_list_is_unchanged_is_told_without_a_look_at_the_zone(served, handheld):
    booked(served, "HANDPAA")
    tag = handheld.fetch().headers["etag"]

    with nobody_reads_registrations(served):
        again = handheld.fetch(if_none_match=tag)

    assert (again.status_code, again.headers["etag"]) == (304, tag)


@contextmanager
def an_older_transaction(served):
    """While it lasts, no position comes up to any fact that is appended after its begin."""
    with psycopg.connect(served.dsn) as connection:
        connection.execute("select pg_current_xact_id()")
        yield


def test_what_a_list_told_of_does_not_have_it_read_again_while_an_older_transaction_runs(
    served, handheld
):
    """E.17: facts that followers may not read yet are in the list, and are not news to it."""
    with an_older_transaction(served):
        booked(served, "HANDRAA")
        tag = handheld.fetch().headers["etag"]
        for _ in range(2):
            with nobody_reads_registrations(served):
                again = handheld.fetch(if_none_match=tag)
            assert (again.status_code, again.headers.get("etag")) == (304, tag)
        booked(served, "HANDRAB")
        changed = handheld.fetch(if_none_match=tag)

    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


def test_an_unchanged_list_is_seen_to_change_by_whatever_can_change_it(served, handheld):
    """A fact of the zone, one of a vehicle, and time: ten minutes after an end it is left out."""
    booked(served, "HANDQAA")

    def changed(tag):
        answer = handheld.fetch(if_none_match=tag)
        return answer.headers["etag"] if answer.status_code == 200 else None

    tag = changed("")
    assert changed(tag) is None
    served.home()
    assert changed(tag) is None, "a fact that touches no entry changes no list"
    booked(served, "HANDQAB")
    tag = changed(tag)
    assert tag is not None
    council = served.councils["stevenage"]
    facts = RecordVehicleFacts(vehicle="HANDQAB", max_authorised_mass_kg=7500)
    sender = Sender(by=Actor("staff", "clerk"), key="HANDQAB")
    council.handle(council.ledger.vehicle_id("HANDQAB"), facts, sender)
    tag = changed(tag)
    assert tag is not None
    assert changed(tag) is None
    served.at = datetime(2026, 11, 20, 0, 9, 59, tzinfo=UTC)
    assert changed(tag) is None
    served.at = datetime(2026, 11, 20, 0, 10, 1, tzinfo=UTC)
    assert changed(tag) is not None


def test_a_list_is_gzipped_for_those_who_take_it(served, handheld):
    packed = handheld.fetch(accept_encoding="gzip")
    plain = handheld.fetch(accept_encoding="identity")

    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.headers["vary"] == plain.headers["vary"] == "accept-encoding"
    first, second = (
        msgspec.json.decode(msgspec.json.decode(each.content)["payload"], type=ZoneList)
        for each in (packed, plain)
    )
    assert first.entries == second.entries


def test_what_a_device_was_given_is_on_record(served, handheld):
    handheld.filled()

    with served.councils["stevenage"].pool.connection() as connection:
        row = connection.execute(
            "select officer, device, zone, kind, position, entries from stevenage.handheld_lists"
            " order by list_id desc limit 1"
        ).fetchone()
    assert row == (
        "officer-1",
        "handheld 7",
        "OT",
        "whole",
        handheld.held.position,
        len(handheld.held.entries),
    )


def test_a_position_that_is_not_there_yet_is_refused(served, problem, handheld):
    problem(handheld.changes(2**62), 400, "invalid", "query.after")
    problem(handheld.changes(-1), 400, "invalid", "query.invalid")


@pytest.mark.parametrize("path", ["snapshot", "deltas?after=0", "stream?seconds=1"])
def test_a_zone_that_there_is_not_is_refused(served, problem, path):
    token = served.token("officer")

    answer = served.get(f"stevenage/enforcement/zones/ZZ/{path}", token)

    problem(answer, 422, "refused", "eligibility.zone")


@pytest.mark.parametrize("path", ["snapshot", "deltas?after=0", "stream?seconds=1"])
def test_only_those_who_enforce_or_audit_get_a_list(served, problem, path):
    problem(served.get(f"{ZONE}/{path}"), 401, "not-signed-in")
    problem(served.get(f"{ZONE}/{path}", served.home().token), 403, "not-allowed")


def streamed(served, handheld, seconds):
    """What a stream tells from where the list is; the list is moved on with every event."""
    path = f"{ZONE}/stream?after={handheld.held.position}&seconds={seconds}"
    told = served.get(path, handheld.token)
    assert told.headers["content-type"].startswith("text/event-stream")
    for block in told.text.split("\n\n"):
        event = dict(line.split(": ", 1) for line in block.splitlines() if line[0] != ":")
        if event.get("event") == "changes":
            body = event["data"].encode()
            handheld.held, _ = device.applied(handheld.held, body, handheld.keys)
            assert event["id"] == str(handheld.held.position)


def test_a_device_on_line_is_told_of_changes_as_they_come(served, handheld):
    """Every event goes on from the one before it, however long nothing was told between."""
    handheld.filled()
    with ThreadPoolExecutor(1) as executor:
        following = executor.submit(streamed, served, handheld, 5)
        sleep(1.5)
        booked(served, "HAND9AA")
        sleep(1.5)
        booked(served, "HAND9AB")
        following.result()

    # Where an older transaction held readers back so long, the device connects again.
    for _ in range(15):
        if {"HAND9AA", "HAND9AB"} <= marks(handheld.held):
            return
        streamed(served, handheld, 2)
    raise AssertionError("the changes were not told")
