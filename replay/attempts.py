"""What is told among a household's acts and is no fact of it: attempts that were refused, and
officers' checks.

Read a page at a time, in the order of their instants.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from ledger.store.application import Ledger
from projections import enforcement
from projections.enforcement import CheckAnswer
from replay.telling import Act
from replay.wording import moment

PAGE = 500
REFUSED_ATTEMPT = "attempt_refused"
CHECKED = "checked"
_FIRST = datetime.min.replace(tzinfo=UTC)
_answer_decoder = msgspec.json.Decoder(CheckAnswer)


def refused_attempts(ledger: Ledger, stream: UUID) -> Iterator[Act]:
    """What the household tried and was refused. An attempt does not say which mark it named."""
    after: tuple[datetime, int] = (_FIRST, 0)
    while True:
        with ledger.pool.connection() as connection:
            rows = connection.execute(
                "select attempted_at, attempt_id, command, role, actor, channel, details"
                f" from {ledger.schema}.refused_attempts where household_id = %s"
                " and (attempted_at, attempt_id) > (%s, %s)"
                f" order by attempted_at, attempt_id limit {PAGE}",
                (stream, *after),
            ).fetchall()
        for attempted_at, attempt_id, command, role, actor, channel, details in rows:
            yield Act(
                household_id=str(stream),
                version=0,
                position=0,
                act=REFUSED_ATTEMPT,
                recorded_at=attempted_at,
                effective_from=None,
                effective_until=None,
                role=role,
                by=actor,
                on_behalf_of="",
                channel=channel,
                edition="",
                pence=None,
                sentence=f"Tried to {command.replace('_', ' ')}; refused: {'; '.join(details)}",
                number=attempt_id,
            )
        if len(rows) < PAGE:
            return
        after = rows[-1][:2]


def checks_of(
    ledger: Ledger, stream: UUID, glyphs: list[str], time_zone: ZoneInfo
) -> Iterator[Act]:
    """What officers were answered of these plates from a right of this household."""
    after: tuple[datetime, int, int] = (_FIRST, 0, 0)
    while True:
        with ledger.pool.connection() as connection:
            rows = connection.execute(
                "select asked_at, seen_high, lookup_id, officer, shown, answer"
                f" from {ledger.schema}.lookups where glyphs = any(%s) and asked_at >= %s"
                " and answer::jsonb #>> '{right,household}' = %s"
                " and (asked_at, seen_high, lookup_id) > (%s, %s, %s)"
                f" order by asked_at, seen_high, lookup_id limit {PAGE}",
                (glyphs, after[0], str(stream), *after),
            ).fetchall()
        for asked_at, seen_high, lookup_id, officer, shown, answer in rows:
            answered = _answer_decoder.decode(answer)
            verdict = enforcement.word(answered.covered)
            if answered.covered is False:
                verdict += f" ({answered.reason})"
            yield Act(
                household_id=str(stream),
                version=0,
                position=seen_high,
                act=CHECKED,
                recorded_at=asked_at,
                effective_from=answered.at,
                effective_until=answered.until,
                role="officer",
                by=officer,
                on_behalf_of="",
                channel="",
                edition=answered.edition,
                pence=None,
                sentence=f"An officer checked {shown} in zone {answered.zone} about"
                f" {moment(answered.at, time_zone)}: {verdict}",
                marks=(shown,),
                number=lookup_id,
            )
        if len(rows) < PAGE:
            return
        after = rows[-1][:3]
