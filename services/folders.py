"""Where the program keeps what is its own, beside the database.

Source: design section 7.
"""

from collections.abc import Mapping
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
KEYS_SETTING = "PERMIT_LEDGER_KEYS"


def data_folder(environment: Mapping[str, str]) -> Path:
    """The folder of the embedded server, whether or not there is one."""
    named = environment.get("PERMIT_LEDGER_DATA", "")
    if named:
        return Path(named)
    if (CHECKOUT / "pyproject.toml").is_file():
        return CHECKOUT / ".data" / "postgres"
    users = environment.get("XDG_DATA_HOME", "")
    return (Path(users) if users else Path.home() / ".local" / "share") / "permit-ledger"


def key_file(environment: Mapping[str, str]) -> Path:
    """The file of the keys that seal secrets, whether or not there is one."""
    named = environment.get(KEYS_SETTING, "")
    return Path(named) if named else data_folder(environment) / "keys"
