"""The one database: `DATABASE_URL`, or an embedded PostgreSQL of our own where there is none.

Source: design.md section 7; services.md section 2 (why the manager is ours).
"""

from services.postgres.address import in_database, server_dsn
from services.postgres.embedded import EmbeddedPostgres
from services.postgres.faults import (
    NoBinaries,
    NoServerUser,
    PostgresFault,
    ServerFailed,
    Superseded,
    Unreachable,
    UnsafeServer,
)
from services.postgres.safety import refuse_unsafe_server

__all__ = [
    "EmbeddedPostgres",
    "NoBinaries",
    "NoServerUser",
    "PostgresFault",
    "ServerFailed",
    "Superseded",
    "Unreachable",
    "UnsafeServer",
    "in_database",
    "refuse_unsafe_server",
    "server_dsn",
]
