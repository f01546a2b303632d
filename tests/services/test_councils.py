"""Which councils a server serves, and on what terms.

Source: design sections 3, 4 and 7.
"""

from datetime import date

import psycopg
import pytest
from msgspec import structs

from ledger.refusals import NotFound
from ledger.scheme.editions import SchemeFile, SchemeLibrary
from ledger.scheme.loading import built_in
from services.councils import chosen, open_councils
from services.postgres import UnsafeServer


def test_every_live_scheme_is_a_council_and_no_other(database: str) -> None:
    """Proposed schemes, references and places without a scheme have no ledger."""
    live = {file.scheme.id for file in built_in().read if file.scheme.status == "live"}

    with open_councils(database) as councils:
        assert councils.keys() == live
        assert {council.id for council in councils.values()} == live


def test_councils_share_their_pools(database: str) -> None:
    """One pool for commands and one for checks, however many councils there are."""
    with open_councils(database) as councils:
        assert len({id(council.pool) for council in councils.values()}) == 1
        assert len({id(council.checks) for council in councils.values()}) == 1


def test_a_council_that_does_not_exist_is_named(database: str) -> None:
    """With those that do."""
    with pytest.raises(NotFound, match=r"atlantis \(there are: .*stevenage"):
        open_councils(database, ["stevenage", "atlantis"]).__enter__()


def test_a_superseded_edition_is_kept_for_its_days_and_a_proposed_one_is_not() -> None:
    """A check of a past day is answered by the edition of that day."""
    file = built_in().file_of("stevenage")
    library = SchemeLibrary(
        (_edition(file, "superseded", 0), _edition(file, "live", 1), _edition(file, "proposed", 2))
    )

    editions = chosen(library, None)["stevenage"]

    assert editions.latest.status == "live"
    assert editions.in_force(_first_day(file, 0)).status == "superseded"
    assert editions.in_force(_first_day(file, 3)).status == "live"


def test_a_server_that_may_lose_what_it_acknowledged_is_refused(database: str) -> None:
    """`synchronous_commit` can be off for one database alone, so each is asked."""
    with psycopg.connect(database, autocommit=True) as connection:
        row = connection.execute("select quote_ident(current_database())").fetchone()
        assert row is not None
        connection.execute(f"alter database {row[0]} set synchronous_commit = off".encode())

    with pytest.raises(UnsafeServer, match="synchronous_commit"):
        open_councils(database).__enter__()


def _edition(file: SchemeFile, status: str, years: int) -> SchemeFile:
    scheme = structs.replace(
        file.scheme,
        status=status,
        effective_from=_first_day(file, years),
    )
    return structs.replace(file, scheme=scheme)


def _first_day(file: SchemeFile, years: int) -> date:
    began = file.scheme.effective_from
    return began.replace(year=began.year + years)
