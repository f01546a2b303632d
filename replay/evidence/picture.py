"""The timeline as pictures: the two days, and the hour about the instant, drawn to scale.

Places are ten-thousandths of the width. What a picture shows is also said in words, and the table
after it lists every moment.

Source: issue "Evidence pack" ("the timeline either side as a picture").
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from replay.evidence.layout import Bar, Dot, Lane, Picture
from replay.evidence.pack import CoverKnown, Pack
from replay.wording import clock, counted, moment

WIDTH = 10_000
CLOSE = timedelta(minutes=30)


class _Scale(Struct, frozen=True, kw_only=True):
    """The stretch of time that a picture shows."""

    begins: datetime
    ends: datetime

    def place(self, at: datetime) -> int:
        whole = (self.ends - self.begins) // timedelta(microseconds=1)
        part = (min(max(at, self.begins), self.ends) - self.begins) // timedelta(microseconds=1)
        return part * WIDTH // whole

    def holds(self, at: datetime) -> bool:
        return self.begins <= at < self.ends


def pictures(pack: Pack, tz: ZoneInfo) -> tuple[Picture, ...]:
    """The day either side, and the half hour either side where something happened in it."""
    at = pack.question.at
    days = _Scale(begins=pack.timeline_from, ends=pack.timeline_until)
    close = _Scale(begins=at - CLOSE, ends=at + CLOSE)
    made = [_picture(pack, tz, days, "The day before and the day after", timedelta(hours=6))]
    moments = [each.at for each in pack.timeline]
    moments += [
        edge for each in pack.covers for edge in (each.covers_from, each.covers_until or at)
    ]
    if any(close.holds(moment) and moment != at for moment in moments):
        caption = "The half hour before and the half hour after"
        made.append(_picture(pack, tz, close, caption, timedelta(minutes=10)))
    return tuple(made)


def _picture(pack: Pack, tz: ZoneInfo, scale: _Scale, caption: str, step: timedelta) -> Picture:
    asked = pack.question
    then = _bars(pack, scale, lambda each: _known(each, asked.known_at))
    now = _bars(pack, scale, lambda each: each.known_until is None)
    lanes = (
        Lane(name="Cover, as known then", bars=then),
        Lane(name="Cover, as known now", bars=now),
        Lane(name="Household's near marks", bars=_near(pack, scale)),
        Lane(name="Acts and messages", dots=_dots(pack, scale, ("act", "message"))),
        Lane(name="Refused attempts", dots=_dots(pack, scale, ("refused",))),
        Lane(name="Officers' checks", dots=_dots(pack, scale, ("check",))),
        Lane(name="Service incidents", bars=_failing(pack, scale)),
    )
    return Picture(
        caption=caption,
        alt=_words(pack, tz, scale, lanes),
        at=scale.place(asked.at),
        at_label=clock(asked.at, tz),
        ticks=tuple(_ticks(scale, tz, step)),
        lanes=lanes,
    )


def _known(each: CoverKnown, known_at: datetime) -> bool:
    return each.known_from <= known_at and (each.known_until is None or known_at < each.known_until)


def _bars(pack: Pack, scale: _Scale, counts: Callable[[CoverKnown], bool]) -> tuple[Bar, ...]:
    """The stretches covered: in the zone asked about, and paler elsewhere. Listed covers none."""
    return tuple(
        Bar(
            begins=scale.place(each.covers_from),
            until=scale.place(each.covers_until or scale.ends),
            tone="here" if each.zone == pack.question.zone else "elsewhere",
        )
        for each in pack.covers
        if each.kind != "listed"
        and counts(each)
        and each.covers_from < scale.ends
        and (each.covers_until is None or each.covers_until > scale.begins)
    )


def _near(pack: Pack, scale: _Scale) -> tuple[Bar, ...]:
    """The household's cover of marks nearly the same."""
    return tuple(
        Bar(
            begins=scale.place(each.covers_from),
            until=scale.place(each.covers_until or scale.ends),
            tone="near",
        )
        for each in pack.near_marks
        if each.covers_from is not None
        and each.covers_from < scale.ends
        and (each.covers_until is None or each.covers_until > scale.begins)
    )


def _failing(pack: Pack, scale: _Scale) -> tuple[Bar, ...]:
    return tuple(
        Bar(
            begins=scale.place(each.begins_at),
            until=scale.place(each.until or scale.ends),
            tone="failing",
        )
        for each in pack.incidents
        if each.begins_at < scale.ends and (each.until is None or each.until > scale.begins)
    )


def _dots(pack: Pack, scale: _Scale, kinds: tuple[str, ...]) -> tuple[Dot, ...]:
    return tuple(
        Dot(at=scale.place(each.at), tone=_tone(each.kind, each.says), label=each.act)
        # What is drawn last lies on top: an act, not the message that it made.
        for each in sorted(pack.timeline, key=lambda each: each.kind == "act")
        if each.kind in kinds and scale.holds(each.at)
    )


def _tone(kind: str, says: str) -> str:
    if kind == "check":
        if "shown UNKNOWN" in says:
            return "unknown"
        return "not_covered" if "NOT COVERED" in says else "covered"
    return kind


def _ticks(scale: _Scale, tz: ZoneInfo, step: timedelta) -> Iterator[tuple[int, str]]:
    """Round local times. A step over a clock change is found by the local hour again."""
    local = scale.begins.astimezone(tz).replace(second=0, microsecond=0, minute=0)
    at = local.astimezone(scale.begins.tzinfo)
    fine = min(step, timedelta(hours=1))
    while at <= scale.ends:
        wall = at.astimezone(tz)
        minutes = wall.hour * 60 + wall.minute
        if at >= scale.begins and minutes % (step // timedelta(minutes=1)) == 0:
            label = f"{wall:%H:%M}"
            if not minutes and step > timedelta(hours=1):
                label = f"{wall.day} {_MONTHS[wall.month - 1]}"
            yield scale.place(at), label
        at += fine


_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def _words(pack: Pack, tz: ZoneInfo, scale: _Scale, lanes: tuple[Lane, ...]) -> str:
    """What the picture shows, for who cannot see it."""
    asked = pack.question
    said = [
        f"Timeline from {moment(scale.begins, tz)} to {moment(scale.ends, tz)}; the instant asked"
        f" about is {moment(asked.at, tz)}."
    ]
    for lane in lanes:
        if lane.bars:
            said.append(f"{lane.name}: {counted(len(lane.bars), 'stretch')}.")
        elif lane.dots:
            said.append(f"{lane.name}: {len(lane.dots)}.")
        else:
            said.append(f"{lane.name}: none.")
    return " ".join(said).replace("stretchs", "stretches")
