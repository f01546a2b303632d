"""What the environment decides: which database, and where its data is.

`DATABASE_URL`: the database; without it, an embedded PostgreSQL of the program's own.
`PERMIT_LEDGER_DATA`: the folder of the embedded one's data; without it, `.data/postgres` of the
checkout the program runs from, or, installed elsewhere, `permit-ledger` in the user's data folder
(`XDG_DATA_HOME`, else `~/.local/share`).

Source: design section 7.
"""

import os
from collections.abc import Mapping
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent


def data_folder(environment: Mapping[str, str]) -> Path:
    """The folder of the embedded server, whether or not there is one."""
    named = environment.get("PERMIT_LEDGER_DATA", "")
    if named:
        return Path(named)
    if (CHECKOUT / "pyproject.toml").is_file():
        return CHECKOUT / ".data" / "postgres"
    users = environment.get("XDG_DATA_HOME", "")
    return (Path(users) if users else Path.home() / ".local" / "share") / "permit-ledger"


def database(environment: Mapping[str, str] = os.environ) -> str:
    """The DSN of the database, the embedded server started if need be. Raises PostgresFault."""
    # Imported here, so that `--help` does not wait for a database's library.
    from services.postgres import server_dsn

    return server_dsn(environment, data_folder(environment))
