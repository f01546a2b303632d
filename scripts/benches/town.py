"""A council as the pages' bench finds it: its households, its staff's work, its disputes desk.

The households are copies of a few that lived for a year under the scheme that sells most kinds of
products, one of them booked ahead. What staff and the desk have before them is made by commands,
but for what stands in tables of the pages' own.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID

import msgspec
import psycopg
from msgspec import Struct

from commands.apply_for_permit import ApplyForPermit
from commands.base import Command
from commands.book_voucher import BookVoucher
from commands.declare_outage import DeclareOutage
from commands.grant_allowance import GrantAllowance
from commands.handling import Sender
from commands.note_notice import NoteNotice
from commands.open_case import OpenCase
from commands.save_visitor import SaveVisitor
from ledger.calendar import local_date
from ledger.events import Actor
from ledger.refusals import Refused
from ledger.scheme.editions import Editions
from ledger.scheme.loading import load_folder
from ledger.scheme.products import Product
from ledger.scheme.schema import Scheme
from ledger.store.pool import Connection, connect, new_pool
from projections.registry import EVERY
from replay.rebuild import rebuild
from scripts.benches import crowd
from scripts.benches.households import SCHEMES, STAFF
from scripts.simulating import History, hurry
from services.council import Council
from services.postgres import in_database
from services.postgres.scratch import drop_database

SEED = 7
YEAR = timedelta(days=365)
KNOWN = 12
"""Households that are asked about: the longest of those that somebody still lives in."""
QUEUED = 200
PROPOSED = 40


class Home(Struct, frozen=True, kw_only=True):
    """A household that is asked about, and who lives in it."""

    household: UUID
    resident: str
    events: int


class Town(Struct, frozen=True, kw_only=True):
    """A council, the households asked about (the longest first), and its notices' numbers."""

    council: Council
    dsn: str
    homes: tuple[Home, ...]
    notices: tuple[str, ...]
    outage: str
    marks: tuple[str, ...]


@cache
def town_editions() -> Editions:
    """The editions of the scheme with most products, one of which is booked ahead."""
    library = load_folder(SCHEMES)
    found = [each for each in library.ids if _booked(library.scheme(each)) is not None]
    return library.editions(max(found, key=lambda each: len(library.scheme(each).products)))


def _booked(scheme: Scheme) -> Product | None:
    return next(
        (
            each
            for each in scheme.products
            if each.medium == "virtual"
            and each.draws_units
            and any(channel.future for channel in each.channels.values())
        ),
        None,
    )


@contextmanager
def town(dsn: str, lives: int, households: int, notices: int) -> Iterator[Town]:
    """Such a council in a database of this run alone, on that server: `lives` and their copies."""
    name = f"permit_bench_{secrets.token_hex(4)}"
    with psycopg.connect(dsn, autocommit=True) as server:
        server.execute(f'create database "{name}"'.encode())
        try:
            own = in_database(dsn, name)
            pool = new_pool(own, 2, "bench")
            try:
                editions = town_editions()
                yield _settled(
                    Council(editions.latest.id, pool, pool, editions),
                    own,
                    lives,
                    households,
                    notices,
                )
            finally:
                pool.close()
        finally:
            drop_database(server, name)


def _settled(council: Council, dsn: str, lives: int, households: int, notices: int) -> Town:
    council.migrate()
    hurry(council)
    ends = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for _ in History(council, lives, SEED, ends - YEAR, ends).live():
        pass
    council.clock = council.handler.clock = None
    copies = -(-households // lives)
    with connect(dsn, bounded=False) as connection:
        lived = crowd.patterns(connection, council.schema)
        themselves = _stored(connection, council.schema)
        stored = crowd.copy_all(connection, council, lived, copies)
        _put_back(connection, council.schema, themselves, stored)
        rebuild(council.ledger, EVERY)
        _look_ups(connection, council.schema, copies)
        connection.execute("analyze")
        homes = _homes(connection, council.schema, themselves)
        for home in homes:
            _busy(council, home)
        numbers = _notices(connection, council, notices)
        outage = _outage(council)
        _before_staff(connection, council.schema)
        assert council.caught_up(20), "the followers have read everything"
        connection.execute("analyze")
        marks = _marks(connection, council.schema)
    return Town(council=council, dsn=dsn, homes=homes, notices=numbers, outage=outage, marks=marks)


def _look_ups(connection: Connection, schema: str, copies: int) -> None:
    """What officers asked of the few that lived, asked of every copy."""
    columns = (
        "kind, asked_at, device_at, about_at, known_at, device, officer, typed, zone, seen_low,"
        " seen_high, seen_not, answer, answer_digest"
    )
    connection.execute(
        f"insert into {schema}.lookups (lookup_id, {columns}, shown, glyphs)"
        f" select nextval('{schema}.lookup_ids'), {columns},"
        " left(shown, -3) || letters, left(glyphs, -3) || letters"
        f" from {schema}.lookups, unnest(%s::text[]) as letters",
        ([crowd.letters(copy).decode() for copy in range(1, copies + 1)],),
    )


_Row = tuple[UUID, int, str, bytes]


def _stored(connection: Connection, schema: str) -> list[_Row]:
    """Every stored event of those that lived, in the order of its position."""
    return connection.execute(
        "select originator_id, originator_version, topic, state"
        f" from {schema}.stored_events order by notification_id"
    ).fetchall()


def _put_back(connection: Connection, schema: str, rows: list[_Row], after: int) -> None:
    """Those that lived, among their copies, with positions above theirs.

    They are the ones that are asked about: a copy's stream does not follow from its property's
    reference, and some pages find it by that.
    """
    with connection.transaction(), connection.cursor() as cursor:
        # Said of every append: what else changes these tables is doubted.
        cursor.execute("select set_config('permit_ledger.appending', 'on', true)")
        cursor.executemany(
            f"insert into {schema}.stored_events (originator_id, originator_version,"
            " notification_id, topic, state) values (%s, %s, %s, %s, %s)",
            [
                (stream, version, after + n, topic, state)
                for n, (stream, version, topic, state) in enumerate(rows, start=1)
            ],
        )


def _homes(connection: Connection, schema: str, themselves: list[_Row]) -> tuple[Home, ...]:
    """Those that lived and have somebody living in them, the longest first."""
    lengths = {stream: version for stream, version, _, _ in themselves}
    rows = connection.execute(
        "select distinct on (household_id) household_id, resident_id"
        f" from {schema}.accounts where household_id = any(%s) and not moved_out and verified"
        " order by household_id, resident_id",
        (list(lengths),),
    ).fetchall()
    homes = [Home(household=row[0], resident=row[1], events=lengths[row[0]]) for row in rows]
    homes.sort(key=lambda each: -each.events)
    return tuple(homes[:KNOWN])


def _busy(council: Council, home: Home) -> None:
    """A visit ahead, a saved visitor, and an application for each product that they may have."""
    by = Actor("resident", home.resident)
    scheme = council.editions.latest
    ahead = f"{local_date(datetime.now(UTC), scheme.tz) + timedelta(days=3)}T10:00"
    confirm = scheme.flow.confirmations or None
    commands: list[Command] = [
        SaveVisitor(vehicle="AV64DCE", name="A friend"),
        *(
            ApplyForPermit(
                product=p.id, quantity=p.pack.size * p.pack.min * p.pack.multiple, confirm=confirm
            )
            for p in scheme.products
        ),
        BookVoucher(vehicles=("AV64DCE",), start=ahead),
    ]
    for number, command in enumerate(commands):
        _tried(council, home.household, command, Sender(by=by, key=f"bench/{number}"))


def _tried(council: Council, stream: UUID, command: Command, sender: Sender) -> None:
    """Not every home has units to book with, or may have every product."""
    with suppress(Refused):
        council.handle(stream, command, sender)


def _notices(connection: Connection, council: Council, count: int) -> tuple[str, ...]:
    """Notices that follow from checks of the last months; a case about every other one."""
    scheme = council.editions.latest
    rows = connection.execute(
        f"select lookup_id, shown, zone, asked_at, officer from {council.schema}.lookups"
        " order by md5(lookup_id::text) limit %s",
        (count,),
    ).fetchall()
    today = local_date(datetime.now(UTC), scheme.tz)
    numbers = []
    for n, (receipt, mark, zone, asked_at, officer) in enumerate(rows):
        number = f"BN{n:08d}"
        stream = council.ledger.notice_id(number)
        noted = NoteNotice(
            number=number, mark=mark, zone=zone, issued_at=asked_at + timedelta(minutes=5),
            contravention="12", officer=officer, receipt=receipt if n % 2 else None,
        )  # fmt: skip
        council.handle(stream, noted, Sender(by=STAFF, key="note"))
        if n % 2:
            opened = OpenCase(kind="informal", reference=f"L{n}", received_on=today)
            council.handle(stream, opened, Sender(by=STAFF, key="open"))
        numbers.append(number)
    return tuple(numbers)


def _outage(council: Council) -> str:
    """The last of a few outages of some hours; its id."""
    now = datetime.now(UTC)
    answer = None
    for days in range(60, 0, -6):
        begins = now - timedelta(days=days)
        declared = DeclareOutage(
            services=("checks",), failed_from=begins, failed_until=begins + timedelta(hours=5),
            found_how="monitoring", reason="The line was down.",
        )  # fmt: skip
        sender = Sender(by=STAFF, key=f"outage/{days}")
        answer = council.handle(council.ledger.outages_id(), declared, sender)
    assert answer is not None
    return str(answer.values["outage"])


def _before_staff(connection: Connection, schema: str) -> None:
    """Applications that wait to be decided, and proposals that wait for a second person."""
    connection.execute(
        f"update {schema}.application_queue set state = 'awaiting_decision',"
        " target_on = current_date + (hashtext(application_id) %% 9)"
        " where application_id in (select application_id"
        f" from {schema}.application_queue where state = 'issued'"
        " order by md5(application_id) limit %s)",
        (QUEUED,),
    )
    wants = msgspec.json.encode(GrantAllowance(product=_listed(), units=0, reason="Care")).decode()
    connection.execute(
        f"insert into {schema}.proposals (proposal_id, household_id, command, channel,"
        " on_behalf_of, proposer, proposed_at, expires_at, state)"
        " select left(md5(household_id::text), 20), household_id, %s, 'phone', '', 'clerk', now(),"
        f" now() + interval '7 days', 'waiting' from {schema}.household_zones"
        " order by household_id limit %s",
        (wants, PROPOSED),
    )


def _listed() -> str:
    return next(each.id for each in town_editions().latest.products if each.allowance)


def _marks(connection: Connection, schema: str) -> tuple[str, ...]:
    rows = connection.execute(
        f"select shown from {schema}.active_registrations order by md5(cover_id) limit 50"
    ).fetchall()
    return tuple(row[0] for row in rows)
