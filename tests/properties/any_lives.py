"""Random lives under any scheme: every command there is.

A step is a whole number that chooses everything; a failing life is made smaller step by step.
"""

from collections.abc import Iterable
from datetime import timedelta
from random import Random

import msgspec

from commands.base import Command
from commands.decide_application import DecideApplication
from commands.pay_for_applications import PayForApplications
from commands.upload_proof import UploadProof
from ledger.events import Actor
from ledger.household.state import Application
from tests.properties.any_commands import MAKERS, USES, apply, or_none
from tests.properties.lives import LONG_WAITS, WAITS, Life

STEP_MAX = 2**32 - 1
SELLERS = 0.4
"""How often a step goes on with the application at hand, so that lives get somewhere."""


USERS = 0.5
"""How often what was issued is used next, and not applied for again."""


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


def go_on(life: Life, chance: Random) -> Command:
    """What the last application waits for, where it waits for something; or a use of what came of
    it, or another one."""
    last = next(reversed(life.household.applications.values()), None)
    if last is None or last.closed or last.state == "issued":
        uses = last is not None and last.state == "issued" and chance.random() < USERS
        return chance.choice(USES)(life, chance) if uses else apply(life, chance)
    return _next(life, last, chance)


def _next(life: Life, application: Application, chance: Random) -> Command:
    name = application.application_id
    match application.state:
        case "awaiting_proof":
            document = chance.choice(life.scheme.proof.documents).type
            return UploadProof(application=name, document=document, dated=life.at.date())
        case "awaiting_decision":
            offers = life.scheme.flow.kind == "offer_pay_issue"
            return DecideApplication(application=name, outcome="offer" if offers else "approve")
        case _:
            return PayForApplications(applications=(name,), result="authorised")
