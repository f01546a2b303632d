"""Stored events are read for ever as they were written.

Each tag has a golden file: an entry as it was once stored, with no field left at its default. It
decodes to the same Struct and encodes to the same text. A field that came later has a default and
is not in the file. A new event gets its file by
`python -m tests.events.samples`; a file is never altered.
"""

import json
import re

import msgspec
import pytest

from ledger.events import Entry, Event, tag_of
from tests.events.samples import GOLDEN, entry, golden, kinds, written

decoder = msgspec.json.Decoder(Entry)


def test_every_event_has_a_golden_file_and_every_file_an_event():
    tags = {golden(kind).name for kind in kinds()}

    assert tags == {path.name for path in GOLDEN.iterdir()}


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
def test_what_was_stored_is_read_as_the_same_fact(kind):
    stored = golden(kind).read_text(encoding="utf-8")

    read = decoder.decode(stored)

    expected = json.loads(written(entry(kind)))["event"]
    assert type(read.event) is kind
    assert written(read) == stored
    assert holds(expected, json.loads(stored)["event"])


def holds(now: object, then: object) -> bool:
    """True where every value that was stored is there now; fields that came later are not in it."""
    match now, then:
        case dict(), dict():
            return all(key in now and holds(now[key], value) for key, value in then.items())
        case list(), list():
            return len(now) == len(then) and all(map(holds, now, then))
        case _:
            return now == then


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
def test_an_event_is_a_frozen_fact_with_a_versioned_tag(kind: type[Event]):
    """Past tense without suffix; its tag is the name, and a version (style, sections 3 and 4)."""
    config = kind.__struct_config__

    assert config.frozen
    assert config.tag_field == "type"
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*\.v[1-9][0-9]*", str(config.tag))
    snake = re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()
    assert str(config.tag).partition(".")[0] == snake
    assert kind.__doc__


def test_tags_are_unique():
    tags = [tag_of(entry(kind).event) for kind in kinds()]

    assert len(set(tags)) == len(tags)


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
def test_nothing_in_an_event_is_a_float(kind):
    """Money is whole pence, mass whole kilograms: a float would be rounded somewhere."""

    def floats(value: object) -> bool:
        match value:
            case float():
                return True
            case dict():
                return any(floats(each) for each in value.values())
            case list():
                return any(floats(each) for each in value)
            case _:
                return False

    assert not floats(json.loads(golden(kind).read_text(encoding="utf-8")))


def test_an_unknown_tag_is_no_fact():
    stored = golden(kinds()[0]).read_text(encoding="utf-8")

    with pytest.raises(msgspec.ValidationError):
        decoder.decode(re.sub(r'"type": "[^"]+"', '"type": "no_such.v1"', stored, count=1))
