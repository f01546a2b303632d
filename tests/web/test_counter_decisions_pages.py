"""Decisions at the counter: a queue that is paged, and what the resident hears of a proof."""

from tests.web.test_counter_deeds_pages import with_proof
from tests.web.test_counter_pages import Counter, household


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


def test_the_resident_is_told_that_another_proof_is_needed(served):
    """In their account with the reason, and by one message without it, sent once (X-028)."""
    counter, home = Counter(served, "gravesham"), served.home("gravesham")
    application, document = with_proof(served, counter, home)
    here = household(home, f"/applications/{application}")
    why = {f"why-{document}": "It is older than three months."}
    counter.staff()
    sent = len(served.outbox.messages())

    counter.open(here)
    counter.send(f"{here}/proofs/{document}", serves="no", **why)

    assert "and is told so by e-mail" in counter.said()
    (message,) = served.outbox.messages()[sent:]
    assert (message.to, message.by_way_of) == (home.email, "email")
    assert "We need another proof" in message.body
    assert "three months" not in message.body
    counter.open(here)
    counter.send(f"{here}/proofs/{document}", serves="no", **why)
    assert "noted already" in counter.said()
    assert len(served.outbox.messages()) == sent + 1

    counter.sign_in(home.id, home.resident, served.at)
    counter.open("")
    assert "Send another proof for" in counter.said()
    counter.open("/applications")
    assert "Another proof is needed" in counter.said()
    counter.open(f"/applications/{application}")
    assert "It is older than three months." in counter.said()
    assert "Next, send another proof." in counter.said()
    assert "You need do nothing now" not in counter.said()


def test_a_message_that_cannot_be_sent_loses_nothing(served, monkeypatch):
    """What staff found is kept, and they are told that the resident was not reached."""
    counter, home = Counter(served, "gravesham"), served.home("gravesham")
    application, document = with_proof(served, counter, home)
    here = household(home, f"/applications/{application}")
    counter.staff()
    monkeypatch.setattr(served.outbox, "path", served.outbox.path.parent / "nowhere" / "outbox")

    counter.open(here)
    counter.send(f"{here}/proofs/{document}", serves="no", **{f"why-{document}": "It is torn."})

    assert "could not be sent" in counter.said()
    assert "It is torn." in counter.said()
