"""A ledger with facts meets a newer version: what it adds is filled from them."""

from re import findall

import psycopg
import pytest

from commands.base import Command
from commands.handling import Sender
from commands.list_property import ListProperty
from ledger.events import Actor
from scripts import keeping
from services.council import MIGRATIONS
from services.councils import open_councils

COUNCIL = "stevenage"


def did(council, stream, command: Command):
    sender = Sender(by=Actor("staff", "clerk"), key=type(command).__name__)
    council.handle(stream, command, sender)


@pytest.fixture
def older(database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A ledger with one household, in a schema that lacks what the sixth file adds and later."""
    monkeypatch.setenv("DATABASE_URL", database)
    with open_councils(database, [COUNCIL]) as councils:
        council = councils[COUNCIL]
        zone = council.editions.latest.zones[0].id
        did(council, council.ledger.household_id("1"), ListProperty(property_ref="1", zone=zone))
    return database


def zones_kept(dsn: str) -> int:
    with psycopg.connect(dsn) as connection:
        found = connection.execute(f"select count(*) from {COUNCIL}.household_zones").fetchone()
    assert found is not None
    return int(found[0])


def test_new_inline_read_models_are_filled_when_a_ledger_with_facts_is_brought_up(older, capsys):
    """An inline model takes what is appended; what was there before is folded once."""
    with psycopg.connect(older) as connection:
        last = connection.execute(
            f"delete from {COUNCIL}.schema_migrations where number = "
            f"(select max(number) from {COUNCIL}.schema_migrations) returning name"
        ).fetchone()
        assert last is not None
        connection.execute(f"delete from {COUNCIL}.household_zones")
        for table, column in columns_added_by(last[0]):
            connection.execute(f"alter table {COUNCIL}.{table} drop column {column} cascade")
        for kind, thing in made_by(last[0]):
            connection.execute(f"drop {kind} if exists {COUNCIL}.{thing} cascade")

    keeping.migrate(COUNCIL)

    assert zones_kept(older) == 1
    assert "applied" in capsys.readouterr().out


def test_a_ledger_that_is_up_to_date_is_not_filled_again(older, capsys):
    """Bringing up what is up already changes nothing."""
    with psycopg.connect(older) as connection:
        connection.execute(f"delete from {COUNCIL}.household_zones")

    keeping.migrate(COUNCIL)

    assert zones_kept(older) == 0
    assert "up to date" in capsys.readouterr().out


def made_by(name: str) -> list[tuple[str, str]]:
    """The tables, indexes and functions that the migration of that name makes."""
    return findall(r"create (table|index|function) (\w+)", text_of(name))


def columns_added_by(name: str) -> list[tuple[str, str]]:
    """The tables that it widens, and by which column."""
    return findall(r"alter table (\w+) add column (\w+)", text_of(name))


def text_of(name: str) -> str:
    (file,) = MIGRATIONS.glob(f"*_{name}.sql")
    return file.read_text()
