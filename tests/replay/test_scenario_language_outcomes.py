"""What came is compared with what was expected by value, and strictly by type."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from replay.scenarios.language import parse
from replay.scenarios.outcomes import Accepted, Refusal, Rejected, judge
from replay.scenarios.steps import Step
from replay.scenarios.wording import worded

LONDON = ZoneInfo("Europe/London")


def step_of(step: str) -> Step:
    """A step that may refer to `p`, read from a file as an author would write it."""
    text = (
        '[[scenario]]\nid = "S"\ntitle = "t"\nscheme = "s"\n'
        'steps = [ { at = "2026-01-01 10:00", do = "buy", as = "p", product = "x" },\n'
        f"{{ {step} }} ]"
    )
    (scenario,) = parse(text, "f.toml", lambda scheme, replaced: LONDON)
    return scenario.steps[1]


CHECK = 'do = "check", vehicle = "AA11AAA", expect = '
BALANCE = 'do = "balance", product = "x", expect = '
SUMMER = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)

SAME: list[tuple[str, dict[str, object]]] = [
    (CHECK + "{ covered = true }", {"covered": True, "reason": None}),
    (CHECK + '{ until = "2026-07-01 10:00" }', {"until": SUMMER}),
    (CHECK + '{ until = "2026-07-01 09:00Z" }', {"until": SUMMER.astimezone(LONDON)}),
    (CHECK + '{ until = "2026-07-01 10:00:00.000000" }', {"until": SUMMER}),
    (
        CHECK + '{ until = "2026-10-25 01:30" }',
        {"until": datetime(2026, 10, 25, 1, 30, tzinfo=LONDON)},
    ),
    (
        CHECK + '{ until = "2026-10-25 01:30Z" }',
        {"until": datetime(2026, 10, 25, 1, 30, fold=1, tzinfo=LONDON)},
    ),
    (CHECK + '{ near = ["ab 12-cde"] }', {"near": ["AB12CDE"]}),
    (CHECK + "{ near = [] }", {"near": ()}),
    (BALANCE + "{ remaining = 1 }", {"remaining": 1}),
    (
        BALANCE + "{ lots = [ { last_day = 2026-12-31, remaining = 3 } ] }",
        {"lots": [{"remaining": 3, "last_day": date(2026, 12, 31)}]},
    ),
    ('do = "buy", product = "x", expect = { starts = 2026-01-01 }', {"starts": date(2026, 1, 1)}),
    ('do = "products", expect = { products = ["a", "b"] }', {"products": ["b", "a"]}),
    ('do = "products", expect = { products = ["a", "b"] }', {"products": {"b", "a"}}),
    ('do = "history", expect = { acts = ["paid", "booked"] }', {"acts": ["paid", "x", "booked"]}),
    ('do = "explain", vehicle = "A", expect = { says = ["14:20", "by"] }', {"says": "by 14:20."}),
    (
        'do = "explain", vehicle = "A", expect = { says = ["14:20", "by"] }',
        {"says": ["at 14:20", "or by"]},
    ),
    ('do = "misuse", expect = { listed = ["p"] }', {"listed": ["p"]}),
    (
        'do = "race", commands = [{ do = "visitors" }], expect = { refused = ["a.b", "a.b"] }',
        {"refused": ["a.b", "a.b"]},
    ),
    ('do = "stay", vehicle = "A", expect = { clock = "10:15" }', {"clock": time(10, 15)}),
]

DIFFERENT: list[tuple[str, dict[str, object]]] = [
    (CHECK + "{ covered = true }", {"covered": 1}),
    (CHECK + "{ covered = false }", {"covered": 0}),
    (CHECK + "{ covered = false }", {"covered": None}),
    (BALANCE + "{ remaining = 1 }", {"remaining": True}),
    (BALANCE + "{ remaining = 1 }", {"remaining": 1.0}),
    (BALANCE + "{ remaining = 1 }", {"remaining": "1"}),
    (CHECK + '{ until = "2026-07-01 10:00" }', {"until": SUMMER.replace(microsecond=1)}),
    (CHECK + '{ until = "2026-07-01 10:00" }', {"until": "2026-07-01 10:00"}),
    (CHECK + '{ until = "2026-01-01 10:00" }', {"until": SUMMER.replace(month=1, tzinfo=None)}),
    (
        CHECK + '{ until = "2026-10-25 01:30" }',
        {"until": datetime(2026, 10, 25, 1, 30, fold=1, tzinfo=LONDON)},
    ),
    (CHECK + '{ near = ["ABO1CDE"] }', {"near": ["AB01CDE"]}),
    (CHECK + '{ near = ["A1", "B2"] }', {"near": ["B2", "A1"]}),
    (CHECK + '{ near = ["A1"] }', {"near": ["A1", "B2"]}),
    (CHECK + '{ near = ["A1"] }', {"near": "A1"}),
    (CHECK + '{ match = "exact" }', {"match": "Exact"}),
    (BALANCE + "{ lots = [] }", {"lots": [{"last_day": date(2026, 12, 31), "remaining": 3}]}),
    (
        BALANCE + "{ lots = [ { last_day = 2026-12-31, remaining = 3 } ] }",
        {"lots": [{"last_day": date(2026, 12, 31), "remaining": 3, "more": 1}]},
    ),
    (
        BALANCE + "{ lots = [ { last_day = 2026-12-31, remaining = 3 } ] }",
        {"lots": [{"last_day": date(2026, 12, 31), "remaining": 2}]},
    ),
    (
        'do = "buy", product = "x", expect = { starts = 2026-01-01 }',
        {"starts": datetime(2026, 1, 1, tzinfo=UTC)},
    ),
    ('do = "products", expect = { products = ["a"] }', {"products": ["b", "a"]}),
    ('do = "products", expect = { products = ["a", "b"] }', {"products": "ab"}),
    ('do = "history", expect = { acts = ["paid", "booked"] }', {"acts": ["booked", "paid"]}),
    ('do = "history", expect = { acts = ["paid", "paid"] }', {"acts": ["paid"]}),
    ('do = "explain", vehicle = "A", expect = { says = ["14:20", "by"] }', {"says": "at 14:20"}),
    (
        'do = "race", commands = [{ do = "visitors" }], expect = { refused = ["a.b"] }',
        {"refused": ["a.b", "a.b"]},
    ),
]


@pytest.mark.parametrize(("step", "values"), SAME)
def test_the_same_value_in_another_writing_is_the_same(
    step: str, values: dict[str, object]
) -> None:
    assert not judge(step_of(step), Accepted(values=values), 0, LONDON).failures


@pytest.mark.parametrize(("step", "values"), DIFFERENT)
def test_another_value_or_another_type_is_different(step: str, values: dict[str, object]) -> None:
    judgement = judge(step_of(step), Accepted(values=values), 0, LONDON)

    assert len(judgement.failures) == 1
    assert not judgement.wrong_turn


def test_what_is_not_expected_is_not_looked_at() -> None:
    values: dict[str, object] = {"remaining": 5, "lots": "anything"}
    assert not judge(step_of(BALANCE + "{ }"), Accepted(values=values), 3, LONDON).failures


def test_an_instant_is_reported_as_it_would_be_written() -> None:
    step = step_of(CHECK + '{ until = "2026-10-25 01:30Z" }')
    came = Accepted(values={"until": datetime(2026, 10, 25, 0, 30, tzinfo=UTC)})

    (failure,) = judge(step, came, 0, LONDON).failures

    assert failure.expected == 'until = "2026-10-25 01:30Z"'
    assert failure.actual == 'until = "2026-10-25 01:30"'


def test_a_refused_step_may_expect_more_and_all_of_it_is_compared() -> None:
    step = step_of(
        'do = "text", from = "07700", body = "X", expect = { refused = "a.b", reply = true }'
    )
    silent = Refusal(codes=("a.b",), values={"reply": False})

    (failure,) = judge(step, silent, 0, LONDON).failures

    assert (failure.expected, failure.actual) == ("reply = true", "reply = false")
    assert not judge(step, Refusal(codes=("a.b",), values={"reply": True}), 0, LONDON).failures


REJECTING = 'do = "load_scheme", set = { "a" = 1 }, expect = { rejected = "price" }'


def test_a_scheme_is_rejected_with_a_part_of_the_message() -> None:
    step = step_of(REJECTING)

    assert not judge(step, Rejected(message="products.x.price: too low"), 0, LONDON).failures
    (failure,) = judge(step, Rejected(message="no zone"), 0, LONDON).failures
    assert (failure.expected, failure.actual) == ('rejected = "price"', "rejected: no zone")


def test_a_scheme_that_is_rejected_or_loaded_against_expectation_is_a_wrong_turn() -> None:
    accepted = step_of('do = "load_scheme", set = { "a" = 1 }, expect = { warnings = 2 }')

    assert judge(step_of(REJECTING), Accepted(), 0, LONDON).wrong_turn
    assert judge(accepted, Rejected(message="price"), 0, LONDON).wrong_turn
    assert not judge(accepted, Accepted(values={"warnings": 2}), 0, LONDON).failures


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "nothing"),
        (True, "true"),
        (7, "7"),
        ('a "b" £', '"a \\"b\\" £"'),
        (date(2026, 1, 2), "2026-01-02"),
        (time(9, 5), '"09:05"'),
        (datetime(2026, 7, 1, 9, 0, 30, tzinfo=UTC), '"2026-07-01 10:00:30"'),
        (("a", 1), '["a", 1]'),
        ({"b", "a"}, '["a", "b"]'),
        ({"on": date(2026, 1, 2), "units": 5}, "{ on = 2026-01-02, units = 5 }"),
        (1.5, "1.5"),
    ],
)
def test_a_value_is_said_as_an_author_would_write_it(value: object, words: str) -> None:
    assert worded(value, LONDON) == words
