"""Random lives under any scheme: every command there is.

A step is a whole number that chooses everything; a failing life is made smaller step by step.
"""

from collections.abc import Iterable
from datetime import timedelta
from random import Random

import msgspec

from ledger.events import Actor
from tests.properties.any_commands import MAKERS, go_on, or_none
from tests.properties.lives import LONG_WAITS, WAITS, Life

STEP_MAX = 2**32 - 1
SELLERS = 0.4
"""How often a step goes on with the application at hand, so that lives get somewhere."""


class AnyLife(Life):
    """A life of every command; the zone of its property stays, so that its caps do."""

    def live_by(self, steps: Iterable[int]) -> None:
        """Take each step."""
        for step in steps:
            chance = Random(step)
            waits = LONG_WAITS if chance.random() < 0.04 else WAITS
            self.at += timedelta(minutes=chance.choice(waits), seconds=chance.randrange(60))
            goes_on = chance.random() < SELLERS
            command = go_on(self, chance) if goes_on else chance.choice(MAKERS)(self, chance)
            by = self._by(chance)
            channel = chance.choice(("website", "website", "app", "phone", "text", "post"))
            # A request is what its JSON says: what cannot be asked for is not asked here.
            asked = msgspec.convert(msgspec.to_builtins(command), type(command))
            self.send(asked, by, channel, or_none(self._living(), chance))

    def _living(self) -> list[str]:
        return [resident.resident_id for resident in self.household.living(self.at)]

    def _by(self, chance: Random) -> Actor:
        living = self._living()
        if living and chance.random() < 0.6:
            return Actor("resident", chance.choice(living))
        others = (("staff", "ann"), ("approver", "head_of_parking"), ("officer", "7"))
        return Actor(*chance.choice(others)) if chance.random() < 0.95 else Actor("system", "")
