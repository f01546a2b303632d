"""A stretch of time as a picture: lanes of bars and dots, and a line at one instant.

Places are parts of the width, so that the picture fits a telephone and a desk and its letters keep
their size. Every tone has a shape of its own, not only a colour; a page tells the same in words or
in a table beside it.

Source: WCAG 2.2, 1.1.1 (pictures have words), 1.4.1 (not by colour alone).
"""

from collections.abc import Iterable

from markupsafe import Markup
from msgspec import Struct

from replay.evidence.layout import Lane, Picture
from web.pages.rendering import environment

_WHOLE = 10_000
_INSET = 1.5
_TOP, _LANE, _BOTTOM = 30, 50, 24
_NEAR_AN_EDGE = 100

TONES: dict[str, str] = {
    "here": "Covered in the zone asked about",
    "elsewhere": "Covered in another zone",
    "near": "Cover of a nearly equal mark",
    "failing": "A service failed",
    "act": "Something was done",
    "switched": "The permit was switched",
    "message": "A message",
    "refused": "Tried, and refused",
    "covered": "An officer was shown: covered",
    "not_covered": "An officer was shown: not covered",
    "unknown": "An officer was shown: unknown",
}
"""What each shape means, in the order of the key."""
_BARS = frozenset({"here", "elsewhere", "near", "failing"})


class _Row(Struct, frozen=True, kw_only=True):
    """A lane at its height. Bars are (left, width, tone), dots (left, tone), in percent."""

    name: str
    top: int
    bars: tuple[tuple[str, str, str], ...]
    dots: tuple[tuple[str, str], ...]


def drawn(picture: Picture, name: str) -> Markup:
    """The picture as SVG; `name` is its own on the page, of letters and hyphens."""
    rows = tuple(_row(lane, n) for n, lane in enumerate(picture.lanes))
    foot = _TOP + _LANE * len(rows)
    macros = environment().get_template("parts/timeline.html").module
    return Markup(
        macros.picture(  # type: ignore[attr-defined]
            name=name,
            caption=picture.caption,
            words=picture.alt,
            rows=rows,
            ticks=tuple((_percent(place), text, _anchor(place)) for place, text in picture.ticks),
            at=(_percent(picture.at), picture.at_label, _anchor(picture.at)),
            foot=foot,
            height=foot + _BOTTOM,
        )
    )


def key(pictures: Iterable[Picture]) -> Markup:
    """What the shapes of these pictures mean, as a list; empty where there are none."""
    lanes = [lane for each in pictures for lane in each.lanes]
    used = {bar.tone for lane in lanes for bar in lane.bars}
    used |= {dot.tone for lane in lanes for dot in lane.dots}
    macros = environment().get_template("parts/timeline.html").module
    shown = [(tone, text, tone in _BARS) for tone, text in TONES.items() if tone in used]
    return Markup(macros.key(shown) if shown else "")  # type: ignore[attr-defined]


def _row(lane: Lane, number: int) -> _Row:
    return _Row(
        name=lane.name,
        top=_TOP + _LANE * number,
        bars=tuple((_percent(b.begins), _width(b.until - b.begins), b.tone) for b in lane.bars),
        dots=tuple((_percent(each.at), each.tone) for each in lane.dots),
    )


def _percent(place: int) -> str:
    return f"{_INSET + place * (100 - 2 * _INSET) / _WHOLE:.2f}%"


def _width(parts: int) -> str:
    """Wide enough to be seen, however short the time."""
    return f"{max(parts * (100 - 2 * _INSET) / _WHOLE, 0.4):.2f}%"


def _anchor(place: int) -> str:
    """On which side of its place a text stands, so that it stays within the picture."""
    if place < _NEAR_AN_EDGE:
        return "start"
    return "end" if place > _WHOLE - _NEAR_AN_EDGE else "middle"
