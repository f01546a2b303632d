"""The one path every command takes.

lock -> receipt -> clock -> load -> decide -> append (events, inline rows, receipt) -> commit ->
answer

A refused command appends nothing, but the attempt is kept: a tribunal asks how long a resident
had been
trying. The same key and body get the first answer again; the same key with another body is refused.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import cast
from uuid import UUID

import msgspec
import psycopg
from msgspec import Struct
from psycopg import errors

from commands import bound, excluded, standing
from commands.apply_for_permit import ApplyForPermit
from commands.base import Command, Context, UseCase, Values
from commands.registry import USE_CASES
from ledger.events import Actor, Answer, AnyEvent, Channel, Entry, Receipt
from ledger.household.evolve import evolve
from ledger.household.state import Household
from ledger.refusals import ConcurrentChange, NotFound, Refusal, Refused, refuse_if
from ledger.rules import ordering
from ledger.rules.covering import VehicleFacts
from ledger.rules.working_days import WorkingDays
from ledger.scheme.editions import Editions
from ledger.store.application import Earlier, Ledger, Opened
from ledger.store.pool import Connection

OWN_HOUSEHOLD = Refusal(
    "correction.own_household", "nobody acts as staff on the household they live in"
)
_answer_decoder = msgspec.json.Decoder(Answer)
_BUSY = (
    errors.LockNotAvailable,
    errors.QueryCanceled,
    errors.DeadlockDetected,
    errors.SerializationFailure,
)
"""What the server gives up rather than wait for ever: nothing of the command is stored then."""


class Sender(Struct, frozen=True, kw_only=True):
    """Who sends a command, how, and under which idempotency key.

    `own_households`: where those who act live; as staff they may not act there.
    """

    by: Actor
    key: str
    channel: Channel = "website"
    on_behalf_of: str = ""
    own_households: tuple[str, ...] = ()


KnownOf = Callable[[Connection, str, str, datetime], VehicleFacts]


class Handler:
    """Handles the commands of one council. `clock` replaces the database's (scenarios,
    simulation). `known` reads what is known of a vehicle by its glyph key, at an instant.
    `sells_samples` False: what has no price of the council's own is not sold.
    """

    def __init__(
        self,
        ledger: Ledger,
        editions: Callable[[], Editions],
        working_days: WorkingDays,
        clock: Callable[[], datetime] | None = None,
        known: KnownOf | None = None,
        *,
        sells_samples: bool = True,
    ) -> None:
        self.sells_samples = sells_samples
        self.known = known
        self.ledger = ledger
        self.editions = editions
        self.working_days = working_days
        self.clock = clock

    def handle(self, stream: UUID, command: Command, sender: Sender) -> Answer:
        """Do it once and say what came of it.

        Raises Refused with every reason; NotFound for a household that is not there;
        ConcurrentChange where the lock was not to be had in time.
        """
        key, body = digests(stream, command, sender)
        try:
            with self.ledger.opened(stream, key) as opened:
                answer = self._handle(opened, command, sender, key, body)
        except errors.UniqueViolation as error:
            raise _taken(error) from error
        except _BUSY as error:
            raise ConcurrentChange("the household is busy; send the command again") from error
        if isinstance(answer, Refused):
            raise answer
        return answer

    def _handle(
        self, opened: Opened, command: Command, sender: Sender, key: str, body: str
    ) -> Answer | Refused:
        if opened.earlier is not None:
            return _again(opened.earlier, body)
        household = opened.household
        context = self._context(opened, sender, key)
        use_case = USE_CASES[type(command)]
        try:
            refuse_if(_own(household, sender), *self._unpriced(command, context))
            events = decided(command, household, context)
        except Refused as refused:
            self._keep_attempt(
                opened.connection, household, command, sender, context, key, body, refused
            )
            return refused
        assert events, f"{type(command).__name__} was accepted and nothing happened"
        return self._append(opened, command, context, use_case, events, key, body)

    def _unpriced(self, command: Command, context: Context) -> Iterator[Refusal]:
        """What nobody has priced is sold where the program is tried, and nowhere else."""
        if isinstance(command, ApplyForPermit) and not self.sells_samples:
            yield from ordering.unpriced_refusals(
                context.scheme, command.wanted, command.concession
            )

    def _context(self, opened: Opened, sender: Sender, key: str) -> Context:
        at = opened.at if self.clock is None else self.clock()
        return context_of(opened.household, sender, at, key, self.editions(), self.working_days)

    def _append(
        self,
        opened: Opened,
        command: Command,
        context: Context,
        use_case: UseCase,
        events: Sequence[AnyEvent],
        key: str,
        body: str,
    ) -> Answer:
        household = opened.household
        evolved(household, events, context)
        values = self._told(opened.connection, use_case, household, events, context)
        answer, entries = kept(command, household, events, context, key, body, values)
        self.ledger.append(opened.connection, household, entries)
        return answer

    def _told(
        self,
        connection: Connection,
        use_case: UseCase,
        household: Household,
        events: Sequence[AnyEvent],
        context: Context,
    ) -> Values:
        values = use_case.answer(household, events, context)
        if self.known is None:
            return values
        known = partial(self.known, connection, self.ledger.schema)
        return excluded.warned(values, events, context, known)

    def _keep_attempt(
        self,
        connection: psycopg.Connection[tuple[object, ...]],
        household: Household,
        command: Command,
        sender: Sender,
        context: Context,
        key: str,
        body: str,
        refused: Refused,
    ) -> None:
        connection.execute(
            f"insert into {self.ledger.schema}.refused_attempts (attempted_at, household_id,"
            " command_key, body_digest, command, role, actor, channel, codes, details)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict (command_key) do nothing",
            (
                context.at,
                household.household_id,
                key,
                body,
                tag_of_command(command),
                sender.by.role,
                sender.by.name,
                sender.channel,
                list(refused.codes),
                [refusal.detail for refusal in refused.refusals],
            ),
        )


def digests(stream: UUID, command: Command, sender: Sender) -> tuple[str, str]:
    """The key under which a command is kept, and what tells its body from another one's."""
    key = sha256(stream.bytes + sender.key.encode()).hexdigest()
    return key, sha256(msgspec.json.encode(command, order="deterministic")).hexdigest()


def context_of(
    household: Household,
    sender: Sender,
    at: datetime,
    key: str,
    editions: Editions,
    working_days: WorkingDays,
) -> Context:
    """What a decision is told of its circumstances. Its instant never lies before the last fact."""
    last = household.last_recorded_at
    return Context(
        at=at if last is None else max(at, last),
        by=sender.by,
        channel=sender.channel,
        on_behalf_of=sender.on_behalf_of,
        command_key=key,
        editions=editions,
        working_days=working_days,
    )


def evolved(household: Household, events: Sequence[AnyEvent], context: Context) -> None:
    """Make the household what it is after these facts."""
    for event in events:
        evolve(household, event, context.at)
    household.version += len(events)
    household.last_recorded_at = context.at


def kept(
    command: Command,
    household: Household,
    events: Sequence[AnyEvent],
    context: Context,
    key: str,
    body: str,
    values: Values,
) -> tuple[Answer, list[Entry]]:
    """The answer, and what is stored of each fact. The household is what they made of it."""
    answer = Answer(
        command=tag_of_command(command),
        household_id=household.household_id,
        version=household.version,
        recorded_at=context.at,
        values=values,
    )
    last = len(events) - 1
    receipt = Receipt(key=key, body=body, answer=answer)
    return answer, [
        Entry(
            recorded_at=context.at,
            by=context.by,
            channel=context.channel,
            on_behalf_of=context.on_behalf_of,
            event=event,
            receipt=receipt if n == last else None,
        )
        for n, event in enumerate(events)
    ]


def decided(command: Command, household: Household, context: Context) -> list[AnyEvent]:
    """The facts of a command, every rule looked at; nothing is changed. Raises Refused, NotFound.

    Who acts is the context's.
    """
    use_case = USE_CASES[type(command)]
    if household.version == 0 and not getattr(use_case, "FOUNDS", False):
        raise NotFound("household")
    refuse_if(
        *standing.refusals(command, household, context.by),
        *bound.refusals(command, household, context),
    )
    return use_case.decide(command, household, context)


def _own(household: Household, sender: Sender) -> Refusal | None:
    """`correction.own_household` for staff who would act where they live themselves (E10)."""
    if sender.by.role == "resident" or household.household_id not in sender.own_households:
        return None
    return OWN_HOUSEHOLD


def _again(earlier: Earlier, body: str) -> Answer | Refused:
    """What the first sending of this key was told."""
    if earlier.body != body:
        return Refused(
            [Refusal("key.reused_for_another_command", "this key was used for something else")]
        )
    if earlier.answer is not None:
        return _answer_decoder.decode(earlier.answer)
    codes, details = earlier.refused or [[], []]
    return Refused([Refusal(code, detail) for code, detail in zip(codes, details, strict=True)])


def _taken(error: errors.UniqueViolation) -> Exception:
    """What a unique constraint says in the household's words."""
    constraint = error.diag.constraint_name or ""
    if constraint == "accounts_mobile_key":
        return Refused(
            [Refusal("message.number_in_use", "this number is linked to another account")]
        )
    if constraint == "payments_provider_reference_key":
        return Refused([Refusal("payment.repeated", "this reference has paid for another already")])
    return ConcurrentChange(f"someone was faster ({constraint})")


def tag_of_command(command: Command) -> str:
    """The stable name of a command, as answers and attempts have it."""
    return cast(str, type(command).__struct_config__.tag)
