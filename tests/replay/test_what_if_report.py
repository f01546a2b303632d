"""What is reported of proposed terms: the table, the files, the page, and what is refused.

Source: issue "Replay", item 7.
"""

import csv
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ledger.scheme.loading import built_in
from replay.what_if import page, writing
from replay.what_if.plots import WIDTH, plots
from replay.what_if.proposals import proposal
from replay.what_if.replaying import summed
from replay.what_if.report import Report, report
from scripts.main import main
from scripts.simulating import main as simulate
from tests.databases import Databases
from tests.replay.what_if_home import EXAMPLES, Home, editions, proposing

FILES = [EXAMPLES / f"{name}.toml" for name in ("two-hours", "fifteen-cards", "fifty-pence")]
UNTIL = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def told() -> Report:
    """Two households, three proposals."""
    homes = [Home(1, "CENTRE"), Home(2, "OUTER")]
    for home in homes:
        home.buy("2025-02-01 10:00", "day-scratchcard", 10)
        home.buy("2025-03-01 10:00", "day-scratchcard", 10)
        home.buy("2025-03-01 11:00", "short-stay", months=12)
        home.stay("2025-03-04 10:00", "2025-03-04 13:30")
    base = editions().latest
    asked = proposing(*FILES)
    sums = summed((home.lived for home in homes), asked, lambda read: None)
    proposals = [proposal(file, base, built_in()) for file in FILES]
    begins, ends = (each.date() for each in (asked.begins, asked.ends))
    return report("norwich-2015", base, begins, ends, proposals, sums)


def test_the_report_says_first_that_the_acts_are_accepted_again(told: Report):
    assert told.checked == (
        "Of 18 acts, 18 are accepted again under the terms they had, 18 of them to the very same"
        " facts."
    )


def test_a_figure_is_there_under_the_terms_that_were_and_under_each_proposal(told: Report):
    income = told.one("income")

    assert income.now == 2 * (2000 + 1900)
    assert income.then == (7800, 5800, 6800)
    zones = {row.of: row.then for row in told.of("income", "zone")}
    assert zones == {"City centre": (3900, 2900, 3900), "Outer area": (3900, 2900, 2900)}
    assert told.one("purchases refused").then == (0, 2, 0)
    assert told.one("visits shorter").then == (2, 0, 0)
    assert told.one("minutes lost").then == (180, 0, 0)


def test_the_parts_of_a_figure_add_up_to_it(told: Report):
    """By zone, reduced price, product and reason: each purchase is counted once."""
    for measure in ("income", "purchases refused", "visits lost", "visits shorter"):
        whole = told.one(measure).then
        for by in ("zone", "concession", "product", "reason"):
            rows = told.of(measure, by)
            if rows:
                assert tuple(map(sum, zip(*(row.then for row in rows), strict=True))) == whole


def test_the_csv_has_one_figure_a_line_and_a_column_for_each_proposal(told: Report, tmp_path: Path):
    path = tmp_path / "figures.csv"
    with path.open("w", newline="", encoding="utf-8") as into:
        writing.write_csv(told, into)

    head, first, *rest = csv.reader(path.open(encoding="utf-8"))
    assert head == ["measure", "by", "of", "unit", "now"] + [p.title for p in told.proposals]
    assert first == ["income", "", "", "pence", "7800", "7800", "5800", "6800"]
    assert len(rest) == len(told.rows) - 1


class Seen(HTMLParser):
    """What a page is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))


def test_the_page_needs_nothing_else_and_runs_no_script(told: Report):
    """Self-contained: it can be sent, kept and printed."""
    text = page.html(told)
    seen = Seen()
    seen.feed(text)

    tags = [tag for tag, _ in seen.tags]
    assert not {"script", "link", "img", "iframe", "object"} & set(tags)
    assert not [name for _, given in seen.tags for name in given if name.startswith("on")]
    assert not [given for _, given in seen.tags if "href" in given or "src" in given]
    assert "http" not in text.replace('xmlns="http', "")
    assert "url(" not in text
    assert "@media print" in text


def test_every_plot_has_a_title_a_description_and_a_table_that_says_the_same(told: Report):
    text = page.html(told)

    made = plots(told)
    assert len(made) >= 5
    for plot in made:
        assert f'id="{plot.id}-title"' in text
        assert f'id="{plot.id}-desc"' in text
        assert plot.table
        for bar in plot.bars:
            assert sum(part.width for part in bar.segments) <= WIDTH + 0.05
            assert bar.value in plot.description
    assert text.count("<svg") == len(made)
    assert len(re.findall(r"<table>", text)) >= len(made)


def test_words_from_a_file_are_text_on_the_page_and_never_markup(tmp_path: Path):
    """A title is whatever somebody wrote."""
    path = tmp_path / "odd.toml"
    path.write_text('title = "<script>alert(1)</script>"\nproducts.short-stay.pack.max = 1\n')
    base, asked = editions().latest, proposing(path)
    home = Home()
    home.buy("2025-02-01 10:00", "day-scratchcard", 10)
    sums = summed([home.lived], asked, lambda read: None)
    made = [proposal(path, base, built_in())]
    told = report("x", base, asked.begins.date(), asked.ends.date(), made, sums)

    assert "<script>" not in page.html(told)
    assert "&lt;script&gt;" in page.html(told)


# The command.


@pytest.fixture(scope="module")
def town(databases: Databases) -> Iterator[str]:
    """The DSN of a database with a simulated council, for all tests that only read it."""
    with databases.clone() as dsn:
        assert simulate("norwich-2015", 4, 1.0, 5, dsn, quiet=True, until=UNTIL) == 0
        yield dsn


@pytest.fixture
def simulated(town: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DATABASE_URL", town)
    return town


def asked(*arguments: str, council: str = "norwich", begins: str = "2025-11-01") -> int:
    to = ("--from", begins, "--to", "2026-11-01", "--quiet")
    return main(["what-if", "--council", council, *to, *arguments])


def test_the_command_writes_the_same_report_as_json_csv_and_a_page(
    simulated: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """Several proposals in one report, of a simulated council; nothing differs."""
    schemes = [part for file in FILES for part in ("--scheme", str(file))]
    files = ("--csv", str(tmp_path / "r.csv"), "--html", str(tmp_path / "r.html"))

    assert asked(*schemes, *files, "--json") == 0

    told = json.loads(capsys.readouterr().out)
    assert told["check"]["acts"] == told["check"]["same"] == told["check"]["exact"] > 50
    assert told["check"]["attempts"] == told["check"]["refused"]
    assert [each["title"] for each in told["proposals"]] == [
        "2 hours",
        "15 cards",
        "50p outside the centre",
    ]
    assert (tmp_path / "r.csv").read_text().count("\n") == len(told["rows"]) + 1
    assert "2 hours" in (tmp_path / "r.html").read_text()


def test_the_command_prints_a_table_and_what_is_taken_for_granted(
    simulated: str, capsys: pytest.CaptureFixture[str]
):
    assert asked("--scheme", "norwich-2014-july") == 0

    out = capsys.readouterr().out
    assert "accepted again" in out
    assert "income" in out
    assert "Behaviour is held fixed" in out


@pytest.mark.parametrize(
    ("arguments", "begins", "status", "said"),
    [
        (("--scheme", str(FILES[0])), "2026-11-01", 2, "the period is empty"),
        (("--scheme", str(FILES[0])), "2027-01-01", 2, "the period is empty"),
        (("--scheme", str(FILES[0])), "yesterday", 2, "--from is a date YYYY-MM-DD"),
        (("--scheme", "no-such.toml"), "2025-11-01", 2, "No such file"),
        (("--scheme", "no-such"), "2025-11-01", 1, "no-such"),
        ((), "2025-11-01", 2, "--scheme"),
        (("--scheme", str(FILES[0])) * 2, "2025-11-01", 2, "2 proposals are called 2 hours"),
        (("--scheme", str(FILES[0]), "--html", "/no/such/folder/x"), "2025-11-01", 2, "No such"),
    ],
)
def test_what_is_asked_for_wrongly_is_said_in_one_line(
    simulated: str,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    begins: str,
    status: int,
    said: str,
):
    assert asked(*arguments, begins=begins) == status
    assert said in " ".join(capsys.readouterr().err.split())


def test_a_proposal_with_faults_ends_as_the_check_of_a_scheme_does(
    simulated: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """Every fault on a line of its own, and how many."""
    path = tmp_path / "bad.toml"
    path.write_text("products.short-stay.pack.max = -1\nproducts.none.pack.max = 1\n")

    assert asked("--scheme", str(path)) == 2

    error = capsys.readouterr().err
    assert "products.short-stay.pack.max" in error
    assert 'no entry "none"' in error
    *faults, last = error.splitlines()
    assert last == f"{path}: not valid, {len(faults)} faults"
    assert all(fault.startswith("bad.toml: ") for fault in faults)


def test_a_council_without_a_live_scheme_and_one_without_events_are_told_apart(
    simulated: str, capsys: pytest.CaptureFixture[str]
):
    assert asked("--scheme", str(FILES[0]), council="atlantis") == 1
    assert "atlantis" in capsys.readouterr().err
    assert asked("--scheme", "gravesham", council="gravesham") == 1
    assert "nobody did anything" in capsys.readouterr().err
