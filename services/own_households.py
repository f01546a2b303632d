"""Who works for the council neither acts on nor looks into what is of the household they live in.

A notice is of a household where its mark was ever covered, listed or saved by it. Acts on such a
notice are refused by the ledger, as those on the household itself are; a look is refused here.
Both attempts are kept, and are among the exceptions.

Source: E10; promises section 4 (insider: clerk).
"""

from collections.abc import Sequence
from secrets import token_hex

from commands.handling import OWN_HOUSEHOLD
from ledger.events import Actor
from ledger.refusals import Refused
from ledger.values import parse_mark
from projections import notices, search
from services.council import Council


def and_notice(
    council: Council, own: Sequence[str], number: str, mark: str = ""
) -> tuple[str, ...]:
    """These households, and the notice of that number where it is theirs: what they may not act on.

    `mark`: of a notice that is only being noted.
    """
    if not own:
        return ()
    if not mark:
        with council.pool.connection() as connection:
            seen = notices.notice(connection, council.schema, number)
        mark = seen.mark if seen is not None else ""
    theirs = _whose(council, own, mark) is not None
    return (*own, str(council.ledger.notice_id(number))) if theirs else tuple(own)


def refuse_to_look(council: Council, own: Sequence[str], mark: str, by: Actor, what: str) -> None:
    """Raises Refused where the mark is of one of these households, once the attempt is kept.

    `what` is the attempt as a command's tag is written: `ask_about_notice`.
    """
    household = _whose(council, own, mark)
    if household is None:
        return
    with council.pool.connection() as connection:
        at = council.now(connection)
        # No key comes with a look: each try is one.
        key = f"look/{token_hex(16)}"
        connection.execute(
            f"insert into {council.schema}.refused_attempts (attempted_at, household_id,"
            " command_key, body_digest, command, role, actor, channel, codes, details)"
            " values (%s, %s, %s, '', %s, %s, %s, 'website', %s, %s)",
            (
                at,
                household,
                key,
                what,
                by.role,
                by.name,
                [OWN_HOUSEHOLD.code],
                [OWN_HOUSEHOLD.detail],
            ),
        )
    raise Refused([OWN_HOUSEHOLD])


def _whose(council: Council, own: Sequence[str], typed: str) -> str | None:
    """Which of these households the mark is of; None where it is of none of them."""
    mark = parse_mark(typed)
    if not own or mark is None:
        return None
    with council.pool.connection() as connection:
        return search.household_of_mark(connection, council.schema, mark.glyphs, own)
