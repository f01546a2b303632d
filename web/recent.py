"""An officer's own last checks, read back from the look-ups: what was shown, and when.

They are of the past and say so: each can be asked again, none is an answer of now.
"""

from datetime import datetime

from msgspec import Struct

from ledger.store.pool import Connection
from projections import enforcement, lookups
from services.council import Council
from web.words import Tone, told

SHOWN = 6


class Recent(Struct, frozen=True, kw_only=True):
    """One check: `asked` is the local time, `shown` the verdict as it was told then."""

    mark: str
    zone: str
    asked: str
    tone: Tone
    shown: str
    offline: bool


def recent(
    council: Council, connection: Connection, officer: str, since: datetime, but: int | None
) -> list[Recent]:
    """The last checks since an instant, newest first, each mark and zone once.

    `but` is the receipt of the answer that is on the page already.
    """
    found: dict[tuple[str, str], Recent] = {}
    kept = lookups.recent(connection, council.schema, officer, since, 4 * SHOWN)
    for each in kept:
        if each.receipt == but or (each.mark, each.zone) in found:
            continue
        answer = enforcement.of_bytes(each.answer)
        scheme = council.scheme_at(each.asked_at)
        in_words = told(answer, scheme)
        found[(each.mark, each.zone)] = Recent(
            mark=each.mark,
            zone=each.zone,
            asked=f"{each.about_at.astimezone(scheme.tz):%H:%M}",
            tone=in_words.tone,
            shown=in_words.verdict,
            offline=each.kind == "offline",
        )
    return list(found.values())[:SHOWN]
