"""The report as comma-separated values and as JSON. Money is pence in both."""

import csv
from typing import TextIO

import msgspec

from replay.what_if.report import Report

HEAD = ("measure", "by", "of", "unit", "now")


def write_csv(told: Report, into: TextIO) -> None:
    """One figure a line; a column for the terms that were, and one for each proposal."""
    lines = csv.writer(into, lineterminator="\n")
    lines.writerow([*HEAD, *(each.title for each in told.proposals)])
    for row in told.rows:
        now = "" if row.now is None else row.now
        lines.writerow([row.measure, row.by, row.of, row.unit, now, *row.then])


def json(told: Report) -> bytes:
    """The whole report as one JSON object."""
    return msgspec.json.encode(told) + b"\n"
