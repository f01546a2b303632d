"""What may be asked for in an evidence pack, and as of when it can be made.

A pack is made from what was recorded by one instant, `as_of`. Left out, that is the latest instant
by which everything is settled: no transaction that began before it is still open, so that a pack
of the same `as_of` never changes again.

Source: promises.md ("Order", "As known at T"), P8.
"""

import re
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from ledger.refusals import LedgerError, NotFound, Refused
from ledger.values import Mark, mark_refusal, parse_mark
from services.council import Council

_PCN = re.compile(r"[A-Z0-9]{4,20}")
LONGEST = timedelta(seconds=90)
"""No command or check goes on for longer: lock, statement and idle time-outs of the pool."""
_SEPARATORS = re.compile(r"[ /-]")


class NotAskable(LedgerError):
    """A pack that cannot be made: `option` is at fault, and `detail` says how."""

    def __init__(self, option: str, detail: str) -> None:
        self.option = option
        self.detail = detail
        super().__init__(f"{option} {detail}")


class Case(Struct, frozen=True, kw_only=True):
    """A question as it is asked. `known_at` None: known by `at`. `as_of` None: by now.

    `household_id`: the household whose case it is, where the mark alone does not say.
    """

    typed: str
    at: datetime
    zone: str = ""
    pcn: str = ""
    known_at: datetime | None = None
    as_of: datetime | None = None
    household_id: str = ""


class Opened(Struct, frozen=True, kw_only=True):
    """A question that can be answered: all instants are given."""

    mark: Mark
    at: datetime
    zone: str
    pcn: str
    known_at: datetime
    as_of: datetime
    household_id: str


def opened(council: Council, case: Case) -> Opened:
    """The question with its instants. Raises Refused (`vehicle.mark_invalid`), NotAskable, NotFound
    for a household that is none.
    """
    mark = parse_mark(case.typed)
    if mark is None:
        refusal = mark_refusal(case.typed)
        assert refusal is not None, "what is no mark is refused"
        raise Refused([refusal])
    for option, instant in (("at", case.at), ("known", case.known_at), ("as-of", case.as_of)):
        if instant is not None and instant.tzinfo is None:
            raise NotAskable(option, "needs an offset from UTC: a local time alone is two instants")
    pcn = _SEPARATORS.sub("", case.pcn).upper()
    if case.pcn and not _PCN.fullmatch(pcn):
        raise NotAskable("pcn", "is 4 to 20 letters and digits; spaces and hyphens are left out")
    latest = settled(council)
    if case.at > latest:
        raise NotAskable("at", "lies in the future: nothing can be known of it yet")
    as_of = latest if case.as_of is None else case.as_of
    if as_of > latest:
        raise NotAskable("as-of", "lies in the future: more may be recorded before it")
    if as_of < case.at:
        raise NotAskable("as-of", "lies before the instant that is asked about")
    known_at = case.at if case.known_at is None else case.known_at
    if known_at > as_of:
        raise NotAskable("known", "lies after the instant that the pack is made from")
    return Opened(
        mark=mark,
        at=case.at,
        zone=case.zone,
        pcn=pcn,
        known_at=known_at,
        as_of=as_of,
        household_id=_household(case.household_id),
    )


def settled(council: Council) -> datetime:
    """The latest instant by which everything that was recorded can be seen.

    A command takes its recorded time after its transaction began: none that is still open, or that
    begins later, can be recorded before this. One that has not written for as long as any command
    or check may take only reads, and holds nothing back.
    """
    if council.clock is not None:
        return council.clock()
    with council.pool.connection() as connection:
        row = connection.execute(
            "select least(statement_timestamp(), min(xact_start)) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
            " and (backend_xid is not null or xact_start > statement_timestamp() - %s)",
            (LONGEST,),
        ).fetchone()
    assert row is not None
    at: datetime = row[0]
    return at


def _household(written: str) -> str:
    if not written:
        return ""
    try:
        return str(UUID(written))
    except ValueError as error:
        raise NotFound("household") from error
