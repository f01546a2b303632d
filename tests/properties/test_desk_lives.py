"""Whatever is done at the desk, the law's clocks hold, and a withdrawn notice has no open case."""

from random import Random

from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from ledger.events import AppealLodged, CaseDecided, CaseOpened
from ledger.rules.dispute_clocks import APPEAL, DECISION, REPRESENTATIONS
from tests.given import editions_of
from tests.properties.desk_lives import DESK, live
from tests.properties.lives import Life


def lived(seed: int, steps: int = 60) -> Life:
    life = Life(editions_of("stevenage"))
    live(life, Random(seed), steps)
    return life


@settings(max_examples=60)
@for_all(st.integers(0, 2**32))
def test_the_clocks_hold_in_every_life(seed: int):
    """SI 2022/576: 28 days beginning with service, 56 with receipt, 28 with the rejection."""
    life = lived(seed)
    opened = {e.case_id: e for _, e in life.events if isinstance(e, CaseOpened)}
    decided = {e.case_id: e for _, e in life.events if isinstance(e, CaseDecided)}
    for case in opened.values():
        if case.kind == "formal":
            assert case.served_on is not None
            assert case.received_until == REPRESENTATIONS.last_day(case.served_on)
            assert case.in_time == REPRESENTATIONS.in_time(case.served_on, case.received_on)
            assert case.decide_until == DECISION.last_day(case.received_on)
        else:
            assert (case.received_until, case.decide_until, case.in_time) == (None, None, True)
    for case_id, decision in decided.items():
        until = opened[case_id].decide_until
        late = until is not None and decision.served_on > until
        assert decision.deemed == late
        assert not (late and decision.outcome == "rejected")
    for _, event in life.events:
        if isinstance(event, AppealLodged):
            served = decided[event.case_id].served_on
            assert event.in_time == APPEAL.in_time(served, event.lodged_on)


@settings(max_examples=60)
@for_all(st.integers(0, 2**32))
def test_a_withdrawn_notice_has_no_open_case(seed: int):
    desk = lived(seed).household.desk
    assert desk is not None
    assert desk.notice is not None
    assert not desk.notice.cancelled or all(c.closed for c in desk.notice.cases.values())


def test_lives_do_everything_that_the_desk_can():
    done: set[str] = set()
    for seed in range(200):
        done |= lived(seed).accepted
        if done >= {command.__name__ for command in DESK}:
            return
    assert {command.__name__ for command in DESK} - done == set()
