"""A dispute begins, in time or late, and the law's clock with it."""

from datetime import date

import msgspec
import pytest

from commands.cancel_notice import CancelNotice
from commands.open_case import OpenCase
from ledger.events import CaseOpened
from tests.commands.desk import FORMAL, NOTICE, noted, opened
from tests.given import done, given

AT = "2027-02-10 09:00"
INFORMAL = OpenCase(kind="informal", reference="CH/26-1", received_on=date(2026, 11, 20))


def test_formal_representations_start_the_clock_of_the_decision():
    """28 days beginning with service, 56 beginning with receipt (SI 2022/576 regs 5, 6)."""
    noted().when(FORMAL, at="2027-01-11 09:00", by="staff", ids=("c",)).then(
        CaseOpened(
            case_id="c",
            kind="formal",
            reference="REP/26-17",
            received_on=date(2027, 1, 10),
            in_time=True,
            served_on=date(2027, 1, 1),
            received_until=date(2027, 1, 28),
            decide_until=date(2027, 3, 6),
        )
    )


@pytest.mark.parametrize(("day", "in_time"), [(27, True), (28, True), (29, False)])
def test_the_last_day_is_in_time_and_the_day_after_is_late(day: int, in_time: bool):
    received = msgspec.structs.replace(FORMAL, received_on=date(2027, 1, day))
    noted().when(received, at=AT, by="staff").then_answers(
        in_time=in_time, received_until="2027-01-28"
    )


def test_a_notice_to_owner_that_was_posted_is_served_two_working_days_later():
    posted = msgspec.structs.replace(FORMAL, served_on=None, posted_on=date(2026, 12, 23))
    noted().when(posted, at=AT, by="staff").then_answers(received_until="2027-01-25")


def test_an_informal_challenge_has_no_clock_in_law():
    noted().when(INFORMAL, at="2026-11-21 09:00", by="staff").then_answers(
        in_time=True, received_until=None, decide_until=None
    )


def changed(**values: object) -> OpenCase:
    return msgspec.structs.replace(FORMAL, **values)


@pytest.mark.parametrize(
    ("case", "codes"),
    [
        (changed(served_on=None), ("case.service_missing",)),
        (changed(posted_on=date(2027, 1, 1)), ("case.service_missing",)),
        (
            msgspec.structs.replace(INFORMAL, served_on=date(2026, 11, 19)),
            ("case.service_missing",),
        ),
        (changed(received_on=date(2027, 2, 11)), ("case.dated_in_future",)),
        (changed(received_on=date(2027, 2, 10)), ()),
        (changed(served_on=date(2026, 11, 18)), ("case.before_notice",)),
        (changed(served_on=date(2026, 11, 19)), ()),
        (changed(served_on=date(2027, 1, 11)), ("case.before_notice",)),
        (changed(received_on=date(9999, 12, 31)), ("case.dated_in_future",)),
    ],
)
def test_dates_that_cannot_be_are_refused(case: OpenCase, codes: tuple[str, ...]):
    outcome = noted().when(case, at=AT, by="staff")
    outcome.then_refused(*codes) if codes else outcome.then_accepted()


def test_one_case_of_a_kind_is_open_at_a_time():
    noted(opened()).when(FORMAL, at=AT, by="staff").then_refused("case.open_already")
    noted(opened()).when(INFORMAL, at=AT, by="staff").then_accepted()


def test_a_withdrawn_notice_is_disputed_no_more():
    gone = CancelNotice(reason_code="goodwill", reason="x")
    noted(done(gone, by="staff", key="x")).when(INFORMAL, at=AT, by="staff").then_refused(
        "notice.cancelled"
    )
    given().when(INFORMAL, at=AT, by="staff").then_not_found("notice")


@pytest.mark.parametrize("reference", ["", "Mr Smith", "a@b", "x" * 41])
def test_a_reference_has_no_room_for_a_person(reference: str):
    body = {**msgspec.to_builtins(FORMAL), "reference": reference}
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(body), type=OpenCase)


def test_formal_representations_are_not_taken_where_another_countrys_law_holds():
    """Edinburgh is in Scotland, and SI 2022/576 is the law of England: no clock is invented."""
    note = done(NOTICE, at="2026-11-19 12:10", by="staff", key="n")

    given(note, scheme="edinburgh").when(FORMAL, at="2027-01-11 09:00", by="staff").then_refused(
        "case.law_elsewhere"
    )
    given(note, scheme="edinburgh").when(
        INFORMAL, at="2027-01-11 09:00", by="staff", ids=("c",)
    ).then(
        CaseOpened(
            case_id="c",
            kind="informal",
            reference="CH/26-1",
            received_on=date(2026, 11, 20),
            in_time=True,
        )
    )
