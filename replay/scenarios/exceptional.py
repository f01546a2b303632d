"""The verbs of what is out of the ordinary: refunds, duplicates, grants, corrections, misuse."""

from typing import TYPE_CHECKING

from replay.scenarios.acting import Act
from replay.scenarios.naming import Made
from replay.scenarios.outcomes import NotSupported, Outcome
from replay.scenarios.steps import Step

if TYPE_CHECKING:
    from replay.scenarios.world import LedgerWorld


def surrender(world: "LedgerWorld", step: Step, thing: Made) -> Outcome:
    return NotSupported(verb="cancel a holding")


VERBS: dict[str, Act] = {}
