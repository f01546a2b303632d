"""What one member of staff asks for and another confirms: kept with its command until then.

The second person is whoever is signed in when they confirm, never a name in a form. Nobody confirms
their own proposal, and neither of the two may live in the household. A correction is recorded as
its proposer's with the other's approval; an exception is recorded as its approver's, whom the
scheme names.

Source: G-031; X-079, X-080, X-102; promises section 4 (insider: clerk).
"""

from datetime import datetime, timedelta
from hashlib import blake2b
from uuid import UUID

import msgspec
from msgspec import Struct, structs
from psycopg.rows import class_row

from commands.base import Context
from commands.correct_cover import CorrectCover
from commands.grant_allowance import GrantAllowance
from commands.handling import Sender, decided
from commands.override_eligibility import OverrideEligibility
from ledger.events import Actor, Answer, Channel, Role
from ledger.refusals import ConcurrentChange, NotFound, Refusal, Refused
from ledger.rules import grants
from ledger.store.pool import Connection
from services.council import Council, working_days
from services.identity import staff

OPEN_FOR = timedelta(days=7)
Proposable = CorrectCover | GrantAllowance | OverrideEligibility
SAME_PERSON = Refusal("correction.same_person", "who proposes it cannot confirm it")
_decoder: msgspec.json.Decoder[Proposable] = msgspec.json.Decoder(Proposable)
_COLUMNS = (
    "proposal_id, household_id::text, command, channel, on_behalf_of, proposer, proposed_at,"
    " expires_at, state, decided_by, decided_at, decided_why,"
    " sendings"
)


class Proposal(Struct, frozen=True, kw_only=True):
    """`state` is waiting, confirmed, declined or withdrawn; one that expired stays waiting."""

    proposal_id: str
    household_id: str
    command: str
    channel: Channel
    on_behalf_of: str
    proposer: str
    proposed_at: datetime
    expires_at: datetime
    state: str
    decided_by: str
    decided_at: datetime | None
    decided_why: str
    sendings: int

    @property
    def wants(self) -> Proposable:
        """The command, as it was proposed."""
        return _decoder.decode(self.command)

    def state_at(self, at: datetime) -> str:
        """As `state`; `expired` where nobody confirmed it in time."""
        return "expired" if self.state == "waiting" and self.expires_at <= at else self.state


class Person(Struct, frozen=True, kw_only=True):
    """A member of staff who is signed in. `own_household` is empty for those who live elsewhere."""

    role: Role
    name: str
    own_household: str

    @property
    def own(self) -> tuple[str, ...]:
        """Where they may not act."""
        return (self.own_household,) if self.own_household else ()


def propose(
    council: Council,
    stream: UUID,
    command: Proposable,
    *,
    by: Person,
    key: str,
    at: datetime,
    channel: Channel = "website",
    on_behalf_of: str = "",
) -> str:
    """Keep a proposal; its id. The same key proposes once. Nothing is done to the household.

    Raises Refused with every reason that stands in its way already, and NotFound.
    """
    if str(stream) in by.own:
        # The ledger refuses it, and keeps the attempt for the auditor.
        sender = Sender(by=Actor(by.role, by.name), key=key, own_households=by.own)
        council.handle(stream, _approved(command, ""), sender)
    _try(council, stream, command, by, at, channel, on_behalf_of)
    proposal_id = blake2b(f"{stream}/{key}".encode(), digest_size=10).hexdigest()
    with council.pool.connection() as connection:
        connection.execute(
            f"insert into {council.schema}.proposals (proposal_id, household_id, command, channel,"
            " on_behalf_of, proposer, proposed_at, expires_at, state)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, 'waiting') on conflict do nothing",
            (
                proposal_id,
                stream,
                msgspec.json.encode(command).decode(),
                channel,
                on_behalf_of,
                by.name,
                at,
                at + OPEN_FOR,
            ),
        )
    return proposal_id


def _try(
    council: Council,
    stream: UUID,
    command: Proposable,
    by: Person,
    at: datetime,
    channel: Channel,
    on_behalf_of: str,
) -> None:
    """What confirming it would do now; nothing is done. Raises Refused, NotFound."""
    acting = Actor(by.role, by.name)
    if not isinstance(command, CorrectCover):
        acting = Actor("approver", approver_of(council, command, at))
    context = Context(
        at=at,
        by=acting,
        channel=channel,
        on_behalf_of=on_behalf_of,
        command_key="tried",
        editions=council.editions,
        working_days=working_days(),
    )
    decided(_approved(command, "a second person"), council.ledger.household(stream), context)


def approver_of(council: Council, command: Proposable, at: datetime) -> str:
    """The name of the account that may confirm it; empty where any other of the staff may."""
    match command:
        case GrantAllowance():
            named = grants.terms_for(
                council.scheme_at(at), command.product, vehicle=bool(command.vehicle)
            )
            return named.approver_role if named else ""
        case _:
            return ""


def _approved(command: Proposable, approver: str) -> Proposable:
    """The command with its second person, where it names one."""
    if isinstance(command, CorrectCover):
        return structs.replace(command, approver=approver)
    return command


def confirm(council: Council, proposal_id: str, second: Person, at: datetime) -> Answer:
    """Do what was proposed. Raises Refused with every reason, NotFound for one that waits no more.

    What the rules refuse leaves the proposal waiting.
    """
    proposal = _claimed(council, proposal_id, second, at)
    try:
        return _done(council, proposal, second, at)
    except (Refused, NotFound, ConcurrentChange):
        with council.pool.connection() as connection:
            connection.execute(
                # Sent again it is another sending: a refusal is kept under the key it came with.
                f"update {council.schema}.proposals set decided_by = '', sendings = sendings + 1"
                " where proposal_id = %s and state = 'waiting' and decided_by = %s",
                (proposal_id, second.name),
            )
        raise


def _claimed(council: Council, proposal_id: str, second: Person, at: datetime) -> Proposal:
    """The proposal, which nobody else can confirm meanwhile. Raises NotFound."""
    with council.pool.connection() as connection:
        claimed = connection.execute(
            f"update {council.schema}.proposals set decided_by = %s where proposal_id = %s"
            " and state = 'waiting' and expires_at > %s and decided_by in ('', %s)",
            (second.name, proposal_id, at, second.name),
        )
        if claimed.rowcount != 1:
            raise NotFound("proposal that still waits")
        return find(connection, council.schema, proposal_id)


def _done(council: Council, proposal: Proposal, second: Person, at: datetime) -> Answer:
    if proposal.proposer == second.name and not isinstance(proposal.wants, CorrectCover):
        raise Refused([SAME_PERSON])
    with council.pool.connection() as connection:
        first = next(
            (
                each
                for each in staff.listed(connection, council.schema)
                if each.name == proposal.proposer and each.revoked_at is None
            ),
            None,
        )
    if first is None:
        raise Refused([Refusal("correction.approver_missing", "who proposed it is not here now")])
    correction = isinstance(proposal.wants, CorrectCover)
    answer = council.handle(
        UUID(proposal.household_id),
        _approved(proposal.wants, second.name),
        Sender(
            # A correction is its proposer's act; an exception is the act of whom the scheme names.
            by=Actor(first.role, first.name) if correction else Actor(second.role, second.name),
            key=f"proposal/{proposal.proposal_id}/{proposal.sendings}",
            channel=proposal.channel,
            on_behalf_of=proposal.on_behalf_of,
            own_households=(*second.own, *((first.own_household,) if first.own_household else ())),
        ),
    )
    _close(council, proposal.proposal_id, "confirmed", second, "", at)
    return answer


def decline(council: Council, proposal_id: str, by: Person, why: str, at: datetime) -> str:
    """End a proposal undone: declined, or withdrawn by whoever made it. Its state. NotFound."""
    with council.pool.connection() as connection:
        proposal = find(connection, council.schema, proposal_id)
    state = "withdrawn" if proposal.proposer == by.name else "declined"
    _close(council, proposal_id, state, by, why, at)
    return state


def _close(
    council: Council, proposal_id: str, state: str, by: Person, why: str, at: datetime
) -> None:
    with council.pool.connection() as connection:
        closed = connection.execute(
            f"update {council.schema}.proposals set state = %s, decided_by = %s, decided_at = %s,"
            " decided_why = %s where proposal_id = %s and state = 'waiting'"
            " and decided_by in ('', %s)",
            (state, by.name, at, why, proposal_id, by.name),
        )
    if closed.rowcount != 1:
        raise NotFound("proposal that still waits")


def find(connection: Connection, schema: str, proposal_id: str) -> Proposal:
    """Raises NotFound."""
    with connection.cursor(row_factory=class_row(Proposal)) as cursor:
        found = cursor.execute(
            f"select {_COLUMNS} from {schema}.proposals where proposal_id = %s", (proposal_id,)
        ).fetchone()
    if found is None:
        raise NotFound("proposal")
    return found


def listed(connection: Connection, schema: str, at: datetime, most: int) -> list[Proposal]:
    """Those that wait first, the next to expire on top; then what became of the others."""
    with connection.cursor(row_factory=class_row(Proposal)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from {schema}.proposals"
            " order by state = 'waiting' and expires_at > %s desc,"
            " case when state = 'waiting' and expires_at > %s then expires_at end,"
            " coalesce(decided_at, expires_at) desc limit %s",
            (at, at, most),
        ).fetchall()


def waiting_for(connection: Connection, schema: str, name: str, at: datetime) -> int:
    """How many proposals wait that this person did not make."""
    row = connection.execute(
        f"select count(*) from {schema}.proposals"
        " where state = 'waiting' and expires_at > %s and proposer <> %s",
        (at, name),
    ).fetchone()
    assert row is not None
    return int(row[0])
