"""What a run of scenarios says: a line for each, the failures below it, the count at the end.

Source: the scenario language, its command line.
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct, json

from replay.scenarios.running import ScenarioResult


class _Failure(Struct, frozen=True, kw_only=True):
    step: int
    expected: str
    actual: str


class _Scenario(Struct, frozen=True, kw_only=True):
    id: str
    title: str
    file: str
    ok: bool
    failures: list[_Failure]


class _Report(Struct, frozen=True, kw_only=True):
    passed: int
    failed: int
    scenarios: list[_Scenario]


def lines_of(result: ScenarioResult) -> Iterator[str]:
    """`pass ID title` or `FAIL ID title`, then each failure: its step, the expected, the actual."""
    yield f"{'pass' if result.ok else 'FAIL'} {result.id} {result.title}"
    for failure in result.failures:
        step = f"step {failure.step} ({failure.do})" if failure.step else "the world"
        yield f"  {step}, {result.file}"
        yield f"    expected: {failure.expected}"
        yield f"    actual:   {failure.actual}"


def summary(results: Sequence[ScenarioResult]) -> str:
    """`N passed, N failed`."""
    passed = sum(result.ok for result in results)
    return f"{passed} passed, {len(results) - passed} failed"


def report_json(results: Sequence[ScenarioResult]) -> str:
    """The whole run as one JSON object, in the documented shape."""
    passed = sum(result.ok for result in results)
    report = _Report(
        passed=passed,
        failed=len(results) - passed,
        scenarios=[_scenario(result) for result in results],
    )
    return json.encode(report).decode()


def _scenario(result: ScenarioResult) -> _Scenario:
    failures = [
        _Failure(step=failure.step, expected=failure.expected, actual=failure.actual)
        for failure in result.failures
    ]
    return _Scenario(
        id=result.id, title=result.title, file=result.file, ok=result.ok, failures=failures
    )
