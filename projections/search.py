"""By what a household can be found: its address, its people, their marks and their numbers.

A row says which kind of key leads to which household, and how it was written. Names and addresses
are found by the beginnings of their words, in any order; everything else by the whole of it, made
comparable as the ledger compares it: a mark by its glyphs, a telephone as E.164.

Source: issue "Pages", item 2; promises section 4 (insider).
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final, Literal, cast, get_args

from msgspec import Struct
from psycopg.rows import class_row

from ledger.events import (
    AnyEvent,
    ApplicationSubmitted,
    EmailChanged,
    HoldingIssued,
    HoldingReplaced,
    MobileLinked,
    PaymentAuthorised,
    PaymentFailed,
    PropertyListed,
    Recorded,
    ResidentRegistered,
    VisitorSaved,
)
from ledger.rules import telephone
from ledger.store.pool import Connection
from ledger.store.rows import Changes, Table
from ledger.values import parse_mark

KeyKind = Literal[
    "address", "reference", "name", "email", "phone", "application", "permit", "mark", "payment",
    "serial",
]  # fmt: skip
KINDS: tuple[KeyKind, ...] = get_args(KeyKind)
IN_WORDS: tuple[KeyKind, ...] = ("address", "name")
FOUND_MAX: Final = 50
"""So many households are shown at most: whoever finds more has to say more."""
WORDS_MAX: Final = 8
LETTERS_MIN: Final = 3
"""With fewer, names and addresses are not looked for: half the town would be found."""
_WORD = re.compile(r"[^\W_]+")

SEARCH_KEYS = Table(
    name="search_keys",
    columns=("household_id", "kind", "key", "shown"),
    key=("household_id", "kind", "key"),
    match=("household_id",),
)


class Search:
    """The fold: whatever somebody could know of a household when they come to the counter."""

    name = "search"
    tables = (SEARCH_KEYS,)

    def apply(self, changes: Changes, recorded: Recorded) -> None:
        for kind, written in (*_told(recorded.event), *_marks(recorded.event)):
            key = comparable(kind, written)
            if key:
                changes.put(
                    SEARCH_KEYS,
                    {
                        "household_id": recorded.household_id,
                        "kind": kind,
                        "key": key,
                        "shown": written,
                    },
                )


def _told(event: AnyEvent) -> Iterator[tuple[KeyKind, str]]:
    match event:
        case PropertyListed():
            yield "reference", event.property_ref
            yield "address", event.address
        case ResidentRegistered():
            yield "name", event.name
            yield "email", event.email
            yield "phone", event.mobile
        case MobileLinked():
            yield "phone", event.mobile
        case EmailChanged():
            yield "email", event.email
        case ApplicationSubmitted():
            yield "application", event.number
        case HoldingIssued():
            yield "permit", event.holding_id
            yield from (("serial", each) for each in event.serials)
        case HoldingReplaced():
            yield from (("serial", each) for each in event.serials)
        case PaymentAuthorised() | PaymentFailed():
            yield "payment", event.payment_id
            yield "payment", event.provider_reference
            # What was paid at the counter is kept as `card 4711`: the number alone finds it too.
            yield "payment", event.provider_reference.partition(" ")[2]
        case _:
            pass


def _marks(event: AnyEvent) -> Iterator[tuple[KeyKind, str]]:
    """Every mark that the event names for this household."""
    if isinstance(event, VisitorSaved):
        yield "mark", event.shown
    named = (*getattr(event, "covers", ()), *getattr(event, "vehicles", ()))
    for shown in dict.fromkeys(each.shown for each in named):
        yield "mark", shown


def comparable(kind: KeyKind, typed: str) -> str:
    """What is typed as that kind of key, as it is compared; empty where it can be none."""
    match kind:
        case "address" | "name":
            return " ".join(_WORD.findall(typed.casefold()))
        case "mark":
            parsed = parse_mark(typed)
            return parsed.glyphs if parsed else ""
        case "phone":
            return telephone.e164(typed) or ""
        case _:
            return "".join(typed.split()).casefold()


class Match(Struct, frozen=True, kw_only=True):
    """Why a household was found: the kind of key and how it was written."""

    household_id: str
    kind: str
    shown: str


class Found(Struct, frozen=True, kw_only=True):
    """A household, with its address (or its reference) and every reason why it was found."""

    household_id: str
    address: str
    matches: tuple[Match, ...]


def find(
    connection: Connection, schema: str, typed: str, kind: KeyKind | None
) -> tuple[list[Found], bool]:
    """The households that what was typed leads to, by their address, and whether there are more.

    `kind` None looks for every kind of key that it can be.
    """
    asked = [kind] if kind else list(KINDS)
    whole = [(each, comparable(each, typed)) for each in asked if each not in IN_WORDS]
    whole = [(each, key) for each, key in whole if key]
    words = _WORD.findall(typed.casefold())[:WORDS_MAX]
    enough = sum(map(len, words)) >= LETTERS_MIN
    in_words = [each for each in asked if each in IN_WORDS] if enough else []
    with connection.cursor(row_factory=class_row(Match)) as cursor:
        matches = cursor.execute(
            _statement(schema),
            {
                "keys": [key for _, key in whole],
                "kinds": [each for each, _ in whole],
                # Words are letters and digits alone: nothing of the query language is in them.
                "words": " & ".join(f"{each}:*" for each in words) if in_words else "",
                "in_words": in_words,
                "most": FOUND_MAX * 4,
            },
        ).fetchall()
    ids = list(dict.fromkeys(each.household_id for each in matches))
    addresses = addresses_of(connection, schema, ids[: FOUND_MAX + 1])
    found = [
        Found(
            household_id=each,
            address=addresses.get(each, ""),
            matches=tuple(m for m in matches if m.household_id == each),
        )
        for each in ids[:FOUND_MAX]
    ]
    return sorted(found, key=lambda each: _by_number(each.address)), len(ids) > FOUND_MAX


@cache
def _statement(schema: str) -> str:
    return (
        "select household_id::text, kind, shown from ("
        f" select household_id, kind, shown from {schema}.search_keys"
        " where (key, kind) in (select * from unnest(%(keys)s::text[], %(kinds)s::text[]))"
        " union"
        f" select household_id, kind, shown from {schema}.search_keys"
        " where to_tsvector('simple', key) @@ to_tsquery('simple', %(words)s)"
        " and kind = any(%(in_words)s)"
        ") as matched order by household_id, kind, shown limit %(most)s"
    )


def addresses_of(connection: Connection, schema: str, households: list[str]) -> dict[str, str]:
    """The address of each household, or its reference where it has none."""
    rows = connection.execute(
        f"select household_id::text, shown from {schema}.search_keys"
        " where household_id = any(%s::uuid[]) and kind in ('address', 'reference')"
        " order by kind desc",
        (households,),
    ).fetchall()
    return cast(dict[str, str], dict(rows))


def household_of_mark(
    connection: Connection, schema: str, glyphs: str, households: Sequence[str]
) -> str | None:
    """Which of these households ever named that plate; None: none. What it covers is known at once,
    and whom it saved once that is followed.
    """
    row = connection.execute(
        f"select household_id::text from {schema}.active_registrations"
        " where glyphs = %(glyphs)s and household_id = any(%(of)s::uuid[])"
        f" union select household_id::text from {schema}.search_keys"
        " where kind = 'mark' and key = %(glyphs)s and household_id = any(%(of)s::uuid[]) limit 1",
        {"glyphs": glyphs, "of": list(households)},
    ).fetchone()
    return None if row is None else str(row[0])


def _by_number(address: str) -> list[tuple[int, int, str]]:
    """2 High Street before 10 High Street."""
    words = _WORD.findall(address.casefold())
    return [(0, int(w), "") if w.isdecimal() else (1, 0, w) for w in words]
