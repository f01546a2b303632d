"""A node answers from memory what the ledger answers, or says that it does not know."""

from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from time import monotonic, sleep

import msgspec
import psycopg
import pytest
from msgspec import structs

from commands.book_voucher import BookVoucher
from commands.cancel_booking import CancelBooking
from projections.enforcement import CheckAnswer, Question
from services.identity.tokens import digest_of, make_token, revoke_token
from services.node.answering import KnowledgeTooOld, Node, NodeAnswer, NodeRequest
from services.node.following import Follower
from services.node.journal import Journal
from services.node.table import REMEMBERED
from tests.replay.town import DAYS, ZONES, town

MARKS = (
    *("G885WFE", "G885WFF", "AB12CDE", "A812CDE", "BD51SMR", "LX70ABC", "CD34EFG", "XY12ZZZ"),
    *("AA11AAA", "AAIIAAA", "BB22BBB", "CC33CCC", "AB10CDE", "CD17EFG", "FG34HJK", "1-ABC-234"),
)
OWN = {"known_at", "seen", "receipt"}


class Asking:
    """A node of a town's council, looking when it is told to."""

    def __init__(self, town, database, folder, dsn="", age_limit=5.0):
        council = town.council
        self.town = town
        self.follower = Follower(council.id, council.schema, dsn or database, lambda: town.now)
        self.node = Node(
            self.follower,
            council.editions,
            Journal(Path(folder) / "journal"),
            age_limit,
            lambda: town.now,
        )

    def catch_up(self):
        """Look until every fact that is stored now is known, whoever holds readers back."""
        with self.town.council.pool.connection() as connection:
            (end,) = connection.execute(
                "select coalesce(max(notification_id), 0)"
                f" from {self.town.council.schema}.stored_events"
            ).fetchone()
        return self.until(lambda: self.follower.known and self.follower.known.position >= end)

    def until(self, reached):
        deadline = monotonic() + 30
        while monotonic() < deadline:
            self.follower.look()
            if reached():
                return self
            sleep(0.01)
        raise AssertionError("the node did not catch up")

    def says(self, typed, zone="OT", bay=""):
        question = Question(typed=typed, zone=zone, at=None, known_at=None, bay=bay)
        request = NodeRequest(questions=(question,), officer="lee", device="camera 3")
        (shown,) = self.node.check_at_once(request)
        return shown

    def close(self):
        self.follower.hang_up()
        self.node.journal.close()


@pytest.fixture
def asking(database, tmp_path):
    opened = []

    def made(town, **settings):
        opened.append(Asking(town, database, tmp_path / str(len(opened)), **settings))
        return opened[-1]

    yield made
    for each in opened:
        each.close()


def plain(answer):
    """An answer as the ledger's own, without what a node and a receipt have of their own."""
    values = structs.asdict(answer)
    return {name: values[name] for name in CheckAnswer.__struct_fields__ if name not in OWN}


def forgotten(answer, now):
    """True of a right that ended before what a node remembers."""
    return answer.reason == "ended" and answer.right.covers_until <= now - REMEMBERED


def zones(council):
    """The zone that the town lives in, and another where there is one."""
    own = ZONES[council.id]
    return [own, *(zone.id for zone in council.editions.latest.zones if zone.id != own)][:2]


def same_answers(asked, marks=MARKS, bays=("",)):
    """The number of questions to which the node and the ledger say the same."""
    council = asked.town.council
    compared = 0
    for zone in zones(council):
        for typed in marks:
            for bay in bays:
                ours = asked.says(typed, zone, bay).answer
                theirs = council.check(
                    typed=typed,
                    zone=zone,
                    at=None,
                    known_at=None,
                    bay=bay,
                    officer="kim",
                    device="",
                )
                if forgotten(theirs, asked.town.now):
                    assert (ours.covered, ours.reason) == (False, "no_right")
                    continue
                assert plain(ours) == plain(theirs), (typed, zone)
                compared += 1
    return compared


@pytest.mark.parametrize("council", ["stevenage", "gravesham", "hampshire"])
def test_a_node_says_what_the_ledger_says_after_each_command(database, asking, council):
    """One place of judgement, two places of rows (services.md, 8 b)."""
    with town(database, council) as each:
        asked = asking(each).catch_up()
        covered = 0
        for _ in DAYS[council](each):
            asked.catch_up().follower.table.forget(each.now)
            assert same_answers(asked)
            covered += any(
                asked.says(mark, zone).answer.covered
                for mark in MARKS
                for zone in zones(each.council)
            )
        assert covered > 3
        # And a node that begins now holds the same as one that followed from the start.
        later = asking(each).catch_up()
        assert same_answers(later, bays=("", "suspended"))
        assert later.node.follower.known.position >= asked.node.follower.known.position - 1


def home(each):
    each.at("2026-11-19 10:00").move_in()
    each.buy("virtual-visitor-vouchers")


def booked(each, mark, start="now"):
    return each.do(BookVoucher(vehicles=(mark,), start=start))["bookings"][0]


def test_an_answer_tells_where_it_is_from(database, asking):
    with town(database) as each:
        home(each)
        asked = asking(each).catch_up()
        booked(each, "AB12CDE")
        asked.catch_up()

        shown = asked.says("ab12 cde")

    answer = msgspec.json.decode(shown.text, type=NodeAnswer)
    known = asked.follower.known
    assert (answer.covered, answer.match, answer.receipt) == (True, "exact", None)
    assert (answer.node, answer.number) == (asked.node.journal.node, 1)
    assert answer.position == known.position == answer.seen.low - 1 == answer.seen.high - 1
    assert answer.at - answer.known_at == pytest.approx(
        timedelta(seconds=answer.age_seconds), abs=timedelta(milliseconds=1)
    )


def test_knowledge_older_than_the_limit_answers_nothing(database, asking):
    """Unknown is never "no permit" (promise P18)."""
    with town(database) as each:
        home(each)
        asked = asking(each, age_limit=0.2)
        with pytest.raises(KnowledgeTooOld, match="nothing is known yet"):
            asked.says("AB12CDE")
        asked.catch_up().until(lambda: asked.node.age() < 0.2)
        assert asked.says("AB12CDE").answer.reason == "no_right"
        sleep(0.25)

        with pytest.raises(KnowledgeTooOld, match=r"at most 0\.2"):
            asked.says("AB12CDE")


def test_what_an_older_transaction_holds_back_is_not_known(database, asking):
    """A reader takes positions below its snapshot's xmin; a look that saw more is not all known."""
    with town(database) as each:
        home(each)
        asked = asking(each).catch_up()
        with psycopg.connect(database) as older:
            older.execute("select pg_current_xact_id()")
            booked(each, "AB12CDE")
            before = asked.follower.known.known_at
            for _ in range(3):
                asked.follower.look()

            assert asked.says("AB12CDE").answer.reason == "no_right"
            assert asked.follower.known.known_at == before
        asked.catch_up()

        assert asked.says("AB12CDE").answer.covered


def test_a_first_snapshot_that_holds_more_than_may_be_read_is_not_answered_from(database, asking):
    """A booking and its cancellation above the snapshot's xmin: both come again before it is."""
    with town(database) as each:
        home(each)
        with psycopg.connect(database) as older:
            older.execute("select pg_current_xact_id()")
            booking = booked(each, "AB12CDE", "2026-11-20 20:20")
            each.do(CancelBooking(booking=booking))
            asked = asking(each)
            asked.follower.look()
            with pytest.raises(KnowledgeTooOld):
                asked.says("AB12CDE")
        asked.catch_up()

        assert same_answers(asked, ("AB12CDE",))
        assert asked.says("AB12CDE").answer.reason == "no_right"


def test_what_ended_long_ago_is_forgotten_and_nothing_else(database, asking):
    with town(database) as each:
        home(each)
        booked(each, "AB12CDE")
        each.at("2026-11-21 10:00")
        asked = asking(each).catch_up()
        assert asked.says("AB12CDE").answer.reason == "ended"
        held = len(asked.follower.table)

        assert asked.follower.table.forget(each.now) == 0
        assert asked.follower.table.forget(each.now + REMEMBERED) == 1
        assert len(asked.follower.table) == held - 1
        assert asked.says("AB12CDE").answer.reason == "no_right"


def test_a_zone_that_there_is_not_and_a_mark_that_is_none_are_refused(database, asking):
    with town(database) as each:
        home(each)
        asked = asking(each).catch_up()

        assert asked.says("AB12CDE", "ZZ").refused.code == "eligibility.zone"
        assert asked.says("?").refused.code == "vehicle.mark_invalid"
        assert asked.node.journal.number == 0, "nothing was answered"


def test_a_revoked_token_is_as_old_as_other_knowledge_at_most(database, asking):
    with town(database) as each:
        schema = each.council.schema
        with each.council.pool.connection() as connection:
            secret = make_token(connection, schema, "officer", "lee")
            asked = asking(each).catch_up()
            assert asked.node.admitted(digest_of(secret)).name == "lee"
            revoke_token(connection, schema, digest_of(secret).hex()[:12])
        sleep(1.0)
        asked.catch_up()

        assert asked.node.admitted(digest_of(secret)) is None


def test_the_answer_that_is_sent_is_on_disk_with_its_digest(database, asking):
    with town(database) as each:
        home(each)
        asked = asking(each).catch_up()

        shown = asked.says("AB12CDE")

        (file,) = asked.node.journal.folder.glob("*.jsonl")
        entry = msgspec.json.decode(file.read_bytes())["entry"]
        assert entry["answer"].encode() == shown.text
        assert entry["digest"] == sha256(shown.text).hexdigest()
        assert (entry["officer"], entry["device"]) == ("lee", "camera 3")
