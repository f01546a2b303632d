"""How every application stands, for those who decide."""

from datetime import date, timedelta

from ledger.events import (
    ApplicationRefused,
    ApplicationSubmitted,
    Line,
    OfferMade,
    PaymentAuthorised,
    ProofUploaded,
)
from ledger.store.pool import open_pool
from projections.waiting import Waiting, counts, offered, to_decide
from tests.projections.facts import AT, LATER, fact, rows

SENT = ApplicationSubmitted(
    application_id="a1",
    number="7",
    resident_id="res",
    lines=(Line(product="visitor", units=1, packs=1, pence=0),),
    pence=0,
    starts_on=date(2026, 11, 19),
    start_chosen=False,
    last_day=date(2027, 11, 18),
    zone="A",
    edition="e/1",
    state="awaiting_proof",
)
PROVED = ProofUploaded(
    document_id="d",
    application_id="a1",
    resident_id="res",
    document_type="utility_bill",
    dated_on=None,
    uploaded_on=date(2026, 11, 19),
    state="awaiting_decision",
    target_on=date(2026, 12, 3),
)
OFFERED = OfferMade(application_id="a1", lapses_at=LATER)
PAID = PaymentAuthorised(
    payment_id="p",
    provider_reference="",
    applications=("a1",),
    shares=(1,),
    pence=1,
    state="issued",
)


def states(*events):
    (row,) = rows(Waiting(), [fact(each, n) for n, each in enumerate(events, 1)])
    return row["state"], row["target_on"], row["lapses_at"]


def test_an_application_waits_from_its_proof_to_its_decision():
    """Its target day is counted from the proof that the decision waited for (X-029)."""
    target = date(2026, 12, 3)

    assert states(SENT) == ("awaiting_proof", None, None)
    assert states(SENT, PROVED) == ("awaiting_decision", target, None)
    assert states(SENT, PROVED, OFFERED) == ("offered", target, LATER)
    assert states(SENT, PROVED, OFFERED, PAID) == ("issued", target, LATER)
    refused = ApplicationRefused(application_id="a1", reason="no")
    assert states(SENT, PROVED, refused)[0] == "refused"


def test_the_longest_overdue_is_first_and_the_figures_say_how_many(database):
    with open_pool(database, 1, "queue") as pool, pool.connection() as connection:
        for name, target, lapses, state in (
            ("late", date(2026, 11, 18), None, "awaiting_decision"),
            ("later", date(2026, 11, 1), None, "awaiting_decision"),
            ("none", None, None, "awaiting_decision"),
            ("today", date(2026, 11, 19), None, "awaiting_decision"),
            ("soon", None, AT + timedelta(days=1), "offered"),
            ("far", None, AT + timedelta(days=30), "offered"),
            ("gone", None, AT, "offered"),
        ):
            connection.execute(
                "insert into gravesham.application_queue values"
                " (%s, gen_random_uuid(), '1', 'r', 'p', %s, %s, %s, %s)",
                (name, state, AT, target, lapses),
            )
        waiting = to_decide(connection, "gravesham", "", 10)
        offers = offered(connection, "gravesham", AT, "", 10)
        figures = counts(
            connection,
            "gravesham",
            today=AT.date(),
            at=AT,
            lapsing_before=AT + timedelta(days=7),
        )

    assert [each.application_id for each in waiting] == ["later", "late", "today", "none"]
    assert [each.application_id for each in offers] == ["soon", "far"]
    assert (figures.waiting, figures.overdue, figures.offered, figures.lapsing) == (4, 2, 2, 1)


def test_a_page_goes_on_after_the_last_one_though_that_was_decided_meanwhile(database):
    """Nothing is passed over or shown twice, with the same target or with none."""
    day = date(2026, 11, 19)
    with open_pool(database, 1, "queue") as pool, pool.connection() as connection:
        connection.execute("delete from gravesham.application_queue")
        for n, target in enumerate((day, day, day, None, None)):
            connection.execute(
                "insert into gravesham.application_queue values"
                " (%s, gen_random_uuid(), '1', 'r', 'p', 'awaiting_decision', %s, %s, null)",
                (f"q{n}", AT, target),
            )
            connection.execute(
                "insert into gravesham.application_queue values"
                " (%s, gen_random_uuid(), '1', 'r', 'p', 'offered', %s, null, %s)",
                (f"o{n}", AT, AT + timedelta(days=1) if target else None),
            )
        seen, seen_offers = [], []
        while page := to_decide(connection, "gravesham", seen[-1] if seen else "", 2):
            seen += [each.application_id for each in page]
            connection.execute(
                "update gravesham.application_queue set state = 'refused'"
                " where application_id = %s",
                (seen[-1],),
            )
        while page := offered(
            connection, "gravesham", AT, seen_offers[-1] if seen_offers else "", 2
        ):
            seen_offers += [each.application_id for each in page]
        anew = to_decide(connection, "gravesham", "no such application", 1)

    assert seen == ["q0", "q1", "q2", "q3", "q4"]
    assert seen_offers == ["o0", "o1", "o2", "o3", "o4"]
    assert [each.application_id for each in anew] == ["q0"]
