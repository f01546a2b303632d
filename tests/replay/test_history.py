"""A household's history is read from its facts alone, as acts in order."""

import csv
from collections.abc import Iterator
from io import BytesIO, StringIO
from typing import get_args

import msgspec
import pytest

from commands.apply_for_permit import ApplyForPermit
from commands.book_voucher import BookVoucher
from commands.cancel_booking import CancelBooking
from ledger.events import AnyEvent
from ledger.refusals import Refused
from replay import history as module
from replay.acts import ACTS
from replay.history import Act, history, write_csv, write_json_lines
from tests.replay.town import Town, gravesham_days, stevenage_days, town


@pytest.fixture
def stevenage(database: str) -> Iterator[Town]:
    with town(database) as made:
        yield made


def acts(town: Town) -> list[str]:
    return [act.act for act in history(town.council.ledger, town.home)]


def test_every_kind_of_fact_is_an_act():
    """A fact that could not be told would be missing from somebody's history."""
    assert set(ACTS) == set(get_args(AnyEvent))


def test_a_cancelled_booking_stays_in_the_history(stevenage: Town):
    """Nothing is ever deleted (every-scheme.toml; STV-110)."""
    stevenage.at("2026-11-19 10:00").move_in().buy("virtual-visitor-vouchers")
    booked = stevenage.do(BookVoucher(vehicles=("G885WFE",), start="2026-11-20 08:00"))
    stevenage.do(CancelBooking(booking=booked["bookings"][0]))

    assert acts(stevenage) == [
        "property_listed",
        "registered",
        "applied",
        "proof_uploaded",
        "paid",
        "issued",
        "booked",
        "cancelled",
    ]


def test_an_act_says_when_by_whom_under_which_edition_and_for_how_much(stevenage: Town):
    """Everything that was decided is in the fact; the sentence is one a resident understands."""
    stevenage.at("2026-11-19 10:00").move_in().buy("virtual-visitor-vouchers")
    stevenage.at("2026-11-19 14:12")
    stevenage.do(BookVoucher(vehicles=("g885 wfe",), start="2026-11-19 14:20"), channel="app")

    issued, booked = list(history(stevenage.council.ledger, stevenage.home))[-2:]

    assert issued.pence == 1000
    assert booked == Act(
        household_id=str(stevenage.home),
        version=7,
        position=booked.position,
        act="booked",
        recorded_at=stevenage.now,
        effective_from=stevenage.at("2026-11-19 14:20").now,
        effective_until=stevenage.at("2026-11-20 00:00").now,
        role="resident",
        by=stevenage.resident.name,
        on_behalf_of="",
        channel="app",
        edition=stevenage.council.editions.latest.edition,
        pence=0,
        sentence="Booked G885WFE in zone OT from 14:20 on 19 November 2026 until the end of"
        " 19 November 2026: 1 unit of virtual visitor vouchers",
        changed=booked.changed,
        marks=("G885WFE",),
    )
    assert booked.position > issued.position
    assert booked.reference == f"{stevenage.home}/7"


def test_a_switched_permit_tells_both_marks(database: str):
    """An earlier switch is told as it was, not as the permit is now (GRV-011)."""
    with town(database, "gravesham") as gravesham:
        for _ in gravesham_days(gravesham):
            pass
        told = list(history(gravesham.council.ledger, gravesham.home))

    switched = [act.sentence for act in told if act.act == "switched"]
    assert switched[:2] == [
        "The permit was switched from AA11AAA to BB22BBB",
        "The permit was switched from BB22BBB to AA11AAA",
    ]
    assert told[-1].act == "expired"
    assert {"offered", "vehicle_added", "vehicle_removed"} <= {act.act for act in told}


def test_pages_by_version_join_to_the_whole(stevenage: Town, monkeypatch: pytest.MonkeyPatch):
    """Any size of page gives the same acts, none twice and none missed."""
    for _ in stevenage_days(stevenage):
        pass
    home = stevenage.council.ledger.household_id("home")
    ledger = stevenage.council.ledger
    whole = list(history(ledger, home))
    monkeypatch.setattr(module, "PAGE", 3)

    paged: list[Act] = []
    while page := list(history(ledger, home, after=len(paged), limit=4)):
        paged += page

    assert paged == whole == list(history(ledger, home))
    assert [act.version for act in whole] == list(range(1, len(whole) + 1))
    assert whole[-1].act == "moved_out"
    assert "payment_failed" in {act.act for act in whole}


def test_a_refused_attempt_is_told_on_request(stevenage: Town):
    """A tribunal asks how long a resident had been trying; an attempt is no act of the ledger."""
    stevenage.at("2026-11-19 10:00").move_in()
    with pytest.raises(Refused):
        stevenage.at("2026-11-19 10:01").do(BookVoucher(vehicles=("G885WFE",)))
    stevenage.at("2026-11-19 10:02").do(ApplyForPermit(product="virtual-visitor-vouchers"))

    told = list(history(stevenage.council.ledger, stevenage.home, attempts=True))

    assert acts(stevenage) == ["property_listed", "registered", "applied"]
    assert [act.act for act in told] == [
        "property_listed",
        "registered",
        "attempt_refused",
        "applied",
    ]
    assert told[2].sentence.startswith("Tried to book voucher; refused: ")
    assert told[2].by == stevenage.resident.name


def test_a_history_is_written_as_json_lines_and_as_csv(stevenage: Town):
    """Both hold every act; no cell of the CSV can be run as a formula."""
    stevenage.at("2026-11-19 10:00").move_in()
    told = list(history(stevenage.council.ledger, stevenage.home))
    told.append(msgspec.structs.replace(told[-1], by="=cmd|' /C calc'!A1", version=3))

    lines, sheet = BytesIO(), StringIO(newline="")
    assert write_json_lines(told, lines) == write_csv(told, sheet) == 3

    decoded = [msgspec.json.decode(line, type=Act) for line in lines.getvalue().splitlines()]
    assert decoded == told
    rows = list(csv.DictReader(StringIO(sheet.getvalue(), newline="")))
    assert [row["act"] for row in rows] == ["property_listed", "registered", "registered"]
    assert rows[2]["by"] == "'=cmd|' /C calc'!A1"
    assert rows[0]["recorded_at"] == "2026-11-19T10:00:00+00:00"
    assert rows[0]["effective_from"] == ""
