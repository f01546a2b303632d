"""Whatever a file holds, it is loaded or refused; nothing else ever comes of it."""

import tomllib
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ledger.scheme.faults import SchemeRejected
from ledger.scheme.loading import NOT_SCHEMES, parse
from ledger.scheme.schema import Scheme
from tests.scheme.files import SCHEMES, SMALLEST

FILES = [
    path.read_text() for path in sorted(SCHEMES.glob("*.toml")) if path.name not in NOT_SCHEMES
]
LINES = sorted({line for text in FILES for line in text.splitlines()})


def _paths(value: object, path: str) -> Iterator[str]:
    if path:
        yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _paths(inner, f"{path}.{key}".lstrip("."))
    if isinstance(value, list):
        for inner in value:
            if isinstance(inner, dict) and "id" in inner:
                yield from _paths(inner, f"{path}.{inner['id']}")
        if value and isinstance(value[0], dict) and "id" not in value[0]:
            for key, inner in value[0].items():
                yield from _paths(inner, f"{path}.{key}")


PATHS = sorted({path for text in FILES for path in _paths(tomllib.loads(text), "")})
WORDS = st.sampled_from(
    ["", "id", "OT", "flat", "tiers", "clock", "on_switch", "24:00", "3m", "none", "a b", "\x00"]
)
KEYS = st.sampled_from(
    ["id", "pence", "max", "hours", "days", "next_day", "model", "zone", "products", "placeholder"]
)
SINGLE = (
    st.booleans()
    | st.integers()
    | st.sampled_from([0, 1, -1, 2**63, 10**50])
    | st.floats()
    | WORDS
    | st.text(max_size=8)
    | st.dates()
    | st.datetimes(timezones=st.none() | st.just(UTC))
    | st.times()
)
VALUES = st.recursive(
    SINGLE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | WORDS, inner, max_size=4),
    max_leaves=6,
)


def outcome(text: str, replacements: dict[str, object]) -> Scheme | SchemeRejected:
    try:
        return parse(text, "junk.toml", replacements).scheme
    except SchemeRejected as refusal:
        return refusal


def comes_to_something(text: str, replacements: dict[str, object]) -> None:
    match outcome(text, replacements):
        case SchemeRejected(errors=errors):
            assert errors
            assert all(str(error).startswith("junk.toml: ") for error in errors)
        case Scheme(begins_at=begins_at):
            assert begins_at.tzinfo is not None


@given(st.text())
@example("\ud800")
@settings(max_examples=100, deadline=None)
def test_any_text_is_loaded_or_refused(text: str) -> None:
    comes_to_something(text, {})


@given(st.lists(st.sampled_from(LINES), max_size=12))
@settings(max_examples=100, deadline=None)
def test_any_lines_of_real_files_are_loaded_or_refused(lines: list[str]) -> None:
    comes_to_something("\n".join(lines), {})


@given(
    st.sampled_from(FILES),
    st.dictionaries(st.sampled_from(PATHS) | st.text(max_size=12), VALUES, max_size=5),
)
@settings(max_examples=300, deadline=None)
def test_any_value_at_any_path_is_accepted_or_refused(
    text: str, replacements: dict[str, object]
) -> None:
    comes_to_something(text, replacements)


@pytest.mark.parametrize("path", ["", "price.", "pack.", "holding."])
def test_a_number_too_long_to_write_out_is_refused(path: str) -> None:
    key = {"": "max", "price.": "pence", "pack.": "min", "holding.": "months_min"}[path]
    text = SMALLEST + f"{path}{key} = 0x{'f' * 9_000}\n"

    comes_to_something(text.replace('price = { model = "flat", pence = 100 }', ""), {})


def test_the_files_of_the_program_are_what_is_mangled() -> None:
    assert len(FILES) >= 3
    assert len(PATHS) > 100
    assert Path(SCHEMES).is_dir()
