"""`permit-ledger serve`: the HTTP interface and the officer's page, until told to stop."""

import os

from scripts.settings import data_folder, database, lookups_an_hour, trusted_proxies
from scripts.upgrading import filled
from services.councils import open_councils
from services.identity import staff_codes
from services.identity.messages import FileOutbox
from services.postgres.places import make_folder
from web.serving import serve

_OWN_MACHINE = ("127.0.0.1", "::1", "localhost")
OUTBOX = "outbox.jsonl"


def main(host: str, port: int, *, sandbox: bool) -> int:
    """0 once it has stopped, and what was being answered is answered.

    `sandbox` is for trying the program: residents say themselves that a payment was made, and PINs
    are written to a private file beside the database's data, as nothing sends them.
    """
    messages, trusted = None, trusted_proxies(os.environ)
    if sandbox:
        folder = data_folder(os.environ).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        private = folder / "sandbox"
        make_folder(private, 0o700, None)
        messages = FileOutbox(private / OUTBOX)
    limit = lookups_an_hour(os.environ)
    with open_councils(
        database(os.environ), lookups_an_hour=limit, sells_samples=sandbox, grown=filled
    ) as councils:
        for council in councils.values():
            with council.pool.connection() as connection:
                staff_codes.refuse_lost_keys(connection, council.schema)
        serve(
            councils,
            host,
            port,
            messages=messages,
            sandbox=sandbox,
            trusted=trusted,
            # A browser keeps a secure cookie over plain HTTP only from its own machine.
            secure_cookies=not (sandbox and host in _OWN_MACHINE),
        )
    return 0
