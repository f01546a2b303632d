"""A node's journal, as look-ups of the council: each entry once, however often it is sent.

An entry's key is its chain, which no other entry of any journal has. Look-up and key are appended
together, so that a sending that was cut short, or done twice by two processes, leaves each once.
How far it came is kept beside the journal; losing that costs time only.

Source: promises P2, P8, P9; services/handhelds/decisions.py (decisions made off line).
"""

from collections.abc import Iterator
from hashlib import sha256
from itertools import islice
from pathlib import Path

import msgspec
import psycopg
from msgspec import Struct

from ledger.store.exchange import BEGIN, COMMIT, Sent, exchange, forget
from ledger.store.pool import Connection
from projections import lookups
from projections.lookups import Kept, KeptKey
from services.node.journal import START, Entry, JournalBroken, entries_of, files

AT_ONCE = 200
PLACE = "uploaded"
_KEYS = "node/"
_encoder = msgspec.json.Encoder()


class _Sent(Struct, frozen=True, kw_only=True):
    """How far a journal was sent: the last entry's number, and the chain before each file."""

    number: int = 0
    chains: dict[str, str] = {}


def upload(connection: Connection, schema: str, folder: Path) -> int:
    """Send what was not sent yet of a node's journal; how many look-ups that made.

    Raises JournalBroken at an entry that is not as it was written: what is before it was sent.
    Psycopg's errors: what was sent is kept, and the next call goes on.
    """
    place = _place(folder)
    made = 0
    for batch in _batches(folder, place):
        entries, place = batch
        if entries:
            made += _stored(connection, schema, entries)
        _keep_place(folder, place)
    return made


def _batches(folder: Path, place: _Sent) -> Iterator[tuple[list[tuple[Entry, str]], _Sent]]:
    """Entries not sent yet, each with its chain, and the place after them.

    A file's chain before its first entry is noted when it is begun, so that only the last file that
    was sent from is read again.
    """
    chain = START
    for path in files(folder):
        chain = place.chains.get(path.name, chain)
        if any(name > path.name for name in place.chains):
            continue
        place = _Sent(number=place.number, chains={path.name: chain})
        entries = entries_of(path, chain)
        while batch := list(islice(entries, AT_ONCE)):
            chain = batch[-1][1]
            fresh = [each for each in batch if each[0].number > place.number]
            if fresh:
                place = _Sent(number=fresh[-1][0].number, chains=place.chains)
            yield fresh, place


def _stored(connection: Connection, schema: str, entries: list[tuple[Entry, str]]) -> int:
    """Append those that are not there; how many. Asked again where somebody else was faster."""
    for entry, _ in entries:
        if sha256(entry.answer.encode()).hexdigest() != entry.digest:
            raise JournalBroken(f"number {entry.number}: the answer has another digest")
    for month in sorted({entry.at.strftime("%Y-%m") for entry, _ in entries}):
        at = next(entry.at for entry, _ in entries if entry.at.strftime("%Y-%m") == month)
        connection.execute(f"select {schema}.make_lookup_month(%s)", (at,))
    while True:
        try:
            return _appended(connection, schema, entries)
        except psycopg.errors.UniqueViolation:
            connection.rollback()
            forget(connection)


def _appended(connection: Connection, schema: str, entries: list[tuple[Entry, str]]) -> int:
    keys = [_KEYS + chain for _, chain in entries]
    opening: list[Sent] = [
        (BEGIN, ()),
        lookups.earlier(schema, keys),
        lookups.numbers(schema, len(entries)),
    ]
    _, earlier, numbers = exchange(connection, opening)
    there = lookups.earlier_found(earlier)
    new = [
        (entry, chain, number)
        for (entry, chain), number in zip(entries, lookups.numbered(numbers), strict=True)
        if _KEYS + chain not in there
    ]
    closing: list[Sent] = []
    if new:
        closing.append(lookups.keep(schema, [_kept(entry, number) for entry, _, number in new]))
        closing += (
            lookups.keep_key(schema, _key(entry, chain, number)) for entry, chain, number in new
        )
    exchange(connection, [*closing, (COMMIT, ())])
    return len(new)


def _kept(entry: Entry, number: int) -> Kept:
    return Kept(
        lookup_id=number,
        kind="node",
        asked_at=entry.at,
        device_at=entry.device_at,
        about_at=entry.at,
        known_at=entry.known_at,
        device=entry.device,
        officer=entry.officer,
        typed=entry.typed,
        shown=entry.shown,
        glyphs=entry.glyphs,
        zone=entry.zone,
        answer=entry.answer.encode(),
    )


def _key(entry: Entry, chain: str, number: int) -> KeptKey:
    return KeptKey(
        lookup_key=_KEYS + chain,
        body_digest=entry.digest,
        asked_at=entry.at,
        receipts=[number],
        refused=[[]],
    )


def _place(folder: Path) -> _Sent:
    try:
        return msgspec.json.decode((folder / PLACE).read_bytes(), type=_Sent)
    except (FileNotFoundError, msgspec.MsgspecError):
        return _Sent()


def _keep_place(folder: Path, place: _Sent) -> None:
    beside = folder / f"{PLACE}.new"
    beside.write_bytes(_encoder.encode(place))
    beside.replace(folder / PLACE)
