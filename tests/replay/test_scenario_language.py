"""A scenario file is read strictly: every fault is found, and said with its place."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from replay.scenarios.clock import ScenarioClock, WrittenTime
from replay.scenarios.faults import Place
from replay.scenarios.files import read_scenarios
from replay.scenarios.language import InvalidScenarioFile, Scenario, parse
from replay.scenarios.steps import Telling, read_steps
from replay.scenarios.verbs import VERBS

LONDON = ZoneInfo("Europe/London")
SHARED = Path(__file__).parents[2].parent / "shared" / "scenarios"


def zone_of(scheme: str, replaced: Mapping[str, object]) -> ZoneInfo:
    """One scheme, "town", in London; it has no value called "nonsense"."""
    if scheme != "town":
        raise LookupError(scheme)
    if "nonsense" in replaced:
        raise ValueError("the scheme has no value nonsense")
    return LONDON


def scenario_text(steps: str, *, more: str = "", name: str = "S-1") -> str:
    return f"""
[[scenario]]
id = "{name}"
title = "a title"
scheme = "town"
{more}
steps = [
{steps}
]
"""


def read(steps: str, *, more: str = "") -> Scenario:
    (scenario,) = parse(scenario_text(steps, more=more), "town.toml", zone_of)
    return scenario


def faults(text: str) -> list[str]:
    with pytest.raises(InvalidScenarioFile) as caught:
        parse(text, "town.toml", zone_of)
    return [str(fault) for fault in caught.value.faults]


def step_faults(steps: str, *, more: str = "") -> list[str]:
    """The faults of a scenario's steps, without the words that say which file and scenario."""
    said = faults(scenario_text(steps, more=more))
    prefix = "town.toml: scenario S-1: "
    assert all(fault.startswith(prefix) for fault in said)
    return [fault.removeprefix(prefix) for fault in said]


BUY = '{ at = "2026-11-19 10:00", do = "buy", as = "p", product = "cards" },'


# --- what a good file becomes


def test_a_step_becomes_typed_values_with_every_instant_in_utc() -> None:
    scenario = read(
        '{ at = "2026-07-01 10:00", do = "book", as = "b", vehicle = "AA11 AAA", start = "now",'
        ' key = "k1", channel = "phone", expect = { from = "2026-07-01 10:00", remaining = 9 } },'
    )

    (step,) = scenario.steps
    assert step.number == 1
    assert step.at == datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
    assert (step.do, step.label, step.by, step.channel, step.key) == (
        "book", "b", "res", "phone", "k1",
    )  # fmt: skip
    assert step.arguments == {"vehicle": "AA11 AAA", "start": "now"}
    assert step.expect == {"from": datetime(2026, 7, 1, 9, 0, tzinfo=UTC), "remaining": 9}
    assert step.refused is None


def test_the_scenario_keeps_what_the_file_says_of_home_res_and_set() -> None:
    scenario = read(
        BUY,
        more='home = { zone = "N", built = 2004-06-30 }\nres = { receives = ["x"] }\n'
        'set = { "products.cards.pack.size" = 3 }',
    )

    assert scenario.home == {"zone": "N", "built": date(2004, 6, 30)}
    assert scenario.res == {"receives": ("x",)}
    assert scenario.set == {"products.cards.pack.size": 3}
    assert (scenario.id, scenario.title, scenario.scheme) == ("S-1", "a title", "town")
    assert (scenario.zone, scenario.file) == (LONDON, "town.toml")


@pytest.mark.parametrize(
    ("do", "by"),
    [
        *((do, "officer") for do in ("check", "observe", "leave")),
        *(
            (do, "staff")
            for do in (
                "decide", "occupancy_check", "grant", "correct", "replace", "move_out", "vehicle",
            )
        ),
        *((do, "res") for do in ("apply", "buy", "book", "property", "text", "wait")),
    ],
)  # fmt: skip
def test_without_by_the_act_is_that_of_the_person_whose_work_it_is(do: str, by: str) -> None:
    assert VERBS[do].by == by


@pytest.mark.parametrize("by", ["res", "staff", "officer", "system", "approver:head", "p"])
def test_by_names_a_role_or_a_resident_there_is(by: str) -> None:
    scenario = read(
        '{ at = "2026-11-19 10:00", do = "resident", as = "p", property = "home" },'
        f'{{ do = "balance", by = "{by}", product = "cards" }},'
    )

    assert scenario.steps[1].by == by


def test_a_stated_start_is_kept_as_it_was_said_even_where_there_is_no_such_time() -> None:
    """Whether the clocks skip it is the ledger's to say: `booking.no_such_time`."""
    scenario = read(
        '{ at = "2026-03-01 10:00", do = "book", vehicle = "AA11AAA", start = "2026-03-29 01:30" },'
    )

    assert scenario.steps[0].arguments["start"] == WrittenTime(
        wall=datetime.fromisoformat("2026-03-29 01:30"), utc=False
    )


def test_the_commands_of_a_race_are_steps_of_their_own() -> None:
    scenario = read(
        BUY + '{ do = "race", commands = [ { do = "book", as = "b1", vehicle = "A1" },'
        ' { do = "book", by = "staff", vehicle = "B2" } ], expect = { refused = ["a.b"] } },'
        '{ do = "cancel", booking = "b1" },'
    )

    commands = scenario.steps[1].arguments["commands"]
    assert isinstance(commands, tuple)
    assert [(c.number, c.at, c.do, c.by, c.label) for c in commands] == [
        (2, None, "book", "res", "b1"),
        (2, None, "book", "staff", None),
    ]
    assert scenario.steps[1].refused is None
    assert scenario.steps[1].expect == {"refused": ("a.b",)}


def test_lists_of_tables_clocks_and_dates_are_read_by_type() -> None:
    scenario = read(
        '{ at = "2026-11-19 10:00", do = "observe", vehicle = "A1", clock = "10:15",'
        " dates = [2026-11-20] },"
        '{ do = "allowance", product = "cards", on = 2027-01-01,'
        " expect = { releases = [ { on = 2027-01-10, units = 50 } ] } },"
    )

    assert scenario.steps[0].arguments["clock"] == time(10, 15)
    assert scenario.steps[0].arguments["dates"] == (date(2026, 11, 20),)
    assert scenario.steps[1].expect["releases"] == ({"on": date(2027, 1, 10), "units": 50},)


# --- faults, at each level


def test_all_faults_of_a_file_are_reported_together() -> None:
    said = faults(
        scenario_text('{ do = "bok" }, { do = "buy", product = "cards", quantity = true },')
        + '[[scenario]]\nid = "S-2"\ncolour = 1\nscheme = "village"\nsteps = []\n'
    )

    assert [fault.removeprefix("town.toml: scenario ") for fault in said] == [
        'S-1: step 1: do: unknown verb "bok"; did you mean book?',
        "S-1: step 2 (buy): quantity: must be a whole number, not true",
        "S-2: colour: unknown; allowed are id, title, scheme, steps, home, res, set",
        "S-2: title: is missing",
        'S-2: scheme: there is no scheme "village"',
        "S-2: steps: must be a list of one step at least",
    ]


def test_what_is_not_toml_is_refused_with_its_place() -> None:
    (fault,) = faults("[[scenario]\n")
    assert fault.startswith("town.toml: not TOML: ")
    assert "line 1" in fault


@pytest.mark.parametrize("text", ["", "scenario = []", "scenario = 3"])
def test_a_file_without_a_scenario_is_refused(text: str) -> None:
    assert faults(text) == ["town.toml: scenario: a file holds one [[scenario]] at least"]


def test_an_unknown_top_level_key_is_refused() -> None:
    assert faults("author = 1\n" + scenario_text(BUY)) == [
        "town.toml: author: unknown; allowed are scenario"
    ]


def test_two_scenarios_of_one_file_cannot_have_one_id() -> None:
    assert faults(scenario_text(BUY) + scenario_text(BUY)) == [
        "town.toml: scenario S-1: id: an earlier scenario of this file has the same id"
    ]


def test_an_unknown_fact_of_the_default_world_is_refused() -> None:
    more = 'home = { zone = "N", colour = 1 }\nres = { born = "1980-01-01" }'
    assert step_faults(BUY, more=more) == [
        "home.colour: unknown; allowed are zone, areas, built, council_tax_from, converted, "
        "built_with_own_scheme, excluded",
        "res.born: must be a date, YYYY-MM-DD without quotes, not the text \"1980-01-01\"",
    ]  # fmt: skip


def test_values_that_the_scheme_does_not_have_are_refused() -> None:
    assert step_faults(BUY, more='set = { "nonsense" = 1 }') == [
        "set: the scheme has no value nonsense"
    ]


@pytest.mark.parametrize(
    ("step", "fault"),
    [
        ('{ do = "wait", colour = 1 }', "colour: unknown; allowed are by, channel"),
        (
            '{ do = "buy", prodct = "x", product = "x" }',
            "prodct: unknown; did you mean product?",
        ),
        (
            '{ do = "buy", product = "x", expect = { penc = 1 } }',
            "expect.penc: unknown; did you mean pence?",
        ),
        ('{ do = "leave", vehicle = "A1", expect = { refused = "a.b" } }', "expect.refused: un"),
        ('{ do = "balance", product = "x", key = "k" }', "key: unknown"),
        ('{ do = "balance", product = "x", as = "k" }', "as: unknown"),
        ('{ do = "buy", product = "x", expect = 3 }', "expect: must be a table, not the number 3"),
        ('{ do = "buy", product = "x", channel = "fax" }', 'channel: "fax" is not one of website'),
        ('{ do = "buy", product = "x", quantity = 1.0 }', "quantity: must be a whole number, not"),
        ('{ do = "buy", product = "x", evidence = 1 }', "evidence: must be true or false, not the"),
        ('{ do = "buy", product = "x", start = 2026-01-01T10:00:00 }', "start: must be a date"),
        ('{ do = "buy", product = "x", vehicles = "A1" }', 'vehicles: must be a list, not the te'),
        ('{ do = "buy", product = "x", vehicles = [1] }', "vehicles: must be a text, not the numb"),
        ('{ do = "buy" }', "product or lines: is missing"),
        (
            '{ do = "book", vehicle = "A1", vehicles = ["B2"] }',
            "vehicles: cannot be given together with vehicle",
        ),
        ('{ do = "scratch", vehicle = "A", date = 2026-01-01, time = "2026-01-01 10:00" }', "time"),
        ('{ do = "quote", lines = [ { product = "x" } ] }', "lines: each entry is a table of prod"),
        (
            '{ do = "quote", lines = [ { product = "x", quantity = true } ] }',
            "lines: quantity: must be a whole number, not true",
        ),
        ('{ do = "buy", product = "x", expect = { refused = "no" } }', "expect.refused: a refusal"),
        ('{ do = "buy", product = "x", expect = { last_day = "2026-01-01" } }', "expect.last_day"),
        ('{ do = "cancel", booking = "b" }', 'booking: no earlier step has made "b"'),
        ('{ do = "cancel", booking = "p/x/1" }', 'booking: no earlier step has made "p/x/1"'),
        ('{ do = "buy", by = "bob", product = "x" }', 'by: "bob" is no resident yet'),
        ('{ do = "buy", by = "approver:", product = "x" }', 'by: "approver:" is no resident yet'),
        ('{ do = "buy", as = "staff", product = "x" }', 'as: "staff" has a meaning of its own'),
        ('{ do = "buy", as = " ", product = "x" }', "as: must be a line of text"),
        ('{ do = 3 }', "do: must be a verb, not the number 3"),
        ("{ }", "do: is missing"),
        ("3", "must be a table, not the number 3"),
        ('{ do = "race", commands = [] }', "commands: must name one command at least"),
    ],
)  # fmt: skip
def test_a_step_outside_the_language_is_refused(step: str, fault: str) -> None:
    (said,) = step_faults(BUY + step)
    place, _, rest = said.partition(": ")
    assert place.startswith("step 2")
    assert rest.startswith(fault)


@pytest.mark.parametrize(
    ("command", "fault"),
    [
        ('{ do = "bok" }', 'step 2 (race) command 1: do: unknown verb "bok"'),
        ('{ do = "race", commands = [] }', "step 2 (race) command 1 (race): do: is no command"),
        (
            '{ do = "book", vehicle = "A", at = "2026-11-20 10:00" }',
            "step 2 (race) command 1 (book): at: belongs to the race",
        ),
        (
            '{ do = "book", vehicle = "A", expect = {} }',
            "step 2 (race) command 1 (book): expect: belongs to the race",
        ),
        (
            '{ do = "book", vehicle = "A", colour = 1 }',
            "step 2 (race) command 1 (book): colour: unknown",
        ),
    ],
)
def test_the_commands_of_a_race_are_read_as_strictly(command: str, fault: str) -> None:
    (said,) = step_faults(BUY + f'{{ do = "race", commands = [{command}] }},')
    assert said.startswith(fault)


def test_a_booking_of_several_vehicles_is_named_by_its_number() -> None:
    scenario = read(
        BUY + '{ do = "book", as = "b", vehicles = ["A1", "B2"] },'
        '{ do = "cancel", booking = "b/2" },'
    )

    assert scenario.steps[2].arguments == {"booking": "b/2"}


# --- the language is the documented one


def readme() -> str:
    if not (SHARED / "README.md").exists():
        pytest.skip(f"the language's own page is not beside this checkout: {SHARED.name}/README.md")
    return (SHARED / "README.md").read_text(encoding="utf-8")


def test_the_verbs_are_exactly_those_of_the_documented_tables() -> None:
    rows = [line.split("|")[1] for line in readme().splitlines() if line.startswith("| `")]
    documented = {word.strip(" `") for row in rows for word in row.split(",")}

    assert set(VERBS) == documented


def test_every_documented_scenario_file_is_in_the_language() -> None:
    readme()
    scenarios = read_scenarios([SHARED], lambda scheme, replaced: LONDON)

    assert len(scenarios) == sum(
        file.read_text(encoding="utf-8").count("[[scenario]]") for file in SHARED.glob("*.toml")
    )
    assert len(scenarios) > 100


@given(st.text(max_size=200))
def test_any_text_that_is_no_scenario_is_refused_and_nothing_else(text: str) -> None:
    assert faults(text)


_TOML = st.recursive(
    st.booleans()
    | st.integers()
    | st.floats()
    | st.dates()
    | st.times()
    | st.datetimes()
    | st.sampled_from(["now", "2026-11-19 10:00", "home", "res", "a.b", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["do", "product", "on", "units", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(do=st.sampled_from(sorted(VERBS)), data=st.data())
def test_any_values_under_the_known_keys_are_read_or_refused(do: str, data: st.DataObject) -> None:
    """Whatever an author puts under a verb's own keys, the answer is a Scenario or its faults."""
    verb = VERBS[do]
    keys = sorted({*verb.keys, "at", "as", "by", "channel", "key"})
    table = data.draw(st.dictionaries(st.sampled_from(keys), _TOML, max_size=4))
    expected = sorted({*verb.expect, "other"})
    table["expect"] = data.draw(st.dictionaries(st.sampled_from(expected), _TOML, max_size=3))
    place = Place(faults=[], file="town.toml")
    telling = Telling(clock=ScenarioClock(LONDON), labels={"home", "res"})

    steps = read_steps(place, telling, [{"do": do, **table}])

    assert place.faults or len(steps) == 1
