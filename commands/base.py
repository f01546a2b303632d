"""What every command is, and all that a decision may know beside the household.

A decision reads no clock and makes no random number: the instant, the ids, the actor and the
schemes come in through its context.
"""

from collections.abc import Sequence
from datetime import date, datetime
from hashlib import blake2b
from typing import Protocol

from msgspec import Struct

from ledger.calendar import local_date
from ledger.events import Actor, AnyEvent, Channel
from ledger.household.state import Household, Resident
from ledger.refusals import Refusal, Refused, refuse_if
from ledger.rules.working_days import WorkingDays
from ledger.scheme.editions import Editions
from ledger.scheme.schema import Scheme

Values = dict[str, str | int | bool | list[str] | None]


class Command(Struct, frozen=True, kw_only=True, tag_field="command", forbid_unknown_fields=True):
    """A request to change one household."""


class Context:
    """The one instant of a command, who acts, and the schemes. Ids follow from the command's
    key.
    """

    def __init__(
        self,
        *,
        at: datetime,
        by: Actor,
        channel: Channel,
        on_behalf_of: str,
        command_key: str,
        editions: Editions,
        working_days: WorkingDays,
    ) -> None:
        self.at = at
        self.by = by
        self.channel = channel
        self.on_behalf_of = on_behalf_of
        self.editions = editions
        self.working_days = working_days
        self.scheme: Scheme = editions.in_force_at(at)
        self._seed = command_key.encode()
        self._given = 0

    @property
    def today(self) -> date:
        """The local date in the scheme's zone."""
        return local_date(self.at, self.scheme.tz)

    def edition(self, name: str) -> Scheme:
        """The edition under which something was sold: old holdings keep their terms."""
        return self.editions.edition(name)

    def new_id(self) -> str:
        """The next id of this command: 20 hexadecimal digits, the same when it is decided again."""
        self._given += 1
        return blake2b(self._seed + b"/%d" % self._given, digest_size=10).hexdigest()

    def resident(self, household: Household) -> Resident:
        """The resident who acts, or for whom staff act; the only one living there if none is named.

        Raises Refused with `eligibility.not_resident` where there is no such person here now.
        """
        wanted = self.by.name if self.by.role == "resident" else self.on_behalf_of
        living = household.living(self.at)
        found = [r for r in living if r.resident_id == wanted] if wanted else living
        if len(found) == 1:
            return found[0]
        # Which of several is never guessed at: what is issued would be another's.
        reason = (
            f"{len(found)} people live here; say for whom"
            if found
            else "nobody of that name lives at this property now"
        )
        raise Refused([Refusal("eligibility.not_resident", reason)])

    def stranger(self, household: Household) -> Refusal | None:
        """`eligibility.not_resident` for a resident who does not live here now (X-055).

        Staff, officers and the system act from outside.
        """
        living = {resident.resident_id for resident in household.living(self.at)}
        if self.by.role != "resident" or self.by.name in living:
            return None
        return Refusal("eligibility.not_resident", "nobody of that name lives at this property now")

    def only_residents(self, household: Household) -> None:
        """Refuse a stranger before anything else is looked at. Raises Refused."""
        refuse_if(self.stranger(household))


class UseCase(Protocol):
    """A module of `commands/`: how one command is decided, and what its sender is told."""

    def decide(
        self, command: Command, household: Household, context: Context
    ) -> list[AnyEvent]: ...

    def answer(
        self, household: Household, events: Sequence[AnyEvent], context: Context
    ) -> Values: ...
