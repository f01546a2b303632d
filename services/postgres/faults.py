"""Why there is no database to use.

PostgresFault
├── NoBinaries            the embedded server's programs are not installed, or are another version
├── NoServerUser          started by root, and no ordinary user to run the server as
├── Unreachable           a folder or a socket that the server's user or the caller cannot use
├── ServerFailed          initdb or the server ended; carries the tail of its log
├── Superseded            its replica was promoted: another server is the ledger now
└── UnsafeServer          the server may lose what it has acknowledged
"""


class PostgresFault(Exception):
    """The database cannot be had; the message says what a person can do about it."""


class NoBinaries(PostgresFault):
    """No usable PostgreSQL programs, or no way to look after their processes on this system."""


class NoServerUser(PostgresFault):
    """PostgreSQL refuses to run as root, and nobody else was found to run it as."""


class Unreachable(PostgresFault):
    """Somebody else's folder is in the way; it is theirs, so its mode is left as it is."""


class ServerFailed(PostgresFault):
    """A program of the server ended when it should not have. `log_tail` is its last lines."""

    def __init__(self, detail: str, log_tail: str = "") -> None:
        self.log_tail = log_tail
        super().__init__(f"{detail}\n{log_tail}" if log_tail else detail)


class Superseded(PostgresFault):
    """What this server would acknowledge is in no ledger: it is not started, and the message says
    which server is the ledger now."""


class UnsafeServer(PostgresFault):
    """A setting under which an acknowledged command can be lost. `settings` maps name to value."""

    def __init__(self, settings: dict[str, str]) -> None:
        self.settings = settings
        found = ", ".join(f"{name} = {value}" for name, value in sorted(settings.items()))
        super().__init__(f"this server may lose acknowledged commands: {found}; set each to on")
