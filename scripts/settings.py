"""What the environment decides: which database, and where its data is.

`DATABASE_URL`: the database; without it, an embedded PostgreSQL of the program's own.
`PERMIT_LEDGER_DATA`: the folder of the embedded one's data; without it, `.data/postgres` of the
checkout the program runs from, or, installed elsewhere, `permit-ledger` in the user's data folder
(`XDG_DATA_HOME`, else `~/.local/share`).
`PERMIT_LEDGER_KEYS`: the file of the keys that seal secrets; without it, `keys` in that folder.
`PERMIT_LEDGER_LOOKUPS_AN_HOUR`: how many marks one officer may look up within an hour; 0 is any
number.
`PERMIT_LEDGER_TRUSTED_PROXIES`: addresses and networks, apart by commas, of the proxies whose
`X-Forwarded-For` is believed; `none` is none. Without it, those of this machine.

Source: design section 7.
"""

import os
from collections.abc import Mapping

from scripts.wrong import Wrong
from services.folders import data_folder as data_folder
from web.places import OWN_MACHINE, Network, networks

LOOKUPS_AN_HOUR = 2_000
"""More than a street patrol asks; a camera's fleet needs a setting of its own."""


def database(environment: Mapping[str, str] = os.environ) -> str:
    """The DSN of the database, the embedded server started if need be. Raises PostgresFault."""
    # Imported here, so that `--help` does not wait for a database's library.
    from services.postgres import server_dsn

    return server_dsn(environment, data_folder(environment))


def lookups_an_hour(environment: Mapping[str, str]) -> int:
    """How many marks one officer may look up within an hour; 0 is any number. Raises Wrong."""
    named = environment.get("PERMIT_LEDGER_LOOKUPS_AN_HOUR", "")
    if not named:
        return LOOKUPS_AN_HOUR
    if not (named.isascii() and named.isdigit()):
        raise Wrong(f"PERMIT_LEDGER_LOOKUPS_AN_HOUR is a number, not {named}")
    return int(named)


def trusted_proxies(environment: Mapping[str, str]) -> tuple[Network, ...]:
    """The networks whose word is taken for where a request came from. Raises Wrong."""
    named = environment.get("PERMIT_LEDGER_TRUSTED_PROXIES", "")
    if not named:
        return OWN_MACHINE
    try:
        return networks(named)
    except ValueError as error:
        raise Wrong(f"PERMIT_LEDGER_TRUSTED_PROXIES: {error}") from None
