"""A household's history over HTTP: what each act changed, filters, and the whole as a file."""

import csv
import json
from io import StringIO

import pytest


def test_an_entry_says_what_it_changed(served):
    """Before and after: here, units of vouchers (issue: history)."""
    home = served.home()
    served.with_vouchers(home)
    assert served.command(home, "book_voucher", {"vehicles": ["AB12CDE"]}).status_code == 200

    entries = served.get(f"stevenage/households/{home.id}/history", home.token).json()["entries"]

    units = next(each for each in entries[-1]["changed"] if each["what"] == "units_left")
    assert (units["before"], units["after"]) == (20, 19)


def test_entries_are_found_by_act_by_whom_and_by_when(served):
    """Filters narrow a page; what matches nothing is an empty page."""
    home = served.home()
    served.with_vouchers(home)
    path = f"stevenage/households/{home.id}/history"
    auditor = served.token("auditor")

    def acts(query: str) -> list[str]:
        return [each["act"] for each in served.get(f"{path}?{query}", auditor).json()["entries"]]

    assert acts("act=paid") == ["paid"]
    assert acts("who=clerk") == ["property_listed", "registered"]
    assert acts("since=2026-11-19T12:00:01Z") == []
    assert acts("until=2026-11-19T12:00:00Z") == []


@pytest.mark.parametrize("role", ["staff", "auditor"])
def test_a_whole_history_is_one_file(served, role):
    """JSON Lines or CSV, with every act, refused attempts where they are asked for."""
    home = served.home()
    assert served.command(home, "book_voucher", {"vehicles": ["AB12CDE"]}).status_code == 422
    served.with_vouchers(home)
    path = f"stevenage/households/{home.id}/history/export"
    token = served.token(role)

    lines = served.get(path, token)
    told = [json.loads(line) for line in lines.text.splitlines()]
    sheet = served.get(f"{path}?format=csv&attempts=true", token)
    rows = list(csv.DictReader(StringIO(sheet.text, newline="")))

    assert lines.headers["content-type"].startswith("application/x-ndjson")
    assert sheet.headers["content-type"].startswith("text/csv")
    assert [each["act"] for each in told][-2:] == ["paid", "issued"]
    assert [row["act"] for row in rows if row["act"] != "attempt_refused"] == [
        each["act"] for each in told
    ]
    assert len(rows) == len(told) + 1


def test_a_file_of_a_history_is_for_staff_and_auditors(served, problem):
    """A resident reads pages of what concerns them; nobody reads one that is not there."""
    home = served.home()
    path = f"stevenage/households/{home.id}/history/export"

    problem(served.get(path, home.token), 403, "not-allowed")
    problem(
        served.get(
            path.replace(home.id, "00000000-0000-0000-0000-000000000000"), served.token("auditor")
        ),
        404,
        "not-found",
    )
    assert served.get(f"{path}?format=xml", served.token("auditor")).status_code == 400
