"""`permit-ledger keys`: the file of keys that seals what the database must not tell."""

import sys

from cyclopts import App

keys = App(name="keys", help="The keys that seal the secrets of staff's one-time codes.")


@keys.command
def rotate(*, lost: bool = False) -> int:
    """Make a new key, and seal every council's secrets anew under it.

    The key before it stays in the file until the next time, for servers that are running.

    Parameters
    ----------
    lost
        The file is gone for good. The accounts whose secrets need it are closed until each is
        reset, by `staff reset`.
    """
    import os

    from scripts.settings import database
    from scripts.upgrading import filled
    from services.councils import open_councils
    from services.folders import key_file
    from services.identity import sealing, staff_codes

    path = key_file(os.environ)
    with open_councils(
        database(os.environ), commands_max=2, checks_max=1, grown=filled
    ) as councils:
        for council in councils.values():
            if not lost:
                with council.pool.connection() as connection:
                    staff_codes.refuse_lost_keys(connection, council.schema)
        made = sealing.with_new_key(path)[0]
        sys.stdout.write(f"new key {made.key_id} in {path}\n")
        for name, council in councils.items():
            with council.pool.connection() as connection:
                done = staff_codes.rotate(connection, council.schema, lost=lost)
            if done.sealed or done.lost:
                sys.stdout.write(f"{name}: {done.sealed} sealed anew\n")
            for each in done.lost:
                sys.stdout.write(f"{name}: {each} is closed until it is reset\n")
    sealing.without_old_keys(path, 2)
    return 0


@keys.command
def show() -> int:
    """Print which keys there are, by name, the newest first; and where. Never a key itself."""
    import os

    from services.folders import key_file
    from services.identity import sealing

    path = key_file(os.environ)
    found = sealing.read(path)
    sys.stdout.write(f"{path}: {len(found)} keys\n")
    for each in found:
        sys.stdout.write(f"  {each.key_id}\n")
    return 0
