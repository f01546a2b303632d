"""The plots of a report: how long each bar is, and the table that says the same.

A plot is as wide as a telephone's screen (WIDTH units), so that its words are readable there; a
wider page shows several beside each other.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from msgspec import Struct

from replay.what_if.report import Report, Row

WIDTH: Final = 360
ROW: Final = 46
BAR: Final = 18
NOW: Final = "now"
SPOKEN: Final = {"0": "none", "2-5": "2 to 5", "6+": "6 or more"}
"""Bands as a reader says them."""
SHADES_MAX: Final = 7
"""As many tones as the page's style has; the last one is used for all that follow."""


class Segment(Struct, frozen=True, kw_only=True):
    """A part of a bar, in units of the plot; `tone` is the style's."""

    x: float
    width: float
    tone: str
    title: str


class Bar(Struct, frozen=True, kw_only=True):
    """One line of a plot: what it is, its figure in words, and its parts."""

    y: int
    label: str
    value: str
    segments: tuple[Segment, ...]


class Plot(Struct, frozen=True, kw_only=True):
    """A plot and its table twin; `legend` is empty where every bar has one part."""

    id: str
    title: str
    description: str
    height: int
    bars: tuple[Bar, ...]
    legend: tuple[tuple[str, str], ...]
    head: tuple[str, ...]
    table: tuple[tuple[str, ...], ...]


Say = Callable[[int], str]


def count(number: int) -> str:
    return f"{number:,}"


def pounds(pence: int) -> str:
    """`£5,465.00`."""
    sign = "-" if pence < 0 else ""
    return f"{sign}£{abs(pence) // 100:,}.{abs(pence) % 100:02d}"


def percent(part: int, whole: int) -> str:
    """`12.3 %`, never broken over two lines; a dash of nothing."""
    return f"{part * 100 / whole:.1f}\u00a0%" if whole else "–"


def plots(told: Report) -> list[Plot]:
    """The plots of a report, in the order of a reader's questions."""
    titles = [each.title for each in told.proposals]
    made = [
        _levels("income", "Income", told.of("income"), titles, pounds),
        _groups("income-zones", "Income by zone", told.of("income", "zone"), titles, pounds),
        _groups("units", "Units sold", told.of("units sold", "product"), titles, count),
        _parts(
            "reasons",
            "Purchases refused, by reason",
            told.of("purchases refused", "reason"),
            titles,
            lambda n: "unkind",
            told.one("purchases made").then,
        ),
        _parts(
            "hit",
            "Households, by purchases refused",
            told.of("households", "purchases refused"),
            titles,
            lambda n: f"depth-{n}",
            None,
        ),
        _parts(
            "visits",
            "Visits: kept, shorter, lost",
            _fates(told),
            titles,
            lambda n: ("depth-0", "depth-2", "depth-3")[n],
            None,
        ),
        _parts(
            "losing",
            "Households, by the share of their visits lost",
            told.of("households", "share of visits lost"),
            titles,
            lambda n: f"depth-{n}",
            None,
        ),
    ]
    return [plot for plot in made if plot.bars]


def _fates(told: Report) -> list[Row]:
    """Of the visits that were made: kept whole, covered in part, lost."""
    made, lost = told.one("visits made"), told.one("visits lost")
    shorter = told.one("visits shorter")
    kept = tuple(
        all_ - gone - part
        for all_, gone, part in zip(made.then, lost.then, shorter.then, strict=True)
    )
    rows = (("kept whole", kept), ("shorter", shorter.then), ("lost", lost.then))
    return [
        Row(measure="visits", by="fate", of=name, unit="visits", now=None, then=then)
        for name, then in rows
    ]


def _levels(name: str, title: str, rows: list[Row], titles: list[str], say: Say) -> Plot:
    """One bar for each terms."""
    (row,) = rows
    values = [row.now or 0, *row.then]
    longest = max([*values, 1])
    bars = [
        _bar(n, label, say(value), [(value / longest, _tone(n), label)])
        for n, (label, value) in enumerate(zip([NOW, *titles], values, strict=True))
    ]
    table = tuple(
        (label, say(value), _change(row.now or 0, value, say) if n else "")
        for n, (label, value) in enumerate(zip([NOW, *titles], values, strict=True))
    )
    return _plot(name, title, bars, (), ("Terms", title, "Change"), table)


def _groups(name: str, title: str, rows: list[Row], titles: list[str], say: Say) -> Plot:
    """For each part a bar under each terms."""
    longest = max([1, *(max(row.now or 0, *row.then) for row in rows)])
    bars: list[Bar] = []
    for row in rows:
        for n, (label, value) in enumerate(
            zip([NOW, *titles], (row.now or 0, *row.then), strict=True)
        ):
            shown = f"{row.of} – {label}" if n == 0 else label
            bars.append(_bar(len(bars), shown, say(value), [(value / longest, _tone(n), label)]))
    table = tuple((row.of, *(say(value) for value in (row.now or 0, *row.then))) for row in rows)
    legend = tuple((_tone(n), label) for n, label in enumerate([NOW, *titles]))
    return _plot(name, title, bars, legend, ("", NOW, *titles), table)


def _parts(
    name: str,
    title: str,
    rows: list[Row],
    titles: list[str],
    tone: Callable[[int], str],
    wholes: Sequence[int] | None,
) -> Plot:
    """A bar for each proposal, made of the parts. `wholes`: of how many, where not of their sum;
    then the longest bar is as long as the plot.
    """
    tones = [tone(n) if wholes is None else _shade(n) for n in range(len(rows))]
    sums = [sum(row.then[n] for row in rows) for n in range(len(titles))]
    bars = []
    for n, label in enumerate(titles):
        scale = max([*sums, 1]) if wholes is not None else max(sums[n], 1)
        parts = [
            (row.then[n] / scale, shade, f"{SPOKEN.get(row.of, row.of)}: {row.then[n]:,}")
            for row, shade in zip(rows, tones, strict=True)
        ]
        value = f"{sums[n]:,}"
        if wholes is not None:
            value += f" of {wholes[n]:,} ({percent(sums[n], wholes[n])})"
        bars.append(_bar(n, label, value, parts))
    legend = tuple(
        (shade, SPOKEN.get(row.of, row.of)) for row, shade in zip(rows, tones, strict=True)
    )
    table = [
        (
            label,
            *(f"{row.then[n]:,} ({percent(row.then[n], (wholes or sums)[n])})" for row in rows),
        )
        for n, label in enumerate(titles)
    ]
    return _plot(name, title, bars, legend, ("", *(each for _, each in legend)), table)


def _bar(n: int, label: str, value: str, parts: Iterable[tuple[float, str, str]]) -> Bar:
    segments, x = [], 0.0
    for share, tone, title in parts:
        width = round(max(share, 0.0) * WIDTH, 2)
        if width:
            segments.append(Segment(x=round(x, 2), width=width, tone=tone, title=title))
        x += width
    return Bar(y=n * ROW, label=label, value=value, segments=tuple(segments))


def _plot(
    name: str,
    title: str,
    bars: Sequence[Bar],
    legend: tuple[tuple[str, str], ...],
    head: tuple[str, ...],
    table: Sequence[tuple[str, ...]],
) -> Plot:
    said = "; ".join(f"{bar.label}: {bar.value}" for bar in bars)
    return Plot(
        id=name,
        title=title,
        description=f"Bars. {said}.",
        height=max(len(bars) * ROW, 1),
        bars=tuple(bars),
        legend=legend,
        head=head,
        table=tuple(table),
    )


def _tone(n: int) -> str:
    """The terms that were are grey, each proposal has a colour of its own."""
    return "terms-now" if n == 0 else f"terms-{min(n, SHADES_MAX)}"


def _shade(n: int) -> str:
    return f"reason-{min(n + 1, SHADES_MAX)}"


def _change(was: int, now: int, say: Say) -> str:
    if now == was:
        return "the same"
    sign = "+" if now >= was else "−"
    return f"{sign}{say(abs(now - was))} ({sign}{percent(abs(now - was), was)})"
