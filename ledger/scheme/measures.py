"""The numbers and words that every part of a scheme is made of, each with its limits.

Upper limits are far beyond any council's figures: they catch a slipped key, not a policy.
"""

from datetime import time
from typing import Annotated, Literal

from msgspec import Meta, Struct

Name = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9]+(?:[_-][a-z0-9]+)*$",
        max_length=64,
        description="an id: lower-case letters and digits, joined by single hyphens, underscores",
    ),
]
ZoneName = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9]+(?:[ -][A-Za-z0-9]+)*$",
        max_length=32,
        description="a zone's id: letters and digits, joined by single spaces or hyphens",
    ),
]
Text = Annotated[
    str,
    Meta(
        pattern=r"^[^\x00-\x1f\x7f]*$",
        max_length=500,
        description="a text of one line, at most 500 characters",
    ),
]
Pence = Annotated[int, Meta(ge=0, le=10_000_000)]
Count = Annotated[int, Meta(ge=0, le=1_000_000)]
AtLeastOne = Annotated[int, Meta(ge=1, le=1_000_000)]
MONTHS_MAX = 240
Months = Annotated[int, Meta(ge=1, le=MONTHS_MAX)]
MonthsOrNone = Annotated[int, Meta(ge=0, le=MONTHS_MAX)]
Days = Annotated[int, Meta(ge=1, le=3_660)]
DaysOrNone = Annotated[int, Meta(ge=0, le=3_660)]
Hours = Annotated[int, Meta(ge=1, le=744)]
Years = Annotated[int, Meta(ge=0, le=130)]
StepMinutes = Annotated[int, Meta(ge=1, le=60)]
Seconds = Annotated[int, Meta(ge=0, le=3_600)]
LocalTime = Annotated[time, Meta(extra={"spelled": "time"})]
Weekdays = Annotated[tuple[int, ...], Meta(extra={"spelled": "weekdays"})]
"""0 is Monday."""

Channel = Literal["website", "app", "phone", "text", "post"]
Notice = Literal["email", "email_opt_out", "sms", "none"]


class MaxAge(Struct, frozen=True, kw_only=True):
    """How old a document may be: whole months or whole days, the other is 0. "3m" or "28d"."""

    months: int = 0
    days: int = 0


class UseEnd(Struct, frozen=True, kw_only=True):
    """When one use ends; only the field that `kind` names has a value.

    end_of_day: 00:00 after the day of the use (X-004). hours: so many hours after the start. days:
    00:00 after so many calendar days, the first one counted (X-088). next_day: `until_time` on the
    next day (X-068). until_switched: when another vehicle is made active. holding_end: with the
    holding.
    """

    kind: Literal["end_of_day", "until_switched", "holding_end", "hours", "days", "next_day"]
    hours: int = 0
    days: int = 0
    until_time: time | None = None


SpelledAge = Annotated[MaxAge, Meta(extra={"spelled": "max_age"})]
SpelledEnd = Annotated[UseEnd, Meta(extra={"spelled": "use_end"})]
