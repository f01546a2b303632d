"""Every piece of the proof: a tuple to read. `scripts.prove.proving` runs them.

`promised` is the deep figure, `quick` the one of CI, `share` how many parts of the time a piece may
use when it is asked for together with others.

Source: promises.md 2.2.
"""

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from msgspec import Struct

from scripts.prove.reached import NotRun, Reached

Run = Callable[[int, float], Reached]
CHECKOUT = Path(__file__).parents[2]
"""Where the program's own tests lie beside it: only a checkout has the oracle."""


class Piece(Struct, frozen=True, kw_only=True):
    """One thing that would break promises, at a figure. `run` is `module:function`."""

    promise: str
    name: str
    unit: str
    promised: int
    quick: int
    share: int
    run: str

    def load(self) -> Run:
        """The function. Raises NotRun where this installation has no such module."""
        module, _, function = self.run.partition(":")
        if (CHECKOUT / "tests").is_dir() and str(CHECKOUT) not in sys.path:
            sys.path.append(str(CHECKOUT))
        try:
            found: Run = getattr(import_module(module), function)
        except ModuleNotFoundError as error:
            raise NotRun(f"there is no {error.name} in this installation") from error
        return found


PIECES: tuple[Piece, ...] = (
    Piece(
        promise="P1 P5",
        name="killed",
        unit="kills",
        promised=1500,
        quick=40,
        share=12,
        run="scripts.prove.killing:run",
    ),
    Piece(
        promise="P1",
        name="disk-full",
        unit="fills",
        promised=100,
        quick=3,
        share=3,
        run="scripts.prove.filling:run",
    ),
    Piece(
        promise="P1 P2 P3",
        name="cut",
        unit="cuts",
        promised=40_000,
        quick=600,
        share=12,
        run="scripts.prove.cutting:run",
    ),
    Piece(
        promise="P2 P3",
        name="cut-web",
        unit="cuts",
        promised=5_000,
        quick=72,
        share=2,
        run="scripts.prove.web_cutting:run",
    ),
    Piece(
        promise="P5",
        name="tailing",
        unit="events",
        promised=5_000_000,
        quick=4_000,
        share=4,
        run="scripts.prove.tailing:run",
    ),
    Piece(
        promise="P19",
        name="restored",
        unit="restores",
        promised=100,
        quick=2,
        share=6,
        run="scripts.prove.restoring:run",
    ),
    Piece(
        promise="P2 P4 P5",
        name="races",
        unit="rounds of 64 clients",
        promised=20_000,
        quick=3,
        share=6,
        run="scripts.prove.races:run",
    ),
    Piece(
        promise="P16",
        name="fuzzed",
        unit="requests",
        promised=500_000,
        quick=800,
        share=6,
        run="scripts.prove.fuzzing:run",
    ),
    Piece(
        promise="P4 P14 P21",
        name="simulated",
        unit="histories of 200",
        promised=250_000,
        quick=300,
        share=12,
        run="tests.simulation.proving:run",
    ),
    Piece(
        promise="P1 P2 P3 P4 P5 P7 P21",
        name="simulated-cut",
        unit="histories of 200 cut",
        promised=200,
        quick=2,
        share=8,
        run="tests.simulation.stored:run",
    ),
    Piece(
        promise="P6",
        name="checked",
        unit="commands and checks",
        promised=5_000_000,
        quick=2_000,
        share=3,
        run="scripts.prove.tested:checked",
    ),
    Piece(
        promise="P7",
        name="rebuilt",
        unit="kills of a rebuild",
        promised=300,
        quick=5,
        share=4,
        run="scripts.prove.tested:rebuilt",
    ),
    Piece(
        promise="P7",
        name="cut-points",
        unit="positions",
        promised=20_000,
        quick=240,
        share=4,
        run="scripts.prove.tested:cut_points",
    ),
    Piece(
        promise="P8",
        name="shown",
        unit="answers made again",
        promised=1_000_000,
        quick=300,
        share=3,
        run="scripts.prove.tested:shown",
    ),
    Piece(
        promise="P20",
        name="golden",
        unit="kinds of event",
        promised=50,
        quick=50,
        share=1,
        run="scripts.prove.tested:golden",
    ),
    Piece(
        promise="P17",
        name="guessed",
        unit="simulated years",
        promised=50,
        quick=1,
        share=2,
        run="scripts.prove.guessing:run",
    ),
    Piece(
        promise="P1 P18",
        name="seeded-mutants",
        unit="mistakes caught",
        promised=31,
        quick=4,
        share=8,
        run="scripts.prove.mutating:run",
    ),
    Piece(
        promise="P14",
        name="mutation",
        unit="% of mutants of the rules caught",
        promised=90,
        quick=90,
        share=8,
        run="scripts.prove.scoring:run",
    ),
)
