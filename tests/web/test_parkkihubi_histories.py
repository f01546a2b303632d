"""Their check and ours over histories made at random: every difference is one that is meant.

Households live by real commands; what the operator would have told parkkihubi is kept beside. Then
both are asked about every edge of every interval, in several spellings.
"""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from tests.store.homes import DEEP
from tests.web.parkkihubi_model import CHANGES, GRACE, HINT, Row, check, why
from tests.web.test_parkkihubi import check as asked
from tests.web.test_parkkihubi import ours, settle

SECOND = timedelta(seconds=1)
PLATES = ("OI{}ABC", "BD5{}SMR", "LX1{}OBC", "G88{}WFE")


def spellings(mark):
    """The mark, as another types it, its glyph twin, and one that is one slip away."""
    twin = mark.translate(str.maketrans("OI01", "01OI"))
    return (mark, f"{mark[:2]} {mark[2:]}-".lower().rstrip("-"), twin, mark[:-1] + "Z")


def edges(row):
    """Every instant at which one of the two may change its mind, and a second on either side."""
    steps = (timedelta(), GRACE, HINT)
    instants = [row.begins, row.begins + HINT, *(row.ends + step for step in steps)]
    around = [at + near for at in instants for near in (-SECOND, timedelta(), SECOND)]
    return [*around, row.begins + (row.ends - row.begins) / 2]


def compared(served, council, zone, rows, latest):
    """How often each set of changes explains our answer; () where both say the same."""
    auditor = served.token("auditor", council)
    found = Counter()
    for row in rows:
        for at in edges(row):
            for mark in spellings(row.mark) if at <= latest else ():
                answer = ours(
                    asked(
                        served,
                        mark,
                        token=auditor,
                        council=council,
                        zone=zone,
                        time=at.isoformat(),
                    )
                )
                reason = why(rows, mark, at, answer)
                said = (mark, at, check(rows, mark, at), answer, rows)
                assert reason is not None, f"a difference that nobody meant: {said}"
                assert check(rows, mark, at, frozenset(CHANGES)) == answer, said
                found[tuple(sorted(reason))] += 1
    return found


def visits(served, chance, homes):
    """Bookings made, moved to another vehicle and cancelled: rows as the operator sends them."""
    booked = {}
    for n in range(homes):
        home = served.home()
        served.with_vouchers(home)
        for step in range(5):
            served.at += timedelta(minutes=chance.randrange(1, 200), seconds=chance.randrange(60))
            mark = PLATES[n % len(PLATES)].format(step)
            day = (served.at + timedelta(days=chance.randrange(1, 3))).date().isoformat()
            start = chance.choice(("now", day))
            answer = served.command(home, "book_voucher", {"vehicles": [mark], "start": start})
            if answer.status_code != 200:
                continue
            values = answer.json()["values"]
            row = Row(mark, instant(values["from"]), instant(values["until"]))
            booking = values["bookings"][0]
            booked[booking] = row
            if chance.random() < 0.4 and row.begins > served.at:
                act = chance.choice(("cancel_booking", "amend_booking"))
                other = mark.replace("A", "K").replace("S", "T").replace("W", "V").replace("O", "P")
                body = {"booking": booking, **({"vehicle": other} if "amend" in act else {})}
                assert served.command(home, act, body).status_code == 200
                # Before it begins nothing was lived: both know it as it is now.
                if act == "cancel_booking":
                    del booked[booking]
                else:
                    booked[booking] = Row(other, row.begins, row.ends)
    return list(booked.values())


@pytest.mark.parametrize("seed", range(DEEP))
def test_bookings_differ_in_ends_glyphs_and_grace_and_in_nothing_else(served, seed):
    chance = random.Random(seed)
    served.at = datetime(2027, 3, 1 + seed % 20, 9, tzinfo=UTC) + timedelta(days=365 * (seed // 20))
    rows = visits(served, chance, 2)
    # One whole visit within the quarter of an hour that their second look passes over.
    served.at = served.at.replace(hour=23, minute=54, second=0)
    home = served.home()
    served.with_vouchers(home)
    late = served.command(home, "book_voucher", {"vehicles": ["LA7EOWL"]}).json()["values"]
    rows.append(Row("LA7EOWL", instant(late["from"]), instant(late["until"])))
    served.at += timedelta(days=30)

    found = compared(served, "stevenage", "OT", rows, served.at)

    agreed = found[()]
    assert agreed > sum(found.values()) / 2, found
    assert {("ends",), ("glyphs",), ("grace",)} <= set(found), found
    assert all("history" not in changes for changes in found), found


@pytest.mark.parametrize("seed", range(DEEP))
def test_vehicles_that_were_switched_differ_in_history_as_well(served, seed):
    """What their sync leaves: the vehicle that is active today, for the permit's whole time (B.4).

    Ours covers each in the time in which it was active: one, several, switched back, and for
    moments.
    """
    chance = random.Random(1000 + seed)
    served.at = datetime(2027, 5, 1, 9, tzinfo=UTC) + timedelta(days=seed)
    home = served.home("gravesham")
    zone = home.council.editions.latest.zones[0].id
    marks = [f"CO{seed % 10}{letter}XYZ" for letter in "ABC"]
    staff = served.token("staff", "gravesham")
    body = {"product": "visitors-permit", "vehicles": marks[:1]}
    settle(served, home, staff, served.command(home, "apply_for_permit", body).json()["values"])
    bought = since = served.at
    for mark in marks[1:]:
        assert served.command(home, "add_vehicle", {"vehicle": mark}).status_code == 200
    rows, active = [], marks[0]
    for _ in range(6):
        served.at += timedelta(minutes=chance.choice((1, 7, 30, 500)), seconds=chance.randrange(60))
        other = chance.choice([mark for mark in marks if mark != active])
        assert served.command(home, "switch_vehicle", {"vehicle": other}).status_code == 200
        rows.append(Row(active, since, served.at, today=False))
        active, since = other, served.at
    permit = instant(
        served.get(f"gravesham/households/{home.id}", home.token).json()["holdings"][0][
            "in_force_until"
        ]
    )
    rows += [Row(active, since, permit, today=False), Row(active, bought, permit, lived=False)]
    served.at += timedelta(days=2)

    found = compared(served, "gravesham", zone, rows, served.at)

    assert any("history" in changes for changes in found), found
    assert found[()] > 0


def instant(text):
    return datetime.fromisoformat(text)
