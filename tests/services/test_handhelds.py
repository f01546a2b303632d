"""A device's side, and the signature: from lists made by hand, without a ledger."""

from datetime import UTC, datetime, time, timedelta

import msgspec
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.handhelds import device
from services.handhelds.lists import Entry, Hours, Terms, ZoneChanges, ZoneList
from services.handhelds.signing import (
    Key,
    PublicKeys,
    Untrusted,
    current_key,
    public_keys,
    renew_key,
    verified,
)

NOON = datetime(2026, 11, 19, 12, tzinfo=UTC)
EVENING = NOON + timedelta(hours=6)
ANYWHEN = Terms(
    edition="e",
    time_zone="Europe/London",
    hours=[],
    suspended_bays_covered=False,
    grace_seconds=600,
)


def entry(mark="AB12CDE", name="c1", **values):
    return Entry(
        id=name,
        mark=mark,
        glyphs=mark.replace("O", "0").replace("I", "1"),
        kind="booking",
        product="p",
        holding="h",
        **{"covers_from": NOON, "covers_until": EVENING, **values},
    )


def a_list(*entries, terms=ANYWHEN, position=10):
    return ZoneList(
        council="c", zone="Z", position=position, read_at=NOON, terms=terms, entries=list(entries)
    )


def changes(after, position, entries=(), gone=(), **values):
    return ZoneChanges(
        **{
            "council": "c",
            "zone": "Z",
            "after": after,
            "position": position,
            "read_at": NOON + timedelta(minutes=1),
            "more": False,
            "terms": ANYWHEN,
            "entries": list(entries),
            "gone": list(gone),
            **values,
        }
    )


@pytest.fixture
def keys(database):
    with psycopg.connect(database, autocommit=True) as connection:
        yield current_key(connection, "stevenage"), public_keys(connection, "stevenage")


def signed(key, told):
    kind = "zone-list+json" if isinstance(told, ZoneList) else "zone-changes+json"
    return msgspec.json.encode(key.signed(kind, msgspec.json.encode(told)))


def said(held, mark, at, **values):
    answer = device.answer(held, mark, at, **values)
    return answer.covered, answer.reason


def test_cover_includes_its_first_instant_and_excludes_its_last():
    held = a_list(entry())
    tick = timedelta(microseconds=1)

    assert said(held, "AB12CDE", NOON - tick) == (False, "not_started")
    assert said(held, "ab12 cde", NOON) == (True, "")
    assert said(held, "AB12CDE", EVENING - tick) == (True, "")
    assert said(held, "AB12CDE", EVENING) == (False, "ended")


def test_grace_holds_for_exactly_ten_minutes():
    """SI 2022/71, regulation 5."""
    held = a_list(entry())

    last = device.answer(held, "AB12CDE", EVENING + timedelta(minutes=10))

    assert (last.reason, last.earliest_pcn_at) == ("ended", EVENING + timedelta(minutes=10))
    assert said(held, "AB12CDE", EVENING + timedelta(minutes=10, microseconds=1)) == (
        False,
        "no_right",
    )


def test_an_answer_says_how_old_it_is():
    """Off line since noon: at 12:40 the answer is forty minutes old."""
    answer = device.answer(a_list(entry()), "AB12CDE", NOON + timedelta(minutes=40))

    assert (answer.position, answer.read_at, answer.age) == (10, NOON, timedelta(minutes=40))


def test_a_vehicle_over_a_limit_is_not_covered_but_by_another_right():
    heavy = entry(limit="max_authorised_mass_kg")

    assert said(a_list(heavy), "AB12CDE", NOON) == (False, "vehicle_excluded")
    assert said(a_list(heavy, entry(name="c2")), "AB12CDE", NOON) == (True, "")


def test_a_suspended_bay_covers_nobody_unless_the_scheme_says_so():
    generous = msgspec.structs.replace(ANYWHEN, suspended_bays_covered=True)

    assert said(a_list(entry()), "AB12CDE", NOON, suspended=True) == (False, "suspended_bay")
    assert said(a_list(entry(), terms=generous), "AB12CDE", NOON, suspended=True) == (True, "")


@pytest.mark.parametrize(
    ("at", "covered"),
    [
        (datetime(2026, 7, 16, 7, 59, 59, tzinfo=UTC), True),
        (datetime(2026, 7, 16, 8, 0, tzinfo=UTC), False),
        (datetime(2026, 7, 16, 16, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 7, 16, 17, 0, tzinfo=UTC), True),
        (datetime(2026, 7, 18, 12, 0, tzinfo=UTC), True),
    ],
)
def test_outside_local_hours_nobody_needs_a_right(at, covered):
    """09:00 to 18:00 on weekdays, in British summer time."""
    hours = [Hours(days=[0, 1, 2, 3, 4], begins=time(9), ends=time(18))]
    held = a_list(terms=msgspec.structs.replace(ANYWHEN, hours=hours))

    assert said(held, "AB12CDE", at) == (covered, "not_controlled" if covered else "no_right")


def test_hours_that_end_at_midnight_last_to_the_end_of_the_day():
    hours = [Hours(days=[3], begins=time(9), ends=time(0))]
    held = a_list(terms=msgspec.structs.replace(ANYWHEN, hours=hours))

    assert said(held, "AB12CDE", datetime(2026, 11, 19, 23, 59, 59, tzinfo=UTC)) == (
        False,
        "no_right",
    )


def test_what_is_no_mark_has_no_answer():
    assert device.answer(a_list(), "?", NOON) is None


def test_changes_put_and_drop_and_move_the_position_on(keys):
    key, public = keys
    held = a_list(entry(), entry("BB22BBB", "c2"))
    later = entry(covers_until=EVENING + timedelta(hours=1))
    told = changes(10, 12, entries=[later, entry("CC33CCC", "c3")], gone=["c2"])

    new, more = device.applied(held, signed(key, told), public)

    assert [each.id for each in new.entries] == ["c1", "c3"]
    assert new.entries[0] == later
    assert (new.position, new.read_at, more) == (12, NOON + timedelta(minutes=1), False)
    assert [each.id for each in held.entries] == ["c1", "c2"]


@pytest.mark.parametrize("after", [9, 11])
def test_changes_that_do_not_follow_on_are_out_of_step(keys, after):
    key, public = keys

    with pytest.raises(device.OutOfStep):
        device.applied(a_list(), signed(key, changes(after, 12)), public)


@pytest.mark.parametrize("other", [{"zone": "Y"}, {"council": "d"}])
def test_changes_of_another_place_are_not_taken(keys, other):
    key, public = keys

    with pytest.raises(Untrusted, match="another zone"):
        device.applied(a_list(), signed(key, changes(10, 12, **other)), public)


def test_a_stranger_who_claims_a_key_is_not_believed(keys):
    key, public = keys
    stranger = Key(kid=key.kid, private=Ed25519PrivateKey.generate())

    with pytest.raises(Untrusted, match="does not hold"):
        device.taken(signed(stranger, a_list(entry())), public, "c", "Z")


def test_every_byte_of_a_signed_text_counts(keys):
    """One bit turned in whichever byte: it is refused, or it says the very same."""
    key, public = keys
    body = signed(key, a_list(entry()))
    payload = verified(body, public, "zone-list+json")

    for place in range(len(body)):
        turned = bytearray(body)
        turned[place] ^= 1
        try:
            assert verified(bytes(turned), public, "zone-list+json") == payload
        except Untrusted:
            continue


def test_a_retired_key_still_verifies_what_it_signed(database):
    with psycopg.connect(database, autocommit=True) as connection:
        before = current_key(connection, "stevenage")
        body = signed(before, a_list(entry()))
        renewed = renew_key(connection, "stevenage")
        public = public_keys(connection, "stevenage")

    assert [each.kid for each in public.keys] == [renewed, before.kid]
    assert device.taken(body, public, "c", "Z") == a_list(entry())
    with pytest.raises(Untrusted, match="unknown key"):
        device.taken(body, PublicKeys(keys=public.keys[:1]), "c", "Z")


def test_a_list_is_kept_in_one_step(tmp_path):
    place = tmp_path / "list.json"
    device.keep(place, a_list(entry()))
    # A power cut in the middle of the next one: what was written so far lies beside it.
    place.with_suffix(".part").write_bytes(b'{"council":"c","zo')

    assert device.kept(place) == a_list(entry())
    device.keep(place, a_list())
    assert device.kept(place) == a_list()
    assert list(tmp_path.iterdir()) == [place]
