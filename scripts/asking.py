"""What the questions of the command line have in common: a council, a household, a time."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from ledger.calendar import parse_local
from ledger.household.state import Household
from ledger.refusals import NotFound
from scripts.settings import database
from scripts.upgrading import filled
from scripts.wrong import Wrong
from services.council import Council
from services.councils import open_councils


@contextmanager
def asked_council(name: str) -> Iterator[Council]:
    """One council, on few connections. Raises NotFound where it has no live scheme."""
    with open_councils(
        database(os.environ), [name], commands_max=2, checks_max=1, grown=filled
    ) as councils:
        yield councils[name]


def household_id(council: Council, household: str, property_ref: str) -> UUID:
    """The stream of a household, named by its id or by its property. Raises Wrong."""
    if bool(household) == bool(property_ref):
        raise Wrong("name the household by --household or by --property")
    if property_ref:
        return council.ledger.household_id(property_ref)
    try:
        return UUID(household)
    except ValueError:
        raise Wrong(f"--household is an id such as {UUID(int=0)}, not {household}") from None


def household_of(council: Council, stream: UUID) -> Household:
    """What the household is now. Raises NotFound where it has no facts."""
    household = council.ledger.household(stream)
    if household.version == 0:
        raise NotFound("household")
    return household


def instant(option: str, written: str, zone: ZoneInfo) -> datetime | None:
    """The instant of a local time, or of one in UTC with a Z; None for none. Raises Wrong."""
    if not written:
        return None
    try:
        return parse_local(written, zone)
    except (ValueError, OverflowError) as error:
        raise Wrong(
            f"{option} is YYYY-MM-DD HH:MM[:SS], local, or in UTC with a Z, not {written} ({error})"
        ) from None


def shown(at: datetime, zone: ZoneInfo) -> str:
    """An instant as people of the council read it, to the second."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"
