"""That somebody asked about a vehicle, or made a pack of evidence, is kept; what was typed is not.

Source: promises section 4 (insider: looks up an acquaintance).
"""

from typing import Literal
from uuid import UUID

from replay.evidence.pack import Pack
from services import looking_up
from web.pages.framework import Visit


def keep(visit: Visit, pack: Pack, kind: Literal["disputed mark", "evidence pack"]) -> None:
    """Keep who looked, and at whose case where that is known. Raises TooMany."""
    household = pack.question.household
    with visit.council.pool.connection() as connection:
        looking_up.record(
            connection,
            visit.council.schema,
            role=visit.by.role,
            name=visit.by.name,
            kind=kind,
            found=1 if household else 0,
            at=visit.now,
            household=UUID(household) if household else None,
        )
