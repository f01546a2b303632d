"""A scenario's time: how it is written, and a clock that never runs backwards."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replay.scenarios.clock import ClockBackwards, ScenarioClock, written
from tests.replay.test_scenario_language import BUY, LONDON, read, step_faults

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "instant"),
    [
        ("2026-11-19 10:00", datetime(2026, 11, 19, 10, 0, tzinfo=UTC)),
        ("2026-07-01 10:00:01", datetime(2026, 7, 1, 9, 0, 1, tzinfo=UTC)),
        ("2026-07-01 10:00Z", datetime(2026, 7, 1, 10, 0, tzinfo=UTC)),
        ("2026-11-19 23:59:59.999999", datetime(2026, 11, 19, 23, 59, 59, 999999, tzinfo=UTC)),
        ("2026-10-25 01:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("2026-10-25 01:30Z", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
    ],
)
def test_a_time_is_local_or_utc_and_the_first_of_two_like_ones(at: str, instant: datetime) -> None:
    assert read(f'{{ at = "{at}", do = "wait" }}').steps[0].at == instant


@pytest.mark.parametrize(
    "at",
    [
        "2026-11-19", "2026-11-19T10:00", "2026-11-19 10", "2026-11-19 10:0", "19/11/2026 10:00",
        "2026-11-19 10:00 Z", "2026-11-19 10:00+00:00", "2026-11-19 10:00:00.5", "2026-02-29 10:00",
        "2026-11-19 24:00", "2026-11-19 10:60", "2026-11-19 10:00:60", "2026-11-19 10:00z", "now",
        "", " 2026-11-19 10:00", "2026-11-19 10:00\\n", "٢٠٢٦-11-19 10:00", "2026-03-29 01:30",
        "0000-01-01 00:00",
    ],
)  # fmt: skip
def test_a_time_written_otherwise_or_skipped_by_the_clocks_is_refused(at: str) -> None:
    (said,) = step_faults(f'{{ at = "{at}", do = "wait" }}')
    assert said.startswith("step 1 (wait): at: ")


def test_a_step_earlier_than_the_clock_is_refused() -> None:
    assert step_faults(BUY + '{ at = "2026-11-19 09:59:59", do = "wait" },') == [
        "step 2 (wait): at: the clock never runs backwards: it stood at 2026-11-19 10:00"
    ]


def test_a_step_at_the_very_instant_of_the_clock_is_in_order() -> None:
    assert len(read(BUY + '{ at = "2026-11-19 10:00Z", do = "wait" },').steps) == 2


def test_the_first_step_sets_the_clock() -> None:
    assert step_faults('{ do = "wait" }') == [
        "step 1 (wait): at: is missing: the first step sets the clock"
    ]


def test_the_clock_stands_where_it_was_after_a_refused_setting() -> None:
    clock = ScenarioClock(LONDON)
    noon = datetime(2026, 11, 19, 12, tzinfo=UTC)
    clock.move_to(noon)

    with pytest.raises(ClockBackwards):
        clock.move_to(datetime(2026, 11, 19, 11, tzinfo=UTC))

    assert clock.now == noon


@given(
    st.integers(0, 4_000_000_000_000_000).map(lambda micros: EPOCH + timedelta(microseconds=micros))
)
def test_an_instant_that_is_written_is_read_back_as_itself(at: datetime) -> None:
    text = written(at, LONDON)
    assert read(f'{{ at = "{text}", do = "wait" }}').steps[0].at == at
