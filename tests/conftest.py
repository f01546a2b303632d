"""What every test may ask for: a migrated database of its own, on the one real PostgreSQL."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from services.postgres import server_dsn
from tests.databases import Databases, a_place

ROOT = Path(__file__).resolve().parent.parent
MIGRATIONS = ROOT / "ledger" / "store" / "migrations"

# Secrets of tests are sealed under keys of their own, in this process and in those it starts.
os.environ.setdefault("PERMIT_LEDGER_KEYS", str(ROOT / ".data" / "test-keys"))

# A shared machine is slow now and then: that is no fault of the code. In CI the same examples each
# time.
settings.register_profile("ledger", deadline=None)
settings.register_profile("ledger-ci", deadline=None, derandomize=True)
settings.load_profile("ledger-ci" if os.environ.get("CI") else "ledger")


@pytest.fixture(scope="session")
def server() -> str:
    """The DSN of the server the tests share: `DATABASE_URL`, or the checkout's embedded one, which
    is left running for the next run (`python -m services.postgres stop .data/test-postgres` ends
    it)."""
    return server_dsn(os.environ, ROOT / ".data" / "test-postgres")


@pytest.fixture(scope="session")
def databases(server: str) -> Iterator[Databases]:
    with Databases(server, MIGRATIONS) as made:
        yield made


@pytest.fixture
def database(databases: Databases) -> Iterator[str]:
    """The DSN of a fresh clone with the schemas of tests.databases.SCHEMAS, for this test alone."""
    with databases.clone() as dsn:
        yield dsn


@pytest.fixture(scope="session")
def worker_database(databases: Databases) -> Iterator[str]:
    """The DSN of one clone for all tests of this process, for those that make schemas of their
    own."""
    with databases.clone() as dsn:
        yield dsn


@pytest.fixture
def place() -> Iterator[Path]:
    with a_place() as folder:
        yield folder


@pytest.fixture(scope="session")
def shared_cluster() -> Iterator[Path]:
    """The data folder of one embedded server that this process's tests may kill, stop and start."""
    with a_place() as folder:
        yield folder / "data"
