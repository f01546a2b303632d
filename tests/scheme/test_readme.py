"""The page that explains scheme files names every key, and its worked example is one that works."""

import re
import tomllib
from collections.abc import Iterator
from datetime import date
from types import UnionType
from typing import Annotated, Union, get_args, get_origin
from zoneinfo import ZoneInfo

import pytest
from msgspec import Struct, structs

from ledger.household.state import Household
from ledger.rules import ordering
from ledger.rules.ordering import Wanted
from ledger.scheme.loading import parse
from ledger.scheme.measures import MaxAge, UseEnd
from ledger.scheme.schema import Scheme
from replay.scenarios import language
from replay.scenarios.world import zone_of
from tests.scheme.files import SCHEMES

README = SCHEMES / "README.md"
SPELLED_SHORT = (MaxAge, UseEnd)
"""What a file writes as a word or a small table: the page explains its spellings."""


def blocks() -> list[str]:
    return re.findall(r"```toml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


def keys(kind: object, seen: frozenset[type] = frozenset()) -> Iterator[str]:
    """Every key that a table of this kind, and those inside it, can have."""
    if isinstance(kind, type) and issubclass(kind, Struct):
        if kind in seen or kind in SPELLED_SHORT:
            return
        for each in structs.fields(kind):
            yield each.encode_name
            yield from keys(each.type, seen | {kind})
        return
    origin = get_origin(kind)
    if origin in (Annotated, Union, UnionType, tuple, list, dict):
        for inner in get_args(kind):
            yield from keys(inner, seen)


def test_the_page_names_every_key_of_the_schema() -> None:
    tables = README.read_text(encoding="utf-8").partition("## A new council")[0]
    words = set(re.findall(r"[a-z_0-9]+", tables))

    found = set(keys(Scheme))

    assert len(found) > 120
    assert found - words == set()


def test_the_council_of_the_example_loads_without_a_warning() -> None:
    loaded = parse(blocks()[0], "ambleford.toml")

    assert loaded.warnings == ()
    assert [zone.id for zone in loaded.scheme.zones] == ["N", "S"]


def test_each_number_of_the_example_names_its_rule() -> None:
    for line in blocks()[0].splitlines():
        if re.search(r"= .*\d", line.partition("#")[0]) and line != "schema = 1":
            assert re.search(r"# AMB-\d{3}", line), line


def test_the_examples_of_the_example_are_worked_examples() -> None:
    scenarios = language.parse(
        blocks()[1], "ambleford.toml", lambda scheme_id, values: ZoneInfo("Europe/London")
    )

    assert [scenario.id for scenario in scenarios] == ["AMB-003", "AMB-005", "AMB-008"]


def test_the_example_asks_what_its_file_says() -> None:
    scheme = parse(blocks()[0], "ambleford.toml").scheme
    for scenario in tomllib.loads(blocks()[1])["scenario"]:
        for step in scenario["steps"]:
            if "pence" in step.get("expect", {}):
                (line,) = ordering.lines(
                    scheme,
                    Household(household_id="home"),
                    [Wanted(product=step["product"], quantity=step.get("quantity"))],
                    zone="N",
                    concession=step.get("concession", ""),
                    on=date(2026, 5, 1),
                )
                assert line.pence == step["expect"]["pence"]


def test_a_scheme_that_is_not_there_and_one_that_does_not_fit_are_told_apart() -> None:
    with pytest.raises(LookupError, match="ghost"):
        zone_of("ghost", {})
    with pytest.raises(ValueError, match="pence: found -1"):
        zone_of("york", {"products.day-permit.price.pence": -1})
    assert zone_of("york", {}) == ZoneInfo("Europe/London")
