"""Everything that is held about one resident, for the resident: subject access.

What is theirs: facts that they recorded, that were recorded for them, or that are about them or
something of theirs; attempts they were refused; officers' checks that rested on their rights;
messages; the dates and kinds of their proofs (the content is never shown back); rows of read
models; sign-ins, without their secrets. What is another's is left out and counted; another person
named in what is theirs is blanked, and that is counted as well.

Source: UK GDPR article 15; promise P8; X-012.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from psycopg import sql
from psycopg.rows import dict_row

from ledger.events import Recorded
from ledger.household.evolve import fold
from ledger.household.state import Household, Resident
from ledger.refusals import NotFound
from ledger.store.pool import Connection
from ledger.store.rows import Table
from projections.registry import EVERY
from replay import subject_access_beside as beside
from replay.acts import ACTS
from replay.folding import household_facts, snapshot
from services.council import Council

BLANK = "[another person]"
_PERSONAL = ("name", "email", "mobile", "council_tax_account", "resident_id")


class Held(Struct, frozen=True, kw_only=True):
    """What is held about one resident, and how much of others was left out or blanked."""

    council: str
    property_ref: str
    resident: dict[str, Any]
    made_at: datetime
    proofs: list[dict[str, Any]]
    acts: list[dict[str, Any]]
    attempts: list[dict[str, Any]]
    checks: list[dict[str, Any]]
    rows: dict[str, list[dict[str, Any]]]
    sign_ins: list[dict[str, Any]]
    beside: dict[str, list[dict[str, Any]]]
    left_out: dict[str, int]
    blanked: int

    def sections(self) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """The tables that people read, in order, each with its heading."""
        yield "About you", [self.resident]
        yield "What was recorded", self.acts
        yield "Proofs that you gave", self.proofs
        yield "What you tried and was refused", self.attempts
        yield "Checks by officers that rested on your permits", self.checks
        yield "Sign-ins", self.sign_ins
        yield from self.beside.items()
        for table, rows in self.rows.items():
            yield f"Kept for quick answers: {table.replace('_', ' ')}", rows


def subject_access(council: Council, property_ref: str, resident_id: str) -> Held:
    """Everything in one snapshot of the ledger. Raises NotFound for a property or a resident that
    is not there, CorruptLedger for a fact that cannot be read.
    """
    ledger = council.ledger
    stream = ledger.household_id(property_ref)
    with snapshot(ledger) as connection:
        facts = household_facts(connection, ledger.schema, str(stream))
        household = fold(Household(household_id=str(stream)), facts)
        if household.property is None:
            raise NotFound("household")
        resident = household.residents.get(resident_id)
        if resident is None:
            raise NotFound("resident")
        return _Gathering(council, connection, stream, household, resident, facts).held(facts)


class _Gathering:
    """One resident's request."""

    def __init__(
        self,
        council: Council,
        connection: Connection,
        stream: UUID,
        household: Household,
        resident: Resident,
        facts: list[Recorded],
    ) -> None:
        self.council = council
        self.schema = council.schema
        self.connection = connection
        self.stream = stream
        self.household = household
        self.resident = resident
        self.own = set(_own(household, resident.resident_id))
        self.foreign = {use for use, *_ in _uses(household)} - self.own
        self.versions: set[int] = set()
        # Tables of all households that no index leads into by the household: by what the facts say.
        self.named = {
            "active_registrations": ("glyphs", sorted(set(_plates(facts)))),
            "receipts": (
                "command_key",
                [each.entry.receipt.key for each in facts if each.entry.receipt],
            ),
            "application_queue": ("application_id", list(household.applications)),
        }
        self.others = _others(household, resident)
        self.left_out: dict[str, int] = {}
        self.blanked = 0

    def held(self, facts: list[Recorded]) -> Held:
        assert self.household.property is not None
        # First, for rows are told by the versions of the facts that are theirs.
        acts = list(self._acts(facts))
        rows = {
            table.name: rows
            for model in EVERY
            for table in model.tables
            if (rows := self._rows(table))
        }
        return Held(
            council=self.council.id,
            property_ref=self.household.property.property_ref,
            resident=msgspec.to_builtins(self.resident),
            made_at=self.council.now(self.connection),
            proofs=[
                msgspec.to_builtins(each)
                for each in self.household.documents.values()
                if each.resident_id == self.resident.resident_id
            ],
            acts=acts,
            attempts=self._attempts(),
            checks=self._checks(),
            rows=rows,
            sign_ins=self._sign_ins(),
            beside=dict(
                beside.sections(
                    self._asked,
                    self.schema,
                    self.stream,
                    self.resident.resident_id,
                    sorted(self.own),
                    rows.get("active_registrations", []),
                )
            ),
            left_out=self.left_out,
            blanked=self.blanked,
        )

    def _acts(self, facts: list[Recorded]) -> Iterator[dict[str, Any]]:
        for fact in facts:
            if self._theirs(fact):
                self.versions.add(fact.originator_version)
                yield self._act(fact)

    def _theirs(self, fact: Recorded) -> bool:
        """Recorded by or for them, or about them or something of theirs; counted where not."""
        me, event, entry = self.resident.resident_id, fact.event, fact.entry
        whose = getattr(event, "resident_id", "")
        named = {getattr(event, "application_id", ""), getattr(event, "holding_id", "")}
        named.update(getattr(event, "applications", ()))
        about = whose == me if whose else bool(self.own & named)
        theirs = about or me in (entry.by.name, entry.on_behalf_of)
        self._count("recorded facts", theirs)
        return theirs

    def _count(self, what: str, theirs: bool) -> None:
        if not theirs:
            self.left_out[what] = self.left_out.get(what, 0) + 1

    def _act(self, fact: Recorded) -> dict[str, Any]:
        telling = ACTS[type(fact.event)]
        tz = self.council.editions.latest.tz
        entry = fact.entry
        by = entry.by.name if entry.by.name == self.resident.resident_id else ""
        told = {
            "version": fact.originator_version,
            "recorded_at": entry.recorded_at,
            "act": telling.act,
            "told": telling.sentence(fact.event, tz),
            "by": f"{entry.by.role} {by}".strip(),
            "channel": entry.channel,
            "facts": msgspec.to_builtins(fact.event),
        }
        return {name: self._blanked(value, name) for name, value in told.items()}

    def _blanked(self, value: Any, name: str = "") -> Any:
        """The value without other people: members of the household, and those who approved."""
        match value:
            case dict():
                return {key: self._blanked(each, key) for key, each in value.items()}
            case list() | tuple():
                return [self._blanked(each) for each in value]
            case str() if value and (value in self.others or name in ("approver", "officer")):
                self.blanked += 1
                return BLANK
            case str():
                for other in self.others:
                    if len(other) > 3 and other in value:
                        self.blanked += 1
                        value = value.replace(other, BLANK)
                return value
            case _:
                return value

    def _asked(self, query: str, *parameters: object) -> list[dict[str, Any]]:
        with self.connection.cursor(row_factory=dict_row) as cursor:
            found = cursor.execute(query.encode(), parameters).fetchall()
        return [self._blanked(row) for row in found]

    def _attempts(self) -> list[dict[str, Any]]:
        found = self._asked(
            "select attempted_at, command, role, actor, channel, codes, details"
            f" from {self.schema}.refused_attempts where household_id = %s"
            " order by attempted_at, attempt_id",
            self.stream,
        )
        theirs = []
        for each in found:
            own = each["actor"] == self.resident.resident_id
            self._count("refused attempts", own)
            if own:
                theirs.append(each)
        return theirs

    def _checks(self) -> list[dict[str, Any]]:
        """Checks answered from a right that a fact of theirs gave, without the officer's name."""
        glyphs = [
            row["glyphs"]
            for row in self._asked(
                f"select distinct glyphs from {self.schema}.active_registrations"
                " where glyphs = any(%s) and holding_id = any(%s)",
                self.named["active_registrations"][1],
                sorted(self.own),
            )
        ]
        found = self._asked(
            "select lookup_id as receipt, asked_at, about_at, shown, zone, answer,"
            f" encode(answer_digest, 'hex') as digest from {self.schema}.lookups"
            " where glyphs = any(%s) and answer::jsonb #>> '{right,household}' = %s"
            " order by asked_at, lookup_id",
            glyphs,
            str(self.stream),
        )
        theirs = []
        for each in found:
            answer = msgspec.json.decode(each.pop("answer"))
            own = answer["right"]["version"] in self.versions
            self._count("checks", own)
            if own:
                theirs.append({**each, "covered": answer["covered"], "reason": answer["reason"]})
        return theirs

    def _rows(self, table: Table) -> list[dict[str, Any]]:
        """Their rows of one read model's table, by the resident or by what is theirs."""
        if "household_id" not in table.columns:
            return []
        column, values = self.named.get(table.name, ("household_id", [self.stream]))
        query = sql.SQL("select {} from {} where household_id = %s and {} = any(%s) order by {}")
        whole = query.format(
            sql.SQL(", ").join(map(sql.Identifier, table.columns)),
            sql.Identifier(self.schema, table.name),
            sql.Identifier(column),
            sql.SQL(", ").join(map(sql.Identifier, table.key)),
        )
        with self.connection.cursor(row_factory=dict_row) as cursor:
            found = cursor.execute(whole, (self.stream, values)).fetchall()
        theirs = []
        for row in found:
            own = self._own_row(row)
            self._count(f"rows of {table.name.replace('_', ' ')}", own)
            if own:
                theirs.append(self._blanked(row))
        return theirs

    def _own_row(self, row: dict[str, Any]) -> bool:
        if row.get("resident_id"):
            return bool(row["resident_id"] == self.resident.resident_id)
        texts = {str(value) for value in row.values() if isinstance(value, str)}
        texts.update(
            str(each) for value in row.values() if isinstance(value, list) for each in value
        )
        told = row.get("version") in self.versions
        return (told or bool(texts & self.own)) and not texts & self.foreign

    def _sign_ins(self) -> list[dict[str, Any]]:
        """Tokens and sessions by when they were made and ended; what proves them is not given."""
        tokens = self._asked(
            "select 'token' as kind, role, made_at, expires_at, revoked_at"
            f" from {self.schema}.tokens where household_id = %s and resident_id = %s"
            " order by made_at",
            self.stream,
            self.resident.resident_id,
        )
        pins = self._asked(
            f"select 'PIN' as kind, sent_at, expires_at from {self.schema}.pins"
            " where resident_id = %s order by sent_at",
            self.resident.resident_id,
        )
        return [*tokens, *pins]


def _plates(facts: list[Recorded]) -> Iterator[str]:
    """Every plate that the facts name, as it is compared."""
    waiting: list[Any] = [msgspec.to_builtins(each.event) for each in facts]
    while waiting:
        match waiting.pop():
            case dict() as named:
                if isinstance(named.get("glyphs"), str):
                    yield named["glyphs"]
                waiting.extend(named.values())
            case list() | tuple() as several:
                waiting.extend(several)


def _own(household: Household, resident_id: str) -> Iterator[str]:
    """The ids of all that is a resident's: themselves, what they applied for, hold and used."""
    yield resident_id
    holdings = {h.holding_id for h in household.holdings.values() if h.resident_id == resident_id}
    yield from holdings
    applications = {
        a.application_id for a in household.applications.values() if a.resident_id == resident_id
    }
    yield from applications
    for use_id, whose, holding_id in _uses(household):
        if whose == resident_id if whose else holding_id in holdings:
            yield use_id
    for payment in household.payments.values():
        if applications & set(payment.applications):
            yield payment.payment_id


def _uses(household: Household) -> Iterator[tuple[str, str, str]]:
    """Every booking, card and stay: its id, whose it is where that is known, and of which holding.

    A visitor of one resident may be booked on another's holding.
    """
    for booking in household.bookings.values():
        yield booking.booking_id, booking.resident_id, booking.holding_id
    for card in household.cards.values():
        yield card.card_id, card.resident_id, card.holding_id
    for stay in household.stays.values():
        yield stay.stay_id, stay.resident_id, stay.holding_id


def _others(household: Household, resident: Resident) -> set[str]:
    """What names the other people of the household, in their own words."""
    mine = {getattr(resident, name) for name in _PERSONAL}
    return {
        value
        for other in household.residents.values()
        if other.resident_id != resident.resident_id
        for name in _PERSONAL
        if (value := getattr(other, name)) and value not in mine
    }
