"""A scenario is performed step by step in a world: here one that counts, and nothing more."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from replay.scenarios.language import Scenario, parse
from replay.scenarios.outcomes import Accepted, NotSupported, Outcome, Refusal, StepFailure
from replay.scenarios.running import ScenarioResult, World, run_scenario
from replay.scenarios.steps import Step

MAX_UNITS = 60
NIGHTLY_GIFT = 1


def zone_of(scheme: str, replaced: Mapping[str, object]) -> ZoneInfo:
    if scheme != "counting":
        raise LookupError(scheme)
    return ZoneInfo("Europe/London")


class CountingWorld:
    """Units are bought, sixty at most, and counted. A move of the clock gives one more unit."""

    def __init__(self, scenario: Scenario) -> None:
        if scenario.set.get("world") == "unreachable":
            raise ConnectionError("the world cannot be reached")
        self.facts: list[int] = []
        self.now: datetime | None = None
        self.stuck = scenario.set.get("world") == "stuck"

    def move_clock(self, to: datetime) -> None:
        if self.now is not None:
            self.facts.append(NIGHTLY_GIFT)
        self.now = to

    def perform(self, step: Step) -> Outcome:
        match step.do:
            case "buy":
                return self._buy(step)
            case "balance":
                return Accepted(values={"remaining": sum(self.facts), "lots": []})
            case _:
                return NotSupported(verb=step.do)

    def _buy(self, step: Step) -> Outcome:
        quantity = step.arguments["quantity"]
        assert isinstance(quantity, int), "a quantity is a whole number"
        if sum(self.facts) + quantity > MAX_UNITS:
            return Refusal(
                codes=("purchase.above_maximum", "allowance.exceeded"),
                details=("60 is the most", f"{sum(self.facts)} of 60 used"),
            )
        self.facts.append(quantity)
        return Accepted(values={"pence": quantity * 100, "remaining": sum(self.facts)})

    def events_appended(self) -> int:
        return len(self.facts)

    def close(self) -> None:
        if self.stuck:
            raise TimeoutError("the world does not end")


class LeakyWorld(CountingWorld):
    """As the counting world, but it appends a fact of what it refuses."""

    def perform(self, step: Step) -> Outcome:
        outcome = super().perform(step)
        if isinstance(outcome, Refusal):
            self.facts.append(0)
        return outcome


def counting(scenario: Scenario) -> World:
    return CountingWorld(scenario)


def leaky(scenario: Scenario) -> World:
    return LeakyWorld(scenario)


def scenario_of(steps: str, *, more: str = "") -> Scenario:
    text = f'[[scenario]]\nid = "S-1"\ntitle = "t"\nscheme = "counting"\n{more}\nsteps = [{steps}]'
    (scenario,) = parse(text, "counting.toml", zone_of)
    return scenario


def run(steps: str, *, more: str = "") -> ScenarioResult:
    return run_scenario(scenario_of(steps, more=more), counting)


def failure(step: int, do: str, expected: str, actual: str) -> StepFailure:
    return StepFailure(step=step, do=do, expected=expected, actual=actual)


AT = 'at = "2026-11-19 10:00"'
BUY_60 = f'{{ {AT}, do = "buy", product = "x", quantity = 60, expect = {{ pence = 6000 }} }},'
BALANCE = '{ do = "balance", product = "x", expect = { remaining = 60 } },'


def test_a_scenario_in_which_all_comes_as_written_passes() -> None:
    result = run(BUY_60 + BALANCE)

    assert result == ScenarioResult(id="S-1", title="t", file="counting.toml", ok=True, failures=())


def test_every_wrong_value_of_a_step_is_reported_and_the_scenario_goes_on() -> None:
    result = run(
        f'{{ {AT}, do = "buy", product = "x", quantity = 60,'
        " expect = { pence = 1, remaining = 2, flagged = true } },"
        '{ do = "balance", product = "x", expect = { remaining = 61 } },'
    )

    assert not result.ok
    assert result.failures == (
        failure(1, "buy", "pence = 1", "pence = 6000"),
        failure(1, "buy", "remaining = 2", "remaining = 60"),
        failure(1, "buy", "flagged = true", "no flagged came back"),
        failure(2, "balance", "remaining = 61", "remaining = 60"),
    )


@pytest.mark.parametrize("code", ["purchase.above_maximum", "allowance.exceeded"])
def test_a_refusal_passes_with_any_of_its_reasons(code: str) -> None:
    step = f'{{ do = "buy", product = "x", quantity = 1, expect = {{ refused = "{code}" }} }},'
    assert run(BUY_60 + step + BALANCE).ok


def test_a_refusal_for_another_reason_fails_and_the_scenario_goes_on() -> None:
    result = run(
        BUY_60 + '{ do = "buy", product = "x", quantity = 1, expect = { refused = "vehicle.x" } },'
        '{ do = "balance", product = "x", expect = { remaining = 59 } },'
    )

    assert result.failures == (
        failure(
            2,
            "buy",
            'refused = "vehicle.x"',
            'refused = ["purchase.above_maximum", "allowance.exceeded"] '
            "(60 is the most; 60 of 60 used)",
        ),
        failure(3, "balance", "remaining = 59", "remaining = 60"),
    )


def test_an_unexpected_refusal_ends_the_scenario() -> None:
    result = run(BUY_60 + '{ do = "buy", product = "x", quantity = 1 },' + BALANCE * 2)

    assert [(f.step, f.expected) for f in result.failures] == [(2, "accepted")]


def test_an_unexpected_acceptance_ends_the_scenario() -> None:
    result = run(
        f'{{ {AT}, do = "buy", product = "x", quantity = 1, expect = {{ refused = "a.b" }} }},'
        + BALANCE
    )

    assert result.failures == (failure(1, "buy", 'refused = "a.b"', "accepted"),)


def test_a_refusal_that_appended_something_fails_and_ends_the_scenario() -> None:
    scenario = scenario_of(
        BUY_60 + '{ do = "buy", product = "x", quantity = 1,'
        ' expect = { refused = "allowance.exceeded" } },'
        + '{ do = "balance", product = "x", expect = { remaining = 1 } },'
    )

    result = run_scenario(scenario, leaky)

    assert result.failures == (failure(2, "buy", "nothing appended", "1 events appended"),)


def test_what_a_due_job_appends_while_the_clock_moves_is_not_the_refused_steps() -> None:
    result = run(
        BUY_60 + '{ at = "2026-11-20 10:00", do = "buy", product = "x", quantity = 1,'
        ' expect = { refused = "allowance.exceeded" } },'
        '{ do = "balance", product = "x", expect = { remaining = 61 } },'
    )

    assert result.ok


def test_a_verb_that_the_world_does_not_support_is_a_failure_and_never_a_pass() -> None:
    result = run(f'{{ {AT}, do = "wait" }},' + BALANCE)
    refused = run(f'{{ {AT}, do = "book", vehicle = "A", expect = {{ refused = "a.b" }} }},')

    assert result.failures == (failure(1, "wait", "accepted", "the verb wait is not supported"),)
    assert refused.failures == (
        failure(1, "book", 'refused = "a.b"', "the verb book is not supported"),
    )


def test_an_exception_in_the_world_is_a_failure_of_its_step_with_type_message_and_place() -> None:
    result = run(f'{{ {AT}, do = "buy", product = "x" }},' + BALANCE)

    (only,) = result.failures
    assert (only.step, only.do, only.expected) == (1, "buy", "accepted")
    assert only.actual.startswith("KeyError: 'quantity' (test_scenario_language_running.py line ")


def test_a_world_that_cannot_be_had_or_does_not_end_fails_its_scenario() -> None:
    unreachable = run(BUY_60, more='set = { world = "unreachable" }')
    stuck = run(BUY_60 + BALANCE, more='set = { world = "stuck" }')

    assert [(f.step, f.actual.partition(" (")[0]) for f in unreachable.failures] == [
        (0, "ConnectionError: the world cannot be reached")
    ]
    assert [(f.step, f.actual.partition(" (")[0]) for f in stuck.failures] == [
        (0, "TimeoutError: the world does not end")
    ]
