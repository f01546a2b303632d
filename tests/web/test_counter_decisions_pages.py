"""Decisions at the counter: a queue that is paged, and what the resident hears of a proof."""

from tests.web.test_counter_deeds_pages import with_proof
from tests.web.test_counter_pages import Counter


def test_a_long_queue_is_shown_a_page_at_a_time_with_its_count(served, monkeypatch):
    """Every application is on one page and on no other, late ones first (X-029)."""
    monkeypatch.setattr("web.pages.counter.deciding.A_PAGE", 2)
    counter = Counter(served, "gravesham")
    ours = {with_proof(served, counter, served.home("gravesham"))[0] for _ in range(3)}
    counter.staff()

    seen: list[str] = []
    path = "/staff/decisions"
    while path:
        counter.open(path)
        assert "To decide (" in counter.said()
        entries = counter.page.text.partition('id="offers"')[0].split('class="entry"')[1:]
        assert len(entries) <= 2
        seen += [each.partition("/applications/")[2].partition('"')[0] for each in entries]
        after = counter.page.text.partition("decisions?after=")[2].partition('"')[0]
        path = f"/staff/decisions?after={after}" if after else ""

    assert ours <= set(seen)
    assert len(seen) == len(set(seen))
    total = int(counter.said().partition("To decide (")[2].partition(")")[0].partition(",")[0])
    assert total == len(seen)
    assert "Back to the first page" in counter.said()
    assert "To decide (" in counter.open("/staff/decisions?after=nonsense").text
