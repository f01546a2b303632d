"""What may go wrong without a fault of the program: told in one line, with the exit status."""


class Wrong(Exception):
    """What was asked for cannot be understood: exit status 2. The message is for the person who
    typed the command."""


def expected() -> tuple[type[Exception], ...]:
    """What may go wrong in a command: exit status 1. Imported only once something went wrong."""
    import psycopg
    from psycopg_pool import PoolTimeout

    from ledger.refusals import LedgerError
    from ledger.scheme.faults import SchemeRejected
    from ledger.store.migrating import MigrationError
    from services.postgres import PostgresFault

    return (LedgerError, SchemeRejected, MigrationError, PostgresFault, psycopg.Error, PoolTimeout)


def told(error: Exception) -> str:
    """One of these in words."""
    from psycopg.errors import ReadOnlySqlTransaction

    if isinstance(error, ReadOnlySqlTransaction):
        return "this server only reads, it is a replica: what writes goes to the primary"
    return str(error).strip() or type(error).__name__
