"""What is held about a resident beside facts and read models: what no rebuild would make again.

Applications begun and not sent, the files that proofs came as (what they show is never given
back), payments under way, penalty charge notices and cases about vehicles while their right covered
them, sign-ins by browser, addresses to be, and who of the council looked their household up. What
proves who somebody is, and who somebody else is, is not given.

Source: UK GDPR article 15; promises P8, P9.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID

Row = dict[str, Any]
Ask = Callable[..., list[Row]]
"""Takes a query and its parameters, and gives rows without other people in them."""


def sections(
    ask: Ask,
    schema: str,
    stream: UUID,
    resident_id: str,
    own: Sequence[str],
    covers: Sequence[Row],
) -> Iterator[tuple[str, list[Row]]]:
    """Each kind with its heading, in order. `own` are the ids of all that is the resident's,
    `covers` the rows of registrations that are theirs.
    """
    yield (
        "Applications that you began and did not send",
        ask(
            f"select product, answers, saved_at from {schema}.drafts where resident_id = %s"
            " order by saved_at",
            resident_id,
        ),
    )
    yield (
        "Files that you sent as proof, and when they are removed",
        ask(
            "select document_id, application_id, media_type, size_bytes, received_at, keep_until,"
            " removed_at, (select count(*) from"
            f" {schema}.proof_looks l where l.file_id = f.file_id) as looked_at_by_staff_times"
            f" from {schema}.proof_files f where application_id = any(%s) and resident_id = %s"
            " order by received_at, file_id",
            own,
            resident_id,
        ),
    )
    yield (
        "Payments that you began",
        ask(
            "select order_id, applications, pence, state, payment_id, begun_at, ended_at"
            f" from {schema}.payment_orders where resident_id = %s order by begun_at, order_id",
            resident_id,
        ),
    )
    notices = ask(
        _notices(schema),
        [each["glyphs"] for each in covers],
        [each["glyphs"] for each in covers],
        [each["zone"] for each in covers],
        [each["covers_from"] for each in covers],
        [each["covers_until"] for each in covers],
    )
    yield "Penalty charge notices to vehicles that your right covered that day", notices
    yield (
        "Disputes about those notices",
        ask(
            "select n.number as notice, c.kind, c.reference, c.received_on, c.in_time,"
            " c.received_until, c.decide_until, c.state, c.outcome, c.decided_on, c.appeal_until"
            f" from {schema}.dispute_cases c join {schema}.notices n on n.notice_id = c.notice_id"
            " where n.number = any(%s) order by c.opened_at, c.case_id",
            [each["number"] for each in notices],
        ),
    )
    yield from _of_signing_in(ask, schema, stream, resident_id)


def _of_signing_in(
    ask: Ask, schema: str, stream: UUID, resident_id: str
) -> Iterator[tuple[str, list[Row]]]:
    yield "How you signed in", _sign_ins(ask, schema, resident_id)
    yield (
        "An address that you asked to be reached at",
        ask(
            f"select by_way_of, address, sent_at, expires_at from {schema}.contact_changes"
            " where resident_id = %s",
            resident_id,
        ),
    )
    yield (
        "When your household was looked up, and by which role",
        ask(
            f"select looked_at, role, kind from {schema}.people_looked_up"
            " where household_id = %s order by looked_at, look_id",
            stream,
        ),
    )


def _notices(schema: str) -> str:
    """A notice is about a right where it was issued within a day of its cover, in its zone."""
    return (
        "select n.number, n.shown, n.zone, n.issued_at, n.contravention, n.noted_at,"
        f" n.cancelled_at, n.cancelled_why from {schema}.notices n"
        " where n.glyphs = any(%s) and exists (select"
        " from unnest(%s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[])"
        " as a(glyphs, zone, covers_from, covers_until)"
        " where a.glyphs = n.glyphs and a.zone = n.zone"
        " and n.issued_at >= a.covers_from - interval '1 day'"
        " and n.issued_at - interval '1 day' < a.covers_until)"
        " order by n.issued_at, n.number"
    )


def _sign_ins(ask: Ask, schema: str, resident_id: str) -> list[Row]:
    sessions = ask(
        "select 'browser' as kind, begun_at, seen_at, expires_at, ended_at"
        f" from {schema}.page_sessions where resident_id = %s order by begun_at",
        resident_id,
    )
    places = ask(
        "select 'a place that is known, as a digest' as kind, null as begun_at, seen_at,"
        f" null as expires_at, null as ended_at from {schema}.known_places where resident_id = %s"
        " order by seen_at",
        resident_id,
    )
    return [*sessions, *places]
