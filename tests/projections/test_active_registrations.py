"""Every vehicle's cover, as it was known and when."""

from ledger.events import (
    BookingCancelled,
    VehicleFactsRecorded,
    VehicleSwitched,
    VoucherBooked,
)
from ledger.store.rows import Changes
from ledger.values import FOREVER
from projections.active_registrations import REGISTRATIONS, VEHICLE_FACTS, ActiveRegistrations
from tests.commands.epermit import BOUGHT, covering
from tests.projections.facts import AT, HOUSEHOLD, LATER, fact, rows

FIRST = VehicleSwitched(
    holding_id="lot",
    shown="AB01CDE",
    glyphs="AB01CDE",
    was_shown="",
    covers=(covering("c1", "active", "AB01CDE", BOUGHT),),
)
SECOND = VehicleSwitched(
    holding_id="lot",
    shown="BB22BBB",
    glyphs="BB22BBB",
    was_shown="AB01CDE",
    covers=(
        covering("c1", "active", "AB01CDE", BOUGHT, "2026-11-25 10:00"),
        covering("c2", "active", "BB22BBB", "2026-11-25 10:00"),
    ),
)


def test_what_was_known_closes_and_what_is_known_now_opens():
    """The past as then known never changes (X-102, design 6)."""
    found = rows(ActiveRegistrations(), [fact(FIRST), fact(SECOND, 2, LATER)])

    assert [
        (row["cover_id"], row["version"], row["known_from"], row["known_until"]) for row in found
    ] == [
        ("c1", 1, AT, LATER),
        ("c1", 2, LATER, FOREVER),
        ("c2", 2, LATER, FOREVER),
    ]
    assert found[0]["covers_until"] == FIRST.covers[0].covers_until
    assert {row["household_id"] for row in found} == {str(HOUSEHOLD)}


def test_a_cover_that_is_taken_back_is_known_no_longer():
    cancelled = BookingCancelled(
        booking_id="c1", holding_id="lot", product="p", units_returned=1, tell=False,
        uncovers=("c1",),
    )  # fmt: skip

    (row,) = rows(ActiveRegistrations(), [fact(FIRST), fact(cancelled, 2, LATER)])

    assert row["known_until"] == LATER


def test_a_visit_that_is_booked_puts_its_row_and_looks_for_none_to_close():
    """Its cover is new with it (design 4): an append does nothing that is not needed."""
    booked = VoucherBooked(
        booking_id="c1", holding_id="lot", product="p", units=1, resident_id="r", edition="e",
        covers=(covering("c1", "booking", "AB01CDE", BOUGHT),),
    )  # fmt: skip
    changes = Changes()

    ActiveRegistrations().apply(changes, fact(booked))

    assert not changes.of(REGISTRATIONS).patches
    assert list(changes.of(REGISTRATIONS).puts) == [("c1", 1)]


def test_facts_of_a_vehicle_have_their_own_known_period():
    """None is not known, and excludes nobody."""
    light = VehicleFactsRecorded(typed="A1", shown="A1", glyphs="A1", passengers=11)
    heavy = VehicleFactsRecorded(typed="A1", shown="A1", glyphs="A1", passengers=12)

    found = rows(ActiveRegistrations(), [fact(light), fact(heavy, 2, LATER)], table=VEHICLE_FACTS)

    assert [(row["passengers"], row["known_from"], row["known_until"]) for row in found] == [
        (11, AT, LATER),
        (12, LATER, FOREVER),
    ]
    assert found[0]["max_authorised_mass_kg"] is None
