"""The officer's check: one question, answered from the active registrations.

The answer says whether the vehicle is covered, until when, by which right, under which rule and
because of which event, and from which snapshot of the ledger. Marks that only look like the one
typed are advice, never permission. How an answer is put on record is `projections.lookups`.

Source: design sections 5 and 6; reference/enforcement-and-evidence.md; promises P6, P8, P9.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec
from msgspec import Struct

from ledger.refusals import Refused
from ledger.rules import covering
from ledger.rules.covering import Bay, Reason, Right, VehicleFacts, Verdict
from ledger.rules.marks import looks_british
from ledger.scheme.schema import Scheme
from ledger.store.exchange import ask
from ledger.store.pool import Connection
from ledger.values import Mark, mark_refusal, parse_mark, utc
from projections import checking, lookups, near
from projections.checking import Further, Looked, Seen

LONG_AGO = datetime.fromisoformat("0001-01-02T00:00:00+00:00")
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder

RULES: dict[Reason, str] = {
    "": "X-102: a right in this zone, known then, whose period holds the instant",
    "no_right": "X-102: no right in this zone was known then",
    "not_started": "X-102: the period of the right begins later",
    "ended": "X-004, X-102: the period of the right ended; its last instant is not in it",
    "wrong_zone": "RBW-017, NOR-154: the right is for another zone",
    "not_active": "GRV-010, GRV-013: listed, and not the active vehicle",
    "vehicle_excluded": "X-019, X-020: over a limit of the scheme",
    "suspended_bay": "RBW-021: no permit is valid in a suspended bay",
    "not_controlled": "GRV-012, X-067: outside the zone's controlled hours nobody needs a right",
    "unknown": "X-102, P18: it is in doubt that what is stored of this mark is what the facts say;"
    " no notice is to be issued on it",
}
"""The rule behind each reason, by its id in the rule book; P18 is a promise beside one."""


class RightShown(Struct, frozen=True, kw_only=True):
    """The right behind an answer, without a person: kind, holding, product, zone, period, event."""

    kind: str
    holding: str
    product: str
    zone: str
    covers_from: datetime
    covers_until: datetime
    household: str
    version: int


class CheckAnswer(Struct, frozen=True, kw_only=True):
    """What the officer is told, in UTC.

    `until` is the first instant that is no longer covered. `earliest_pcn_at` is the end of the ten
    minutes of statutory grace: at that very instant a notice is barred still, after it no longer;
    observation and courtesy are the council's practice and not in it. `near`, `near_saved` and
    `hint` are advice: marks that look like this one and are covered here, and marks that a
    household of the zone has saved as a visitor's and that are not (told of now alone).
    `covered` None: what is stored of this mark is in doubt, and `hint` says why; no notice is to be
    issued on that. `seen` is the ledger as it was answered from, `receipt` the number under which
    it is on record.
    """

    mark: str
    zone: str
    at: datetime
    known_at: datetime
    covered: bool | None
    reason: Reason
    match: Literal["", "exact", "same_glyphs"]
    until: datetime | None
    near: list[str]
    near_saved: list[str] = []
    earliest_pcn_at: datetime | None
    limit: str
    right: RightShown | None
    edition: str
    rule: str
    hint: str
    seen: Seen
    receipt: int | None


class Question(Struct, frozen=True, kw_only=True):
    """A mark as typed, a zone, and the two instants: about when, and by what was known when.

    None is now: asked of everything that is stored, whatever a clock says.
    """

    typed: str
    zone: str
    at: datetime | None
    known_at: datetime | None
    bay: Bay = ""

    @property
    def live(self) -> bool:
        """True where it is about now, by all that is stored."""
        return self.at is None and self.known_at is None


def mark_of(question: Question) -> Mark:
    """The mark that is asked about. Raises Refused with `vehicle.mark_invalid`."""
    mark = parse_mark(question.typed)
    if mark is None:
        refusal = mark_refusal(question.typed)
        assert refusal is not None, "what is no mark is refused"
        raise Refused([refusal])
    return mark


def answer(connection: Connection, schema: str, scheme: Scheme, question: Question) -> CheckAnswer:
    """The answer to one question, without a record of it. Raises Refused, as mark_of does."""
    mark = mark_of(question)
    one = checking.look_one(schema, mark.glyphs, question.at, question.known_at)
    (looked,) = checking.looked(ask(connection, one))
    first = verdict(scheme, question, mark, looked, None)
    if first.covered:
        return told(scheme, question, mark, looked, first, None, None)
    wider = checking.look_further(
        schema, [(mark.glyphs, question.zone, looked.at, question.known_at)]
    )
    (further,) = checking.looked_further(ask(connection, wider))
    saved: list[str] = []
    if question.live:
        (saved,) = near.looked(ask(connection, near.look(schema, [(mark.glyphs, question.zone)])))
    last = verdict(scheme, question, mark, looked, further)
    return told(scheme, question, mark, looked, last, further, None, saved)


def answers(
    connection: Connection, schema: str, asked: Sequence[tuple[Scheme, Question]]
) -> list[CheckAnswer]:
    """As answer, for many questions about other instants than now: two statements for all of them.

    The zones' saved visitors are told to officers alone, and not here. Raises Refused.
    """
    if not asked:
        return []
    marks = [mark_of(question) for _, question in asked]
    keys = [(m.glyphs, q.at, q.known_at) for m, (_, q) in zip(marks, asked, strict=True)]
    found = checking.looked(ask(connection, checking.look(schema, None, keys)))
    told_of: list[CheckAnswer | None] = []
    wider: list[tuple[int, Looked]] = []
    for n, ((scheme, question), mark, looked) in enumerate(zip(asked, marks, found, strict=True)):
        first = verdict(scheme, question, mark, looked, None)
        if first.covered:
            told_of.append(told(scheme, question, mark, looked, first, None, None))
        else:
            told_of.append(None)
            wider.append((n, looked))
    if wider:
        look = [
            (marks[n].glyphs, asked[n][1].zone, looked.at, asked[n][1].known_at)
            for n, looked in wider
        ]
        furthers = checking.looked_further(ask(connection, checking.look_further(schema, look)))
        for (n, looked), further in zip(wider, furthers, strict=True):
            scheme, question = asked[n]
            last = verdict(scheme, question, marks[n], looked, further)
            told_of[n] = told(scheme, question, marks[n], looked, last, further, None)
    return [each for each in told_of if each is not None]


def verdict(
    scheme: Scheme, question: Question, mark: Mark, looked: Looked, further: Further | None
) -> Verdict:
    """What the rules say; `further` holds what ended before, asked for where nothing covers."""
    rights: list[Right] = looked.rights
    if further is not None and further.ended is not None:
        rights = [*rights, further.ended]
    facts: VehicleFacts = looked.facts
    return covering.verdict(
        mark.shown, rights, facts, scheme, question.zone, looked.at, question.bay
    )


def told(
    scheme: Scheme,
    question: Question,
    mark: Mark,
    looked: Looked,
    found: Verdict,
    further: Further | None,
    receipt: int | None,
    saved: Sequence[str] = (),
) -> CheckAnswer:
    """A verdict as the officer is told it. `saved` are marks that `near.look` found.

    Where the plate is in doubt neither the verdict nor anything that it is made of is told.
    """
    if looked.doubt:
        return _unknown(scheme, question, mark, looked, receipt)
    covered_near = [] if further is None else further.near
    hint = ""
    if not found.covered and found.right is None and not looks_british(mark.shown):
        hint = "not the form of a UK mark: check its spelling"
    return CheckAnswer(
        mark=mark.shown,
        zone=question.zone,
        at=looked.at,
        known_at=looked.now if question.known_at is None else utc(question.known_at),
        covered=found.covered,
        reason=found.reason,
        match=found.match,
        until=found.until,
        near=covered_near,
        earliest_pcn_at=found.earliest_pcn_at,
        limit=found.limit,
        right=_shown(found),
        edition=scheme.edition,
        rule=RULES[found.reason],
        hint=hint,
        seen=looked.seen,
        receipt=receipt,
        near_saved=near.like(mark, saved, covered_near),
    )


def _unknown(
    scheme: Scheme, question: Question, mark: Mark, looked: Looked, receipt: int | None
) -> CheckAnswer:
    """Never "not covered": what would be said is not known to be true (P18)."""
    return CheckAnswer(
        mark=mark.shown,
        zone=question.zone,
        at=looked.at,
        known_at=looked.now if question.known_at is None else utc(question.known_at),
        covered=None,
        reason="unknown",
        match="",
        until=None,
        near=[],
        earliest_pcn_at=None,
        limit="",
        right=None,
        edition=scheme.edition,
        rule=RULES["unknown"],
        hint=looked.doubt,
        seen=looked.seen,
        receipt=receipt,
    )


def _shown(found: Verdict) -> RightShown | None:
    right = found.right
    if right is None:
        return None
    return RightShown(
        kind=right.kind,
        holding=right.holding_id,
        product=right.product,
        zone=right.zone,
        covers_from=right.covers_from,
        covers_until=right.covers_until,
        household=right.household_id,
        version=right.version,
    )


def word(covered: bool | None) -> str:
    """The verdict of an answer in a word or two."""
    if covered is None:
        return "unknown"
    return "covered" if covered else "not covered"


def in_bytes(answered: CheckAnswer) -> bytes:
    """The exact bytes that are sent and kept."""
    return _encoder.encode(answered)


def of_bytes(kept: str | bytes) -> CheckAnswer:
    """An answer as it was kept."""
    return _decoder(CheckAnswer).decode(kept)


def shown(
    connection: Connection, schema: str, typed: str, asked_at: datetime
) -> CheckAnswer | None:
    """What an officer was answered of a mark, at or last before an instant; None: not asked."""
    mark = parse_mark(typed)
    if mark is None:
        return None
    row = connection.execute(
        f"select answer from {schema}.lookups where glyphs = %s and asked_at <= %s"
        " order by asked_at desc, lookup_id desc limit 1",
        (mark.glyphs, asked_at),
    ).fetchone()
    return None if row is None else of_bytes(row[0])


def keep(
    connection: Connection,
    schema: str,
    *,
    answered: CheckAnswer,
    asked_at: datetime,
    officer: str,
    device: str,
    kind: lookups.Kind = "live",
    device_at: datetime | None = None,
) -> int:
    """Append one answer that was given elsewhere, in the caller's transaction. Its number."""
    mark = parse_mark(answered.mark)
    assert mark is not None, "what was answered has a mark"
    connection.execute(f"select {schema}.make_lookup_month(%s)", (asked_at,))
    (number,) = lookups.numbered(ask(connection, lookups.numbers(schema, 1)))
    kept = lookups.Kept(
        lookup_id=number,
        kind=kind,
        asked_at=asked_at,
        device_at=device_at,
        about_at=answered.at,
        known_at=answered.known_at,
        device=device,
        officer=officer,
        typed=answered.mark,
        shown=answered.mark,
        glyphs=mark.glyphs,
        zone=answered.zone,
        answer=in_bytes(answered),
    )
    ask(connection, lookups.keep(schema, [kept]))
    return number


def database_now(connection: Connection) -> datetime:
    """The one clock of the council: the database's."""
    row = connection.execute("select clock_timestamp()", prepare=True).fetchone()
    assert row is not None
    now: datetime = row[0]
    return now
