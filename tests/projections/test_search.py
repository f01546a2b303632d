"""By what a household is found at the counter."""

from datetime import date

import pytest

from ledger.events import PaymentAuthorised, PropertyListed, ResidentRegistered, VisitorSaved
from projections.search import Search, comparable, find
from services.council import Council
from tests.projections.facts import fact, rows
from tests.replay.town import DAYS, Town, town

LISTED = PropertyListed(property_ref="UPRN 1", zone="A", address="12 High-Street, Anytown")
SOMEBODY = ResidentRegistered(
    resident_id="r", verified=True, lives_from=date(2026, 1, 1), name="Ann O'Brien",
    email="Ann@Example.org", mobile="+447700900001",
)  # fmt: skip
SAVED = VisitorSaved(visitor_id="v", typed="ab12 cdo", shown="AB12CDO", glyphs="AB12CD0")


def test_every_way_to_a_household_is_a_row_of_its_own():
    found = {(row["kind"], row["key"]) for row in rows(Search(), [fact(LISTED), fact(SOMEBODY)])}

    assert found == {
        ("reference", "uprn1"),
        ("address", "12 high street anytown"),
        ("name", "ann o brien"),
        ("email", "ann@example.org"),
        ("phone", "+447700900001"),
    }


def test_a_mark_is_found_by_its_glyphs():
    """O and 0, I and 1 are one glyph on a plate (X-006)."""
    (row,) = rows(Search(), [fact(SAVED)])

    assert (row["kind"], row["shown"]) == ("mark", "AB12CDO")
    assert row["key"] == comparable("mark", "ab12 cd0")


def test_a_payment_at_the_counter_is_found_by_its_receipt():
    paid = PaymentAuthorised(
        payment_id="p",
        provider_reference="card 4711",
        applications=("a",),
        shares=(1,),
        pence=1,
        state="issued",
    )

    assert [row["key"] for row in rows(Search(), [fact(paid)])] == ["p", "card4711", "4711"]


@pytest.mark.parametrize("kind", ["mark", "phone", "email", "name"])
def test_what_cannot_be_a_key_is_none(kind):
    assert comparable(kind, " ") == ""


def asked(council: Council, typed: str, kind: str | None = None) -> list[str]:
    with council.pool.connection() as connection:
        found, more = find(connection, council.schema, typed, kind)  # type: ignore[arg-type]
    assert not more
    return [match.kind for each in found for match in each.matches]


@pytest.fixture
def lived(database):
    council = "stevenage"
    with town(database, council) as made:
        for _ in DAYS[council](made):
            pass
        yield made.catch_up()


def test_what_is_typed_finds_whom_it_leads_to_and_says_why(lived: Town):
    """Every key of the table leads back to its household; odd characters lead nowhere."""
    council = lived.council
    with council.pool.connection() as connection:
        keys = connection.execute(
            f"select kind, shown from {council.schema}.search_keys where shown <> ''"
        ).fetchall()

    assert {kind for kind, _ in keys} >= {"reference", "application", "permit", "mark", "payment"}
    for kind, shown in keys:
        assert kind in asked(council, shown)
        assert kind in asked(council, shown.lower(), kind)
    for typed in ("", "'", "a:* | b", "!!", "\\", "no such thing & none", "%"):
        assert asked(council, typed, "name") == []
