"""What a bench prints: figures, each against another that was measured in the same run.

Source: design.md section 10.
"""

import os
import platform
from collections.abc import Iterable
from pathlib import Path

import msgspec
from msgspec import Struct


class Figure(Struct, frozen=True, kw_only=True):
    """A value, and the one that it is measured against: `ratio` is ours / theirs, for times too."""

    name: str
    value: float
    unit: str
    against: str | None = None
    against_value: float | None = None
    ratio: float | None = None


class Report(Struct, frozen=True, kw_only=True):
    """Every figure of one run of one bench, and the machine it ran on."""

    bench: str
    machine: str
    figures: tuple[Figure, ...]


def figure(name: str, value: float, unit: str, against: Figure | None) -> Figure:
    """A figure, with its ratio to another one where there is one."""
    if against is None:
        return Figure(name=name, value=_rounded(value), unit=unit)
    return Figure(
        name=name,
        value=_rounded(value),
        unit=unit,
        against=against.name,
        against_value=against.value,
        ratio=round(value / against.value, 3) if against.value else None,
    )


def machine() -> str:
    """The processor, how many of it, and the versions that matter."""
    cores = len(os.sched_getaffinity(0))
    return f"{_processor()}, {cores} cores, {platform.system()}, Python {platform.python_version()}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def in_json(report: Report) -> str:
    return msgspec.json.encode(report).decode()


def in_lines(report: Report) -> Iterable[str]:
    """The same as a table for people."""
    yield f"{report.bench} on {report.machine}"
    for each in report.figures:
        line = f"  {each.name:<24} {each.value:>10,.1f} {each.unit:<11}"
        if each.against is not None and each.ratio is not None:
            line += f" {each.ratio:>7.3f} of {each.against} ({each.against_value:,.1f})"
        yield line


def _rounded(value: float) -> float:
    return round(value, 3) if value < 10 else round(value, 1)
