"""Accounts: who lives where, and which mobile speaks for whom. A number speaks for one account
only.

Source: HAN-009, HAN-031; STV-001.
"""

from typing import Any

from ledger.events import (
    EmailChanged,
    MobileLinked,
    Recorded,
    ResidentMovedOut,
    ResidentRegistered,
)
from ledger.store.pool import Connection
from ledger.store.rows import Changes, Table

ACCOUNTS = Table(
    name="accounts",
    columns=("resident_id", "household_id", "verified", "name", "email", "mobile", "moved_out"),
    key=("resident_id",),
    match=("resident_id",),
    patched=("email", "mobile", "moved_out"),
)


class Accounts:
    """The fold: registered, linked, reached elsewhere, moved out."""

    name = "accounts"
    tables = (ACCOUNTS,)

    def apply(self, changes: Changes, recorded: Recorded) -> None:
        match recorded.event:
            case ResidentRegistered() as event:
                changes.put(
                    ACCOUNTS,
                    {
                        "resident_id": event.resident_id,
                        "household_id": recorded.household_id,
                        "verified": event.verified,
                        "name": event.name,
                        "email": event.email,
                        "mobile": event.mobile or None,
                        "moved_out": False,
                    },
                )
            case MobileLinked() as event:
                changes.patch(ACCOUNTS, {"resident_id": event.resident_id}, mobile=event.mobile)
            case EmailChanged() as event:
                changes.patch(ACCOUNTS, {"resident_id": event.resident_id}, email=event.email)
            case ResidentMovedOut() as event:
                changes.patch(ACCOUNTS, {"resident_id": event.resident_id}, moved_out=True)
            case _:
                pass


def by_mobile(connection: Connection, schema: str, mobile: str) -> tuple[str, str] | None:
    """(household, resident) of the account that a number (E.164) is linked to."""
    return _one(connection, schema, "mobile = %s and not moved_out", mobile)


def by_email(connection: Connection, schema: str, email: str) -> tuple[str, str] | None:
    """(household, resident) of the newest account with an e-mail address, case aside."""
    return _one(
        connection, schema, "lower(email) = lower(%s) and email <> '' and not moved_out", email
    )


def _one(connection: Connection, schema: str, where: str, value: str) -> tuple[str, str] | None:
    row: tuple[Any, ...] | None = connection.execute(
        f"select household_id::text, resident_id from {schema}.accounts where {where}"
        " order by resident_id limit 1",
        (value,),
    ).fetchone()
    return None if row is None else (row[0], row[1])
