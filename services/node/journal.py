"""A node's own record: every answer is on its disk before it leaves.

One file a day (UTC), a line for each answer: `{"chain": "...", "entry": {...}}`, appended and
synchronised, many lines at once where many wait. `chain` is the SHA-256 of the chain before it and
of the entry's bytes, from 64 zeros on through all files: a line that is changed, taken out or moved
breaks it. A line that a crash cut short is put aside when the journal is opened: its answer never
left. Anything else that is broken is not mended, and the journal is refused.

Source: promises P8, P9; the issue "Enforcement", items 2 and 7.
"""

import asyncio
import fcntl
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import msgspec
from msgspec import Raw, Struct

START = "0" * 64
_encoder = msgspec.json.Encoder()


class Entry(Struct, frozen=True, kw_only=True):
    """One answer. `answer` is, to the byte, what was sent; `digest` its SHA-256 in hex.

    `at` is by the server's clock as the node has it, `device_at` by the device's own.
    """

    number: int
    at: datetime
    known_at: datetime
    position: int
    officer: str
    device: str
    device_at: datetime | None
    typed: str
    shown: str
    glyphs: str
    zone: str
    digest: str
    answer: str


class Line(Struct, frozen=True, kw_only=True):
    """A line of a file: the chain up to it, and the entry as it was written."""

    chain: str
    entry: Raw


class JournalBroken(Exception):
    """A journal that cannot be gone on with. The message says which file and line, and why."""


class JournalFailed(Exception):
    """What was to be kept could not be: its answer may not leave."""


_lines = msgspec.json.Decoder(Line)
_entries = msgspec.json.Decoder(Entry)


class Journal:
    """The journal in a folder, held by this process alone. `node` names it for ever.

    Raises JournalBroken where another process holds it, and where its last file is broken.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = folder
        self._lock = _held(folder / "lock")
        self.node = _named(folder / "node")
        self._file = -1
        self._day = ""
        self._size = 0
        self._broken: OSError | None = None
        self.number, self._chain = _recovered(folder)

    def next_number(self) -> int:
        """The number of the next answer. For one thread."""
        self.number += 1
        return self.number

    def append(self, entries: Sequence[Entry]) -> None:
        """Write these, and return once they are on disk.

        Raises JournalFailed: then none of them is there, and after a failed synchronisation none
        ever will be, for nobody knows what the disk has.
        """
        if self._broken is not None:
            raise JournalFailed(str(self._broken))
        chain, lines = self._chain, []
        for entry in entries:
            written = _encoder.encode(entry)
            chain = chained(chain, written)
            lines.append(b'{"chain":"%s","entry":%s}\n' % (chain.encode(), written))
        content = b"".join(lines)
        try:
            self._open(entries[-1].at)
            left = memoryview(content)
            while left:
                left = left[os.write(self._file, left) :]
        except OSError as error:
            self._take_back(error)
            raise JournalFailed(str(error)) from error
        try:
            os.fdatasync(self._file)
        except OSError as error:
            self._broken = error
            raise JournalFailed(str(error)) from error
        self._chain = chain
        self._size += len(content)

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        os.close(self._lock)

    def _open(self, at: datetime) -> None:
        """The file of that day; never an earlier one than the last."""
        day = max(self._day, at.date().isoformat())
        if day == self._day and self._file >= 0:
            return
        if self._file >= 0:
            os.close(self._file)
        path = self.folder / f"{day}.jsonl"
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._size = os.fstat(self._file).st_size
        self._day = day
        # The name of a new file is to outlive a crash as well as its content.
        _synchronise(self.folder)

    def _take_back(self, error: OSError) -> None:
        """After a full disk: what was written of it is no line, and is taken off again."""
        if self._file < 0:
            return
        try:
            os.ftruncate(self._file, self._size)
        except OSError:
            self._broken = error


def chained(before: str, entry: bytes) -> str:
    """The chain with one entry more."""
    return sha256(before.encode() + entry).hexdigest()


def files(folder: Path) -> list[Path]:
    """The journal's files, in order of their days."""
    return sorted(folder.glob("????-??-??.jsonl"))


def entries_of(path: Path, before: str) -> Iterator[tuple[Entry, str]]:
    """The entries of a file, each with the chain up to it; `before` is the chain before the first.

    A last line that is not whole is left out. Raises JournalBroken.
    """
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.endswith(b"\n"):
                return
            try:
                read = _lines.decode(line)
                entry = _entries.decode(read.entry)
            except msgspec.MsgspecError as error:
                raise JournalBroken(f"{path.name}, line {number}: no entry ({error})") from error
            before = chained(before, bytes(read.entry))
            if before != read.chain:
                raise JournalBroken(f"{path.name}, line {number}: it does not follow the one above")
            yield entry, before


def entries(folder: Path) -> Iterator[tuple[Entry, str]]:
    """Every entry of a journal, from the first. Raises JournalBroken."""
    chain = START
    for path in files(folder):
        for entry, after in entries_of(path, chain):
            yield entry, after
            chain = after


def _recovered(folder: Path) -> tuple[int, str]:
    """The last number and the chain; a line that was cut short is put aside.

    The last file is proved whole: those before it were when they were the last.
    """
    *earlier, last = files(folder) or [folder / "none"]
    number, chain = 0, START
    for path in reversed(earlier):
        line = _last_line(path)
        if line is not None:
            number, chain = _entries.decode(line.entry).number, line.chain
            break
    if last.exists():
        _put_aside(last)
        for entry, after in entries_of(last, chain):
            number, chain = entry.number, after
    return number, chain


def _last_line(path: Path) -> Line | None:
    """The last line of a file; None where it has none. Raises JournalBroken."""
    last = b""
    with path.open("rb") as file:
        for line in file:
            last = line
    try:
        return _lines.decode(last) if last else None
    except msgspec.MsgspecError as error:
        raise JournalBroken(f"{path.name}: its last line is no entry ({error})") from error


def _put_aside(path: Path) -> None:
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole == len(content):
        return
    with path.with_suffix(".torn").open("ab") as torn:
        torn.write(content[whole:] + b"\n")
        os.fsync(torn.fileno())
    with path.open("rb+") as file:
        file.truncate(whole)
        os.fsync(file.fileno())


def _held(path: Path) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        raise JournalBroken(f"{path.parent} is another node's") from error
    return handle


def _named(path: Path) -> str:
    """The node's name: random, made once, and kept with its journal."""
    if not path.exists():
        beside = path.with_suffix(".new")
        beside.write_text(uuid4().hex[:12], encoding="ascii")
        beside.replace(path)
        _synchronise(path.parent)
    return path.read_text(encoding="ascii").strip()


def _synchronise(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class JournalQueue:
    """Those of an event loop who wait until their answers are on disk: one write for all."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self._waiting: list[tuple[Sequence[Entry], asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")

    async def keep(self, entries: Sequence[Entry]) -> None:
        """Return once they are on disk. Raises JournalFailed."""
        loop = asyncio.get_running_loop()
        kept: asyncio.Future[None] = loop.create_future()
        self._waiting.append((entries, kept))
        if self._writing is None or self._writing.done():
            self._writing = loop.create_task(self._write())
        await kept

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch, self._waiting = self._waiting, []
            every = [entry for entries, _ in batch for entry in entries]
            try:
                await loop.run_in_executor(self._thread, self.journal.append, every)
            except Exception as error:
                # Whatever it is, it is theirs who wait: nobody may wait for ever.
                for _, kept in batch:
                    if not kept.done():
                        kept.set_exception(error)
            else:
                for _, kept in batch:
                    if not kept.done():
                        kept.set_result(None)
