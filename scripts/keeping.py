"""`permit-ledger database`, `migrate` and `token`: what keeps a server in order."""

import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ledger.store.restoring import has_ledger, raise_offset
from scripts.asking import asked_council, household_of
from scripts.settings import data_folder, database
from scripts.upgrading import filled
from scripts.wrong import Wrong
from services.councils import open_councils
from services.identity.tokens import TokenRole, list_tokens, make_token, revoke_token
from services.postgres import EmbeddedPostgres, server_dsn
from services.postgres.accounts import USER_SETTING

DatabaseAct = Literal["start", "stop", "status", "dsn", "restored"]


def act(what: DatabaseAct, environment: Mapping[str, str] = os.environ) -> int:
    """The embedded server by hand. `status` is 1 where none runs. Raises PostgresFault, Wrong."""
    if what == "restored":
        return restored(server_dsn(environment, data_folder(environment)))
    external = environment.get("DATABASE_URL", "")
    if external:
        if what != "dsn":
            raise Wrong("DATABASE_URL names a server of your own: it is not looked after here")
        sys.stdout.write(f"{external}\n")
        return 0
    server = EmbeddedPostgres(data_folder(environment), user=environment.get(USER_SETTING, ""))
    match what:
        case "start" | "dsn":
            said, done = server.start(), True
        case "stop":
            said, done = ("stopped" if server.stop() else "was not running"), True
        case "status":
            status = server.status()
            parts = (status.state, status.pid, status.dsn, status.data)
            said, done = " ".join(str(p) for p in parts if p), status.state == "running"
    sys.stdout.write(f"{said}\n")
    return 0 if done else 1


def restored(dsn: str) -> int:
    """Have every ledger go on above all positions that were ever given, and say what was kept."""
    with open_councils(dsn, migrate=False) as councils:
        for name, each in councils.items():
            with each.pool.connection() as connection:
                if not has_ledger(connection, each.schema):
                    continue
            # What was restored may be of an earlier version: it is brought to this one first.
            numbers = each.migrate()
            if numbers and numbers[0] > 1:
                filled(each)
            with each.pool.connection() as connection:
                raised = raise_offset(connection, each.schema)
            last = (
                "" if raised.recorded_at is None else f", recorded {raised.recorded_at:%F %T} UTC"
            )
            sys.stdout.write(
                f"{name}: {raised.events} events are kept, the last at position {raised.highest}"
                f"{last}; positions go on above {raised.begins}, and whatever was given between"
                " them is lost\n"
            )
    sys.stdout.write("nodes and handhelds are to be started anew: they may know what is lost\n")
    return 0


def migrate(council: str) -> int:
    """Bring the schemas to this version. Raises MigrationError, NotFound."""
    only = [council] if council else None
    with open_councils(database(), only, migrate=False) as councils:
        for name, each in councils.items():
            numbers = each.migrate()
            if numbers and numbers[0] > 1:
                filled(each)
            done = ", ".join(f"{number:04}" for number in numbers)
            sys.stdout.write(f"{name}: {f'applied {done}' if done else 'up to date'}\n")
    return 0


def make(
    *,
    council: str,
    role: TokenRole,
    name: str,
    property_ref: str,
    resident: str,
    days: int | None,
    own_household: str,
) -> int:
    """Print a new token's secret, which is never to be seen again. Raises NotFound, Wrong."""
    if (role == "resident") != bool(property_ref):
        raise Wrong("--property is for a resident's token, and a resident's token needs it")
    if own_household and role == "resident":
        raise Wrong("--own-household is for those who work for the council")
    if days is not None and days < 1:
        raise Wrong("--days is one or more")
    expires_at = None if days is None else datetime.now(UTC) + timedelta(days=days)
    with asked_council(council) as asked:
        household_id = None
        if property_ref:
            household = household_of(asked, asked.ledger.household_id(property_ref))
            household_id = str(household.household_id)
            living = [r.resident_id for r in household.residents.values() if not r.moved_out_at]
            resident = resident or (living[0] if len(living) == 1 else "")
            if resident not in living:
                raise Wrong(
                    f"--resident is one of {', '.join(living) or 'nobody: none lives there'}"
                )
        own = None
        if own_household:
            lives = household_of(asked, asked.ledger.household_id(own_household))
            own = str(lives.household_id)
        with asked.pool.connection() as connection:
            secret = make_token(
                connection, asked.schema, role, name, household_id, resident, expires_at, own
            )
    sys.stdout.write(f"{secret}\n")
    return 0


def show(*, council: str) -> int:
    """Every token, newest first, without its secret."""
    with asked_council(council) as asked, asked.pool.connection() as connection:
        tokens = list_tokens(connection, asked.schema)
    table = Table("id", "role", "name", "made", "expires", "revoked")
    for each in tokens:
        times = (each.made_at, each.expires_at, each.revoked_at)
        cells = (each.token_id, each.role, each.name, *(_minute(time) for time in times))
        table.add_row(*(Text(cell) for cell in cells))
    Console().print(table)
    return 0


def revoke(*, council: str, token_id: str) -> int:
    """End a token from now on; 1 where there is none that is good."""
    with asked_council(council) as asked, asked.pool.connection() as connection:
        ended = revoke_token(connection, asked.schema, token_id)
    sys.stdout.write("revoked\n" if ended else "no such token, or it was revoked before\n")
    return 0 if ended else 1


def _minute(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M}"
