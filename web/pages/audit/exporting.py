"""A household's whole history as a file, sent as it is read."""

from typing import Literal

from replay.history import history, in_chunks
from web.pages.audit.household import opened
from web.pages.framework import AUDITOR, Download, Visit, get

_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}


def as_csv(visit: Visit) -> Download:
    """For a spreadsheet."""
    return _file(visit, "csv")


def as_json_lines(visit: Visit) -> Download:
    """For a program: an object a line."""
    return _file(visit, "jsonl")


def _file(visit: Visit, how: Literal["csv", "jsonl"]) -> Download:
    found = opened(visit)
    acts = history(
        visit.council.ledger,
        found.stream,
        time_zone=visit.council.editions.latest.tz,
        attempts=True,
        checks=True,
    )
    return Download(
        content=in_chunks(acts, how), media_type=_TYPES[how], file_name=f"history.{how}"
    )


PAGES = (
    get("/audit/households/{household}/history.csv", AUDITOR, as_csv),
    get("/audit/households/{household}/history.jsonl", AUDITOR, as_json_lines),
)
