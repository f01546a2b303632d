"""What the verbs share: who acts, what a label stands for, and how a command is sent."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, cast
from uuid import UUID

from commands.base import Command
from ledger.events import Answer
from replay.scenarios.clock import WrittenTime
from replay.scenarios.naming import Made
from replay.scenarios.outcomes import Outcome
from replay.scenarios.steps import Step

if TYPE_CHECKING:
    from replay.scenarios.world import LedgerWorld

CAUGHT_UP_SECONDS = 60.0

Act = Callable[["LedgerWorld", Step], Outcome]


def strings(values: object) -> tuple[str, ...]:
    return tuple(cast(Sequence[str], values))


def stated(value: object) -> str:
    """A start as a resident would type it: `now`, a local time, or UTC with a Z."""
    if isinstance(value, WrittenTime):
        return value.wall.isoformat(sep=" ") + ("Z" if value.utc else "")
    return str(value)


def sent(world: "LedgerWorld", step: Step, command: Command, stream: UUID | None = None) -> Answer:
    """The step's command, by the step's actor, under the step's key."""
    home, by, resident = world.actor(step.by)
    return world.send(
        stream or home,
        command,
        by,
        key=step.key or "",
        channel=step.channel,
        on_behalf_of="" if by.role == "resident" else resident,
    )


def made(world: "LedgerWorld", step: Step, key: str) -> Made:
    """What the label under this key of the step stands for. Raises LookupError: the step of that
    name made nothing that can be referred to.
    """
    label = str(step.arguments[key])
    if label not in world.names.made:
        raise LookupError(f'the step named "{label}" made nothing that {key} could mean')
    return world.names.made[label]


def name(world: "LedgerWorld", step: Step, thing: Made) -> None:
    if step.label:
        world.names.made[step.label] = thing


def followed(world: "LedgerWorld") -> None:
    """Bring the following read models to the present. Raises TimeoutError where a transaction of
    someone else on the same server holds them back for too long.
    """
    if not world.council.caught_up(CAUGHT_UP_SECONDS):
        raise TimeoutError("a transaction elsewhere on this server holds the read models back")
