"""What happens to the line and to the server while a history is lived, drawn from the seed too.

The draws are of a generator of their own: with other faults the same commands are asked.

Source: promises section 3, faults.
"""

from random import Random
from typing import Final, Literal

from msgspec import Struct

from scripts.prove.proxy import HOWS, Cut

Victim = Literal["line", "backend", "server"]
MESSAGES: Final = 40
"""A command has as many each way on a new connection, and fewer where all is prepared."""
KILLS_MAX: Final = 2
PATIENT_FROM: Final = 8
"""A client whose line was cut so often is left alone."""


class Fault(Struct, frozen=True, kw_only=True):
    """Who is hit, when this message of an attempt passes."""

    victim: Victim
    cut: Cut


class Faults:
    """The faults of one history: how often each is drawn is drawn first, a quarter has none.

    Clients give up only where nothing but lines is cut: what was stored by then follows from the
    seed, and with it all that is asked later.
    """

    def __init__(self, seed: int) -> None:
        self._random = Random(f"faults of {seed}")
        self._often = self._random.choice((0.0, 0.15, 0.4, 0.7))
        self._impatient = self._random.choice((0.0, 0.0, 0.1, 0.3))
        patient = not self._impatient
        self._backend = self._random.choice((0.0, 0.1, 0.3)) * patient
        self._server = self._random.choice((0.0, 0.02, 0.05)) * patient
        self._kills = 0

    def next(self, attempt: int) -> Fault | None:
        """What hits the next attempt of a command, if anything does."""
        random = self._random
        if attempt >= PATIENT_FROM or random.random() >= self._often:
            return None
        cut = Cut(
            direction=random.choice(("asked", "answered")),
            message=random.randrange(MESSAGES),
            how=random.choice(HOWS),
        )
        chance = random.random()
        if chance < self._server and self._kills < KILLS_MAX:
            self._kills += 1
            return Fault(victim="server", cut=cut)
        if chance < self._server + self._backend:
            return Fault(victim="backend", cut=cut)
        return Fault(victim="line", cut=cut)

    def gives_up(self, fault: Fault) -> bool:
        """Whether a client whose line was cut never asks again.

        What is asked is done or not as far as it came; at an answer all that was asked is done.
        """
        cut = fault.cut
        nothing_came = cut.message == 0 and cut.how != "after"
        certain = cut.direction == "answered" or nothing_came
        return certain and self._random.random() < self._impatient
