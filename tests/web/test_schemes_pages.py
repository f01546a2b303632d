"""The scheme editor's pages: terms in words with their rules, compared, tried out and proposed."""

from time import monotonic, sleep

import pytest

from replay.schemes.sources import Sourced, sources
from tests.web.conftest import NOON
from tests.web.test_audit_pages import signed_in

PERIOD = {
    "from-day": "1", "from-month": "1", "from-year": "2026",
    "to-day": "1", "to-month": "1", "to-year": "2027",
}  # fmt: skip


@pytest.fixture
def editor(served):
    served.at = NOON
    return signed_in(served, "editor")


def done(browser, path, under_way):
    """The page once what was begun is done."""
    deadline = monotonic() + 90
    while under_way in browser.open(path).text and monotonic() < deadline:
        sleep(0.2)
    return browser.said()


def test_a_value_says_where_its_file_has_it_from():
    text = """
id = "a"
[[products]]
id = "day # card"  # R-1
[products.price]
pence = 150        # R-2: "the" price
silent = 1
[flow]
kind = "x"         # R-3
"""
    assert sources(text) == (
        Sourced(part="products", about="day # card", key="id", value='"day # card"', source="R-1"),
        Sourced(
            part="products",
            about="day # card",
            key="price.pence",
            value="150",
            source='R-2: "the" price',
        ),
        Sourced(part="flow", about="", key="kind", value='"x"', source="R-3"),
    )


def test_a_scheme_is_told_in_words_with_the_rule_of_each_value(editor):
    assert "Of other councils" in editor.open("/schemes").text
    editor.open("/schemes/terms")

    assert "This scheme is in force." in editor.said()
    assert "STV-040" in editor.said()
    assert editor.open("/schemes/terms?name=nothing@2020-01-01").status_code == 404


def test_what_differs_between_two_editions_stands_side_by_side(editor):
    old, new = "norwich-existing@2013-10-01", "norwich-2015@2015-01-01"
    editor.open(f"/schemes/compare?old={old}&new={new}")

    assert "What changes" in editor.said()
    assert "No longer there" not in editor.said()
    editor.open(f"/schemes/compare?old={new}&new={new}")
    assert "Select two different editions" in editor.said()


def test_worked_examples_are_told_in_words_and_run_in_a_database_of_their_own(served, editor):
    """Every example of a scheme that has few, run by a process beside the service."""
    name = "winchester@2013-10-01"
    path = f"/schemes/examples?name={name}"
    editor.open(path)
    assert "by the resident" in editor.said()
    auditor = signed_in(served, "auditor")
    assert "Run all" not in auditor.open(path).text
    editor = signed_in(served, "editor")
    editor.open(path)
    editor.send("/schemes/examples")

    said = done(editor, path, "are being run")

    assert "came out as written" in said
    assert "Different" not in said, said


def test_a_proposal_is_told_by_its_report(served, editor):
    """D19: whom it concerns, and what differs."""
    home = served.home()
    served.with_vouchers(home)
    editor.open("/schemes/what-if")
    assert editor.send("/schemes/what-if", **PERIOD).status_code == 422
    assert "Select what is proposed" in editor.said()
    bad = {"file": ("p.toml", b"products.nothing.price.pence = 1", "text/plain")}
    assert editor.send("/schemes/what-if", files=bad, **PERIOD).status_code == 422
    assert editor.open("/schemes/what-if/report").status_code == 404
    editor.open("/schemes/what-if")
    text = b'title = "Half price"\nproducts.virtual-visitor-vouchers.price.pence = 500\n'
    good = {"file": ("p.toml", text, "text/plain")}
    answer = editor.send("/schemes/what-if", files=good, **PERIOD)
    assert answer.status_code == 200, editor.said()

    said = done(editor, "/schemes/what-if", "is being asked again")

    assert "The last report: Half price" in said
    report = editor.open("/schemes/what-if/report")
    assert "<h1>" in report.text
    assert "style-src 'sha256-" in report.headers["content-security-policy"]
    file = editor.open("/schemes/what-if/report.html")
    assert file.headers["content-disposition"] == 'attachment; filename="what-if.html"'


@pytest.mark.parametrize("path", ["/schemes", "/schemes/terms", "/schemes/what-if"])
def test_an_officer_may_see_none_of_it(served, path):
    assert signed_in(served, "officer").open(path).status_code == 403


def test_the_disputes_desk_reads_the_terms_and_changes_nothing(served):
    """A notice is answered under an edition: whoever answers it reads the whole of it."""
    desk = signed_in(served, "dispute")
    edition = served.councils["stevenage"].editions.latest.edition

    assert desk.open("/schemes").status_code == 200
    assert desk.open(f"/schemes/terms?name={edition}").status_code == 200
    assert "Virtual" in desk.said()
    desk.open(f"/schemes/examples?name={edition}")
    assert "Run all" not in desk.page.text
    assert desk.open("/schemes/what-if").status_code == 403
