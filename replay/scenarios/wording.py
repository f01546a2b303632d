"""How a value is said in a report: as an author would write it in a scenario file."""

import json
from collections.abc import Mapping
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from replay.scenarios.clock import WrittenTime, written


def worded(value: object, zone: ZoneInfo) -> str:
    """The value in the notation of a scenario file; instants in local time. Never raises."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(value, ensure_ascii=False)
        case datetime() if value.tzinfo is not None:
            return f'"{written(value, zone)}"'
        case datetime():
            return f'"{value}" (without a time zone)'
        case date():
            return value.isoformat()
        case time():
            return f'"{value:%H:%M}"'
        case WrittenTime(wall=wall, utc=utc):
            return f'"{wall}{"Z" if utc else ""}"'
        case Mapping():
            entries = (f"{key} = {worded(one, zone)}" for key, one in value.items())
            return "{ " + ", ".join(entries) + " }"
        case list() | tuple():
            return "[" + ", ".join(worded(one, zone) for one in value) + "]"
        case set() | frozenset():
            return "[" + ", ".join(sorted(worded(one, zone) for one in value)) + "]"
        case _:
            return repr(value)
