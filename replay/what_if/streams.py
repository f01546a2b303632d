"""The households of a ledger, one at a time: their facts, and what they asked for in vain.

Of a refused attempt the ledger keeps no body, only its digest. An application for a product names
no person and no vehicle, so that all the likely ones can be written down and their digests looked
up: those are asked again. Of the others it is known that they were, and of what kind.
"""

from collections.abc import Generator, Iterator
from contextlib import closing
from datetime import datetime
from itertools import groupby, product
from typing import Final
from uuid import UUID

from msgspec import Struct

from commands.apply_for_permit import ApplyForPermit
from ledger.events import Recorded
from ledger.events.base import Actor, Channel
from ledger.scheme.schema import Scheme
from ledger.store.mapper import decode
from ledger.store.pool import Connection
from replay.what_if.requests import APPLYING, digest

PAGE: Final = 2000
UNITS_MAX: Final = 120
MONTHS_MAX: Final = 24
Catalogue = dict[str, ApplyForPermit]


class Attempt(Struct, frozen=True, kw_only=True):
    """A refused command. `wanted` is what it asked for, where that can be told."""

    at: datetime
    command: str
    key: str
    by: Actor
    channel: Channel
    codes: tuple[str, ...]
    wanted: ApplyForPermit | None


class Stream(Struct, frozen=True):
    """One household's facts in order, and its refused attempts in order."""

    household_id: str
    facts: list[Recorded]
    attempts: list[Attempt]


def catalogue(schemes: tuple[Scheme, ...]) -> Catalogue:
    """Every likely application for one product of these schemes, by the digest of its body."""
    return {digest(each): each for scheme in schemes for each in _applications(scheme)}


def _applications(scheme: Scheme) -> Iterator[ApplyForPermit]:
    confirmed = {None, scheme.flow.confirmations or None}
    for sold in scheme.products:
        quantities = (None, *range(1, UNITS_MAX + 1)) if sold.draws_units else (None, 1, 2)
        months = (None,) if sold.holding.months else (None, *range(1, MONTHS_MAX + 1))
        claims = [("", False)]
        for concession in scheme.concessions:
            if sold.id in concession.products:
                claims += [(concession.id, True), (concession.id, False)]
        supports = {"", sold.requires_support or ""}
        for quantity, term, (claim, evidence), support, confirm in product(
            quantities, months, claims, supports, confirmed
        ):
            yield ApplyForPermit(
                product=sold.id,
                quantity=quantity,
                months=term,
                concession=claim,
                evidence=evidence,
                support=support,
                confirm=confirm,
            )


def events_stored(connection: Connection, schema: str) -> int:
    """How many facts there are to read, for whoever waits."""
    row = connection.execute(f"select count(*) from {schema}.stored_events").fetchone()
    assert row is not None
    return int(row[0])


def streams(
    connection: Connection, schema: str, begins: datetime, ends: datetime, known: Catalogue
) -> Generator[Stream, None, None]:
    """Every household in the order of their ids; attempts of `[begins, ends)`. Needs a transaction.

    Raises CorruptLedger for a fact that cannot be read.
    """
    with (
        closing(_facts(connection, schema)) as facts,
        closing(_attempts(connection, schema, begins, ends, known)) as attempts,
    ):
        waiting = next(attempts, None)
        for stream, group in groupby(facts, key=lambda fact: fact.originator_id):
            found = list(group)
            mine: list[Attempt] = []
            while waiting is not None and waiting[0] <= stream:
                if waiting[0] == stream:
                    mine.append(waiting[1])
                waiting = next(attempts, None)
            yield Stream(str(stream), found, mine)


def _facts(connection: Connection, schema: str) -> Generator[Recorded, None, None]:
    with connection.cursor("what_if_facts", binary=True) as cursor:
        cursor.itersize = PAGE
        cursor.execute(
            "select originator_id, originator_version, notification_id, state"
            f" from {schema}.stored_events order by originator_id, originator_version"
        )
        for stream, version, position, state in cursor:
            yield Recorded(
                originator_id=stream,
                originator_version=version,
                position=position,
                entry=decode(state),
            )


def _attempts(
    connection: Connection, schema: str, begins: datetime, ends: datetime, known: Catalogue
) -> Generator[tuple[UUID, Attempt], None, None]:
    with connection.cursor("what_if_attempts", binary=True) as cursor:
        cursor.itersize = PAGE
        cursor.execute(
            "select household_id, attempted_at, command, command_key, body_digest, role, actor,"
            f" channel, codes from {schema}.refused_attempts where household_id is not null"
            " and attempted_at >= %s and attempted_at < %s"
            " order by household_id, attempted_at, attempt_id",
            (begins, ends),
        )
        for stream, at, command, key, body, role, actor, channel, codes in cursor:
            attempt = Attempt(
                at=at,
                command=command,
                key=key,
                by=Actor(role, actor),
                channel=channel,
                codes=tuple(codes),
                wanted=known.get(body) if command == APPLYING else None,
            )
            yield stream, attempt
