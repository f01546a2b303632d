"""One whole entry of any kind of event, made from its fields: how a golden file begins.

`python -m tests.events.samples` writes the file of each tag that has none yet, and never alters
one: a stored event is read for ever as it was written.
"""

from datetime import UTC, date, datetime
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import msgspec

from ledger.events import Actor, Answer, AnyEvent, Entry, Event, Receipt, tag_of

GOLDEN = Path(__file__).parent / "golden"
AT = datetime(2026, 11, 19, 10, 0, 0, 250_000, tzinfo=UTC)


def kinds() -> tuple[type[Event], ...]:
    return get_args(AnyEvent)


def golden(kind: type[Event]) -> Path:
    tag = kind.__struct_config__.tag
    return GOLDEN / f"{tag}.json"


def entry(kind: type[Event]) -> Entry:
    """An entry in which no field has its default, so that every field is in the file."""
    event = sample(kind, kind.__name__)
    return Entry(
        recorded_at=AT,
        by=Actor(role="staff", name="clerk"),
        channel="phone",
        on_behalf_of="res",
        event=event,
        receipt=Receipt(
            key="k",
            body="b",
            answer=Answer(
                command="c", household_id="h", version=3, recorded_at=AT, values={"remaining": 19}
            ),
        ),
    )


def sample(kind: Any, name: str) -> Any:
    """A value of a type that is not its default; texts say the name of their field."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return arguments[-1]
    if origin in (Union, UnionType):
        return sample(next(each for each in arguments if each is not NoneType), name)
    if origin is tuple:
        inner = arguments[:1] if Ellipsis in arguments else arguments
        return tuple(sample(each, name) for each in inner)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        fields = msgspec.structs.fields(kind)
        return kind(**{field.name: sample(field.type, field.name) for field in fields})
    return {str: name, int: 7, bool: True, date: date(2026, 11, 19), datetime: AT}[kind]


def written(one: Entry) -> str:
    """An entry as a golden file has it: indented, for people to read."""
    return msgspec.json.format(msgspec.json.encode(one), indent=2).decode() + "\n"


def write_missing() -> list[str]:
    """The tags whose files were made now."""
    missing = [kind for kind in kinds() if not golden(kind).is_file()]
    for kind in missing:
        golden(kind).write_text(written(entry(kind)), encoding="utf-8")
    return [golden(kind).stem for kind in missing]


if __name__ == "__main__":
    write_missing()


__all__ = ["entry", "golden", "kinds", "sample", "tag_of", "written"]
