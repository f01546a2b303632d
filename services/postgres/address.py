"""Which database the program uses: `DATABASE_URL`, and nothing else, chooses it."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from psycopg.conninfo import make_conninfo

from services.postgres.accounts import USER_SETTING
from services.postgres.embedded import EmbeddedPostgres


def server_dsn(environment: Mapping[str, str], data_folder: Path) -> str:
    """`DATABASE_URL` as it is where it is set and not empty; else the DSN of the embedded server,
    which is started if need be. Raises any PostgresFault."""
    external = environment.get("DATABASE_URL", "")
    if external:
        return external
    return EmbeddedPostgres(data_folder, user=environment.get(USER_SETTING, "")).start()


def in_database(dsn: str, name: str) -> str:
    """The same server and login, another database. A URI stays a URI."""
    if not dsn.startswith(("postgresql://", "postgres://")):
        return make_conninfo(dsn, dbname=name)
    return urlunsplit(urlsplit(dsn)._replace(path="/" + quote(name, safe="")))
