"""Suspected misuse is listed from what officers saw, and a decision closes the case."""

from datetime import date

from commands.apply_for_permit import ApplyForPermit
from commands.enrol_resident import EnrolResident
from commands.list_property import ListProperty
from commands.observe_permit import ObservePermit
from commands.pay_for_applications import PayForApplications
from commands.take_misuse_step import TakeMisuseStep
from commands.upload_proof import UploadProof
from ledger.events import Actor
from projections.misuse import Suspected, listed
from projections.registry import CATCHING_UP
from replay.rebuild import compare
from tests.given import editions_of
from tests.replay.town import STAFF, Town, town

NORWICH = "norwich-2015"
OFFICER = Actor("officer", "o")
SCHEME = editions_of(NORWICH, {"misuse.days_over": 2}).latest


def settled(made: Town, product: str, **asked: int) -> str:
    """A household with a holding of the product."""
    made.council.migrate()
    made.at("2026-11-20 10:00")
    made.do(ListProperty(property_ref="home", zone="CENTRE"), by=STAFF)
    enrolled = made.do(EnrolResident(born_on=date(1980, 1, 1)), by=STAFF)
    made.resident = Actor("resident", str(enrolled["resident"]))
    applied = made.do(ApplyForPermit(product=product, **asked))
    application = str(applied["application"])
    made.do(
        UploadProof(application=application, document="bank_statement", dated=date(2026, 11, 1))
    )
    paid = made.do(PayForApplications(applications=(application,), result="authorised"))
    return str(paid["holdings"][0])


def seen(made: Town, holding: str, *times: str, vehicle: str = "AB12CDE") -> None:
    for at in times:
        made.at(at)
        made.do(ObservePermit(holding=holding, vehicle=vehicle, note_only=True), by=OFFICER)


def report(made: Town) -> list[Suspected]:
    made.catch_up()
    with made.council.pool.connection() as connection:
        return listed(connection, made.council.schema, SCHEME)


def test_a_permit_is_listed_on_the_day_after_which_it_was_seen_too_often(database: str):
    """A-200, X-096: twice a day on more than two days; once a day counts for nothing."""
    with town(database, NORWICH) as made:
        permit = settled(made, "short-stay", months=12)
        seen(made, permit, "2026-11-23 09:00", "2026-11-23 15:00", "2026-11-24 09:00")
        seen(made, permit, "2026-11-24 15:00", "2026-11-25 09:00", "2026-11-26 09:00")
        assert report(made) == []

        seen(made, permit, "2026-11-26 15:00", vehicle="FG34HJK")
        (suspected,) = report(made)
        assert (suspected.holding_id, suspected.days) == (permit, 3)
        assert (suspected.first_on, suspected.last_on) == (date(2026, 11, 23), date(2026, 11, 26))
        assert suspected.marks == ["AB12CDE", "FG34HJK"]
        assert suspected.last_step is None
        assert compare(made.council.ledger, CATCHING_UP) == []


def test_a_decision_closes_the_case_and_only_what_is_seen_later_opens_another(database: str):
    """NOR-155: the letter and the reply leave it on the list."""
    with town(database, NORWICH) as made:
        permit = settled(made, "short-stay", months=12)
        for day in (23, 24, 25):
            seen(made, permit, f"2026-11-{day} 09:00", f"2026-11-{day} 15:00")
        for step, text in (("letter", "Please explain."), ("reply", "My carer.")):
            made.do(TakeMisuseStep(holding=permit, step=step, text=text), by=STAFF)  # type: ignore[arg-type]
            (suspected,) = report(made)
            assert suspected.last_step == step
        made.do(TakeMisuseStep(holding=permit, step="decide", text="Accepted."), by=STAFF)
        assert report(made) == []

        for day in (26, 27, 28):
            assert report(made) == []
            seen(made, permit, f"2026-11-{day} 09:00", f"2026-11-{day} 15:00")
        (again,) = report(made)
        assert (again.days, again.first_on) == (3, date(2026, 11, 26))
        assert again.last_step is None
        assert compare(made.council.ledger, CATCHING_UP) == []


def test_cards_are_never_listed(database: str):
    """NOR-048: each is paid for, and whoever displays one is taken to be a visitor."""
    with town(database, NORWICH) as made:
        cards = settled(made, "day-scratchcard", quantity=10)
        for day in (23, 24, 25):
            seen(made, cards, f"2026-11-{day} 09:00", f"2026-11-{day} 15:00")
        assert report(made) == []


def test_a_scheme_without_terms_lists_nothing(database: str):
    with town(database) as made, made.council.pool.connection() as connection:
        assert listed(connection, made.council.schema, editions_of("stevenage").latest) == []
