"""What came of a step, and where that is not what was expected.

A step that expects `refused` must be refused, with that code among the reasons, and nothing may
have been appended; one that expects `rejected` must be rejected; any other must be accepted. Every
other key that is expected must be the same as what came; what is not expected is not looked at.

Source: the scenario language, `expect`.
"""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from msgspec import Struct

from replay.scenarios.steps import Step
from replay.scenarios.verbs import VERBS
from replay.scenarios.wording import worded


class Accepted(Struct, frozen=True, kw_only=True):
    """The step was done, or its question answered. `values` holds all that its verb may expect."""

    values: Mapping[str, object] = {}


class Refusal(Struct, frozen=True, kw_only=True):
    """The rules said no: every code in order, and a sentence for each."""

    codes: tuple[str, ...]
    details: tuple[str, ...] = ()
    values: Mapping[str, object] = {}


class Rejected(Struct, frozen=True, kw_only=True):
    """A scheme file could not be loaded: the whole message."""

    message: str
    values: Mapping[str, object] = {}


class NotSupported(Struct, frozen=True, kw_only=True):
    """The world cannot do this verb: always a failure, whatever was expected."""

    verb: str


Outcome = Accepted | Refusal | Rejected | NotSupported


class StepFailure(Struct, frozen=True, kw_only=True):
    """What was expected of a step and what came, both in the notation of a scenario file."""

    step: int
    """The step's number; 0 for the world itself, before the first step or after the last."""
    do: str
    expected: str
    actual: str


class Judgement(Struct, frozen=True, kw_only=True):
    """How a step ended. After a wrong turn the state is no longer what the author meant."""

    failures: tuple[StepFailure, ...]
    wrong_turn: bool


def judge(step: Step, outcome: Outcome, appended: int, zone: ZoneInfo) -> Judgement:
    """Compare what came of a step with what was expected; `appended` counts the events since."""
    if not _went_as_expected(step, outcome):
        return Judgement(
            failures=(_failure(step, _expected_turn(step), _turn(outcome)),), wrong_turn=True
        )
    failures = list(_wrong_values(step, outcome, zone))
    if step.refused is not None and appended:
        failures.append(_failure(step, "nothing appended", f"{appended} events appended"))
    return Judgement(failures=tuple(failures), wrong_turn=step.refused is not None and appended > 0)


def failure_of(step: Step, error: BaseException, where: str) -> StepFailure:
    """The failure of a step that ended in an exception, raised at this place."""
    return _failure(step, _expected_turn(step), f"{type(error).__name__}: {error} ({where})")


def _failure(step: Step, expected: str, actual: str) -> StepFailure:
    return StepFailure(step=step.number, do=step.do, expected=expected, actual=actual)


def _went_as_expected(step: Step, outcome: Outcome) -> bool:
    match outcome:
        case Refusal():
            return step.refused is not None
        case Rejected():
            return "rejected" in step.expect
        case Accepted():
            return step.refused is None and "rejected" not in step.expect
        case NotSupported():
            return False


def _expected_turn(step: Step) -> str:
    for key in ("refused", "rejected"):
        if key in step.expect and isinstance(step.expect[key], str):
            return f'{key} = "{step.expect[key]}"'
    return "accepted"


def _turn(outcome: Outcome) -> str:
    match outcome:
        case Accepted():
            return "accepted"
        case Refusal(codes=codes, details=details):
            reasons = ", ".join(f'"{code}"' for code in codes)
            return f"refused = [{reasons}]" + (f" ({'; '.join(details)})" if details else "")
        case Rejected(message=message):
            return f"rejected: {message}"
        case NotSupported(verb=verb):
            return f"the verb {verb} is not supported"


def _wrong_values(step: Step, outcome: Outcome, zone: ZoneInfo) -> list[StepFailure]:
    """A failure for each expected key that is not the same, in the order of the file."""
    assert not isinstance(outcome, NotSupported), "what is not supported has no values"
    kinds = VERBS[step.do].expect
    failures: list[StepFailure] = []
    for key, expected in step.expect.items():
        if key == "refused" and isinstance(outcome, Refusal):
            if expected not in outcome.codes:
                failures.append(_failure(step, f'refused = "{expected}"', _turn(outcome)))
        elif key == "rejected" and isinstance(outcome, Rejected):
            if not kinds[key].same(expected, outcome.message):
                failures.append(_failure(step, f'rejected = "{expected}"', _turn(outcome)))
        elif key not in outcome.values:
            failures.append(
                _failure(step, f"{key} = {worded(expected, zone)}", f"no {key} came back")
            )
        elif not kinds[key].same(expected, outcome.values[key]):
            failures.append(
                _failure(
                    step,
                    f"{key} = {worded(expected, zone)}",
                    f"{key} = {worded(outcome.values[key], zone)}",
                )
            )
    return failures
