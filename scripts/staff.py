"""`permit-ledger staff`: the accounts of members of staff, officers and auditors, and who is in.

What is printed once cannot be printed again; `reset` gives it anew.
"""

import sys
from datetime import datetime
from typing import Annotated, Literal

from cyclopts import App, Parameter

staff = App(name="staff", help="Accounts of staff, officers and auditors: make, list, reset, end.")

Name = Annotated[str, Parameter(name="NAME")]


@staff.command
def add(
    name: Name,
    /,
    *,
    council: str,
    role: Literal["staff", "officer", "auditor", "dispute", "editor", "approver"],
    own_household: str = "",
) -> int:
    """Make an account, and print what its owner enrols with: good once, for seven days.

    Parameters
    ----------
    name
        What they sign in as: small letters, digits, dot, hyphen, underscore.
    council
        The id of its scheme.
    role
        What they may do.
    own_household
        The reference of the property they live in: they may not act on it.
    """
    from scripts.asking import asked_council, household_of
    from scripts.wrong import Wrong
    from services.identity import staff as accounts

    with asked_council(council) as asked:
        own = ""
        if own_household:
            found = household_of(asked, asked.ledger.household_id(own_household))
            own = str(found.household_id)
        with asked.pool.connection() as connection:
            try:
                given = accounts.add(
                    connection,
                    asked.schema,
                    name=name,
                    role=role,
                    at=asked.now(connection),
                    own_household=own,
                )
            except ValueError as error:
                raise Wrong(str(error)) from error
    _tell(council, name, given.secret, given.uri)
    return 0


@staff.command
def reset(name: Name, /, *, council: str) -> int:
    """Begin an account anew: its password, its codes and its sessions end.

    Parameters
    ----------
    name
        Whose.
    council
        The id of its scheme.
    """
    from scripts.asking import asked_council
    from services.identity import staff as accounts

    with asked_council(council) as asked, asked.pool.connection() as connection:
        given = accounts.reset(connection, asked.schema, name, asked.now(connection))
    _tell(council, name, given.secret, given.uri)
    return 0


@staff.command
def revoke(name: Name, /, *, council: str) -> int:
    """End an account and its sessions, for good; 1 where there is none that is good.

    Parameters
    ----------
    name
        Whose.
    council
        The id of its scheme.
    """
    from scripts.asking import asked_council
    from services.identity import staff as accounts

    with asked_council(council) as asked, asked.pool.connection() as connection:
        ended = accounts.revoke(connection, asked.schema, name, asked.now(connection))
    sys.stdout.write("revoked\n" if ended else "no such account, or it was revoked before\n")
    return 0 if ended else 1


@staff.command(name="list")
def list_(*, council: str) -> int:
    """List the accounts of a council, without their secrets."""
    from scripts.asking import asked_council
    from services.identity import staff as accounts

    with asked_council(council) as asked, asked.pool.connection() as connection:
        found = accounts.listed(connection, asked.schema)
    _table(
        ("name", "role", "own household", "enrolled", "made", "revoked"),
        [
            (
                each.name,
                each.role,
                each.own_household,
                "yes" if each.enrolled else "not yet",
                _minute(each.made_at),
                _minute(each.revoked_at),
            )
            for each in found
        ],
    )
    return 0


@staff.command
def sessions(*, council: str, end: str = "") -> int:
    """List who is signed in on the pages; residents are not listed.

    Parameters
    ----------
    council
        The id of its scheme.
    end
        End the session of this id; 1 where there is none that is good.
    """
    from scripts.asking import asked_council
    from services.identity import sessions as kept

    with asked_council(council) as asked, asked.pool.connection() as connection:
        now = asked.now(connection)
        if end:
            ended = kept.end_session_named(connection, asked.schema, end, now)
            sys.stdout.write("ended\n" if ended else "no such session, or it has ended\n")
            return 0 if ended else 1
        found = kept.list_sessions(connection, asked.schema, now)
    _table(
        ("id", "name", "role", "begun", "seen", "ends"),
        [
            (
                each.session_id,
                each.name,
                each.role,
                _minute(each.begun_at),
                _minute(each.seen_at),
                _minute(each.expires_at),
            )
            for each in found
        ],
    )
    return 0


@staff.command
def code(name: Name, /, *, council: str) -> int:
    """Print the code of now of an account that `scripts/run` invented; of no other.

    Parameters
    ----------
    name
        Whose.
    council
        The id of its scheme.
    """
    from scripts.asking import asked_council
    from services.identity import staff as accounts

    with asked_council(council) as asked, asked.pool.connection() as connection:
        shown = accounts.sandbox_code(connection, asked.schema, name, asked.now(connection))
    sys.stdout.write(f"{shown}\n")
    return 0


def _tell(council: str, name: str, secret: str, uri: str) -> None:
    sys.stdout.write(
        f"name             {name}\n"
        f"enrol at         /{council}/staff/enrol\n"
        f"enrolment code   {secret}\n"
        f"for their app    {uri}\n"
        "Good once, for seven days. It cannot be shown again.\n"
    )


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*head)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)


def _minute(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M}"
