"""A seed's history, drawn as it is lived; and any history again, or a part of it.

Source: promises section 3.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from random import Random
from typing import Any, Final

from msgspec import Struct

from tests.simulation.drawing_desk import Drawer
from tests.simulation.instants import first_instant, met, next_instant
from tests.simulation.kinds import kinds, weight
from tests.simulation.running import Disagreement, Run, Tally
from tests.simulation.sending import Step
from tests.simulation.worlds import WORLDS, scheme

COMMANDS: Final = 200


class Lived(Struct, frozen=True, kw_only=True):
    """A history that was lived: `failed` says what was wrong at its last step."""

    worlds: tuple[int, ...]
    steps: tuple[Step, ...]
    tally: Tally
    digest: str
    failed: str = ""


def live(
    seed: int, commands: int = COMMANDS, begin: Callable[[tuple[int, ...]], Run] = Run
) -> Lived:
    """Draw and live the history of a seed, to its end or to the first disagreement.

    `begin`: where it is lived, given the worlds of its households.
    """
    random = Random(seed)
    councils = random.sample(range(len(WORLDS)), random.randint(1, 3))
    worlds = tuple(random.choice(councils) for _ in range(random.randint(5, 60)))
    run, steps = begin(worlds), list[Step]()
    chosen = kinds(random)
    weights = {world: [weight(kind, scheme(world)) for kind in chosen] for world in councils}
    at, lively = first_instant(random), random.choice((0.2, 0.7, 2.0))
    try:
        for number in range(commands):
            home = min(int(random.expovariate(lively)), len(worlds) - 1)
            for step in _begun(random, run, home, at, f"s{seed}.{number}"):
                steps.append(step)
                run.take(step)
            at, how = next_instant(random, at, run.homes[home].oracle)
            if how == "aimed":
                run.tally.boundaries.update(met(run.homes[home].oracle, at))
            kind = random.choices(chosen, weights[run.homes[home].world])[0]
            drawn = Drawer(random, run.homes[home].oracle, at).draw(kind)
            step = {"key": f"s{seed}.{number}", "home": home, "at": at, **drawn}
            steps.append(step)
            run.take(step)
            while random.random() < 0.03:
                steps.append(step)
                run.take(step)
        run.close()
    except Disagreement as wrong:
        return _lived(run, steps, str(wrong))
    return _lived(run, steps, "")


def _begun(random: Random, run: Run, home: int, at: datetime, key: str) -> list[Step]:
    """The property and its first resident, where the household is new."""
    if run.homes[home].household.version:
        return []
    terms = scheme(run.homes[home].world)
    zones = [zone.id for zone in terms.zones]
    zone = zones[0] if random.random() < 0.7 else random.choice(zones)
    facts: dict[str, Any] = {"zone": zone, "council_tax_accounts": ("CT-1",)}
    facts["council_tax_from"] = date(1990, 1, 1)
    facts["built_on"] = date(1930, 1, 1)
    if random.random() < 0.08:
        facts["built_on"] = random.choice((date(2004, 6, 30), date(2004, 7, 1), date(2000, 1, 1)))
        facts["built_with_own_scheme"] = random.random() < 0.3
    if random.random() < 0.02 and terms.id == "windsor-maidenhead":
        facts["excluded"] = True
    made = {"key": f"{key}.home", "home": home, "at": at, "do": "property", "ref": f"p{home}"}
    drawer = Drawer(random, run.homes[home].oracle, at)
    lives = {"key": f"{key}.res", "home": home, "at": at, **drawer.draw("enrol"), "verified": True}
    return [{**made, "facts": facts}, lives]


def again(worlds: tuple[int, ...], steps: Sequence[Step]) -> Lived:
    """Live these steps, and no others."""
    run, taken = Run(worlds), list[Step]()
    try:
        for step in steps:
            taken.append(step)
            run.take(step)
        run.close()
    except Disagreement as wrong:
        return _lived(run, taken, str(wrong))
    return _lived(run, taken, "")


def _lived(run: Run, steps: list[Step], failed: str) -> Lived:
    return Lived(
        worlds=tuple(home.world for home in run.homes),
        steps=tuple(steps),
        tally=run.tally,
        digest=run.trace.hexdigest(),
        failed=failed,
    )


def shrunk(lived: Lived) -> Lived:
    """The shortest history found that fails in the same way, by leaving steps out."""
    reason = _kind(lived.failed)
    steps, part = list(lived.steps), max(1, len(lived.steps) // 2)
    while part:
        start = 0
        while start < len(steps):
            fewer = steps[:start] + steps[start + part :]
            tried = _tried(lived.worlds, fewer)
            if tried is not None and _kind(tried.failed) == reason:
                steps = list(tried.steps)
            else:
                start += part
        part //= 2
    return again(lived.worlds, steps)


def _tried(worlds: tuple[int, ...], steps: Sequence[Step]) -> Lived | None:
    """As again; None where a step is nonsense without those left out."""
    try:
        return again(worlds, steps)
    except (KeyError, AttributeError):
        return None


def _kind(failed: str) -> str:
    """What a failure is about, without its names and figures."""
    return "".join(c for c in failed.split(",")[0] if not c.isdigit())
