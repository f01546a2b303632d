"""The report as one page that needs nothing else: no script, no font, no picture from elsewhere."""

from collections.abc import Sequence
from functools import cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from msgspec import Struct

from replay.schemes.words import spoken
from replay.what_if.plots import BAR, WIDTH, count, percent, plots, pounds
from replay.what_if.report import Count, Report
from replay.wording import day

TABLES: Final = (
    ("income", "concession", "Income by reduced price"),
    ("units sold", "product and zone", "Units sold by product and zone"),
    ("purchases refused", "zone", "Purchases refused by zone"),
    ("purchases refused", "concession", "Purchases refused by reduced price"),
    ("purchases refused", "product", "Purchases refused by product"),
    ("visits lost", "reason", "Visits lost, by reason"),
    ("visits lost", "zone", "Visits lost by zone"),
    ("visits shorter", "zone", "Visits that are shorter, by zone"),
    ("households affected", "zone", "Households affected by zone"),
    ("households", "what they pay", "Households, by what they would pay"),
    ("refused then, sold now", "product", "Refused then, and sold under the proposal"),
    ("other acts refused", "act", "Other acts that would be refused"),
)
"""Figures that have a table and no plot: measure, by what, heading."""


class Key(Struct, frozen=True, kw_only=True):
    """One of a proposal's chief figures."""

    label: str
    value: str
    note: str


class Table(Struct, frozen=True, kw_only=True):
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def html(told: Report) -> str:
    """The whole page."""
    return _template().render(
        told=told,
        begins=day(told.begins),
        ends=day(told.ends),
        proposals=[(each, _keys(told, n), n + 1) for n, each in enumerate(told.proposals)],
        plots=plots(told),
        tables=_tables(told),
        width=WIDTH,
        bar=BAR,
        differing=[
            (each.household_id, str(each.version), spoken(each.command), each.now)
            for each in told.check.differing
        ],
        counted=_counted,
    )


def _counted(counts: Sequence[Count]) -> list[tuple[str, str]]:
    return [(spoken(each.of), count(each.number)) for each in counts]


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("replay.what_if", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["count"] = count
    return environment.get_template("page.html")


def _keys(told: Report, n: int) -> tuple[Key, ...]:
    """What a member of the committee asks first."""
    income = told.one("income")
    was, now = income.now or 0, income.then[n]
    sign = "+" if now >= was else "−"
    households = told.one("households").then[n]
    affected = told.one("households affected").then[n]
    made, visits = told.one("purchases made").then[n], told.one("visits made").then[n]
    refused, lost = told.one("purchases refused").then[n], told.one("visits lost").then[n]
    shorter, minutes = told.one("visits shorter").then[n], told.one("minutes lost").then[n]
    return (
        Key(
            label="Income",
            value=f"{sign}{pounds(abs(now - was))}" if now != was else "the same",
            note=f"{pounds(was)} becomes {pounds(now)} ({sign}{percent(abs(now - was), was)})"
            if now != was
            else pounds(now),
        ),
        Key(
            label="Households affected",
            value=count(affected),
            note=f"{percent(affected, households)} of {count(households)}",
        ),
        Key(
            label="Purchases refused",
            value=count(refused),
            note=f"{percent(refused, made)} of {count(made)}",
        ),
        Key(
            label="Visits lost",
            value=count(lost),
            note=f"{percent(lost, visits)} of {count(visits)}",
        ),
        Key(
            label="Visits cut short",
            value=count(shorter),
            note=f"{percent(shorter, visits)} of {count(visits)}"
            + (f", by {minutes // shorter} minutes on average" if shorter else ""),
        ),
    )


def _tables(told: Report) -> list[Table]:
    titles = [each.title for each in told.proposals]
    found = []
    for measure, by, heading in TABLES:
        rows = told.of(measure, by)
        if not rows:
            continue
        has_now = rows[0].now is not None
        found.append(
            Table(
                title=heading,
                head=("", *(["now"] if has_now else []), *titles),
                rows=tuple(
                    (row.of, *(_said(row.unit, v) for v in ((row.now,) * has_now + row.then)))
                    for row in rows
                ),
            )
        )
    return found


def _said(unit: str, value: int | None) -> str:
    return pounds(value or 0) if unit == "pence" else count(value or 0)
