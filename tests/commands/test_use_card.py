"""Paper vouchers: dated or timed by hand, one for a vehicle and date."""

from datetime import date, timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from commands.move_out import MoveOut
from commands.observe_permit import ObservePermit
from commands.surrender_holding import SurrenderHolding
from commands.use_card import UseCard
from ledger.calendar import parse_local
from ledger.events import CardUsed, Cover
from tests.given import Happening, Outcome, bought, done, editions_of, given, home, new_edition

NORWICH = "norwich-2015"
WINDSOR = "windsor-maidenhead"
TZ = editions_of(NORWICH).latest.tz


def cards(units: int = 10, at: str = "2026-11-19 10:00", name: str = "lot") -> Happening:
    return bought("day-scratchcard", units=units, at=at, name=name)


def hours(product: str, at: str = "2026-11-20 09:00", name: str = "lot") -> Happening:
    return bought(product, units=5, at=at, name=name)


def dated(day: str, vehicle: str = "AB12CDE") -> UseCard:
    return UseCard(product="day-scratchcard", vehicle=vehicle, on=date.fromisoformat(day))


def local(outcome: Outcome, name: str) -> str:
    """An instant of the answer, in local time."""
    assert outcome.error is None, outcome.error
    return f"{parse_local(str(outcome.answer[name]), TZ).astimezone(TZ):%Y-%m-%d %H:%M}"


def test_a_card_covers_its_date_and_the_morning_after_until_ten() -> None:
    """NOR-086, NOR-087, X-068 to X-070: from 00:00 of its date to 10:00 of the next, exclusive."""
    used = given(cards(), scheme=NORWICH).when(dated("2026-11-20"), ids=("c1",))

    used.then(
        CardUsed(
            card_id="c1",
            holding_id="lot",
            product="day-scratchcard",
            edition=used.story.editions.latest.edition,
            used_on=date(2026, 11, 20),
            units=1,
            covers=(
                Cover(
                    cover_id="c1",
                    kind="card",
                    holding_id="lot",
                    product="day-scratchcard",
                    typed="AB12CDE",
                    shown="AB12CDE",
                    glyphs="AB12CDE",
                    zone="CENTRE",
                    covers_from=parse_local("2026-11-20 00:00", TZ),
                    covers_until=parse_local("2026-11-21 10:00", TZ),
                ),
            ),
            resident_id="res",
        )
    )
    used.then_answers(remaining=9)


def test_cards_of_following_days_cover_one_vehicle_without_a_gap() -> None:
    """NOR-152, A-141."""
    past = given(cards(), done(dated("2026-11-20")), scheme=NORWICH)
    assert local(past.when(dated("2026-11-21")), "until") == "2026-11-22 10:00"


def test_a_second_card_of_one_vehicle_and_date_is_refused() -> None:
    """X-073; AB0 and ABO are one plate (X-101)."""
    past = given(cards(), done(dated("2026-11-20", "AB01 CDE")), scheme=NORWICH)
    past.when(dated("2026-11-20", "ABO1CDE")).then_refused("booking.duplicate")


def test_cards_that_were_given_up_are_not_drawn_on_while_others_are_held() -> None:
    """A card of what is over covers nobody: the lot that goes on is drawn on (X-018, X-055)."""
    (
        given(
            cards(at="2026-11-18 10:00", name="first"),
            cards(at="2026-11-19 10:00", name="second"),
            done(SurrenderHolding(holding="first"), at="2026-11-20 08:00"),
            scheme=NORWICH,
        )
        .when(dated("2026-11-20"), at="2026-11-20 08:00")
        .then_answers(remaining=9, until="2026-11-21T10:00:00+00:00")
    )


def test_two_visitors_on_one_day_use_two_cards() -> None:
    """NOR-104, NOR-151, A-143."""
    past = given(cards(), done(dated("2026-11-20")), scheme=NORWICH)
    past.when(dated("2026-11-20", "FG34HJK")).then_answers(remaining=8)


def test_a_card_may_bear_the_last_day_and_its_tail_outlasts_the_holding() -> None:
    """X-071: bought on 2026-11-19, the last day is 2027-11-18."""
    used = given(cards(), scheme=NORWICH).when(dated("2027-11-18"), at="2027-11-18 12:00")
    assert local(used, "until") == "2027-11-19 10:00"


@pytest.mark.parametrize(("day", "at"), [("2027-11-19", "2027-11-18 12:00")])
def test_a_card_may_not_bear_a_day_after_the_last(day: str, at: str) -> None:
    """NOR-150."""
    past = given(cards(), scheme=NORWICH)
    past.when(dated(day), at=at).then_refused("card.date_outside_holding")


def test_an_expired_holding_has_no_cards() -> None:
    past = given(cards(), scheme=NORWICH)
    past.when(dated("2027-11-19"), at="2027-11-19 00:00").then_refused(
        "booking.no_units", "card.date_outside_holding"
    )


def test_a_card_bears_the_day_it_was_bought_from_its_midnight() -> None:
    """X-070: not from the scratching."""
    used = given(cards(), scheme=NORWICH).when(dated("2026-11-19"))
    assert local(used, "from") == "2026-11-19 00:00"


def test_a_card_cannot_be_dated_back() -> None:
    """X-015: it would undo a penalty."""
    past = given(cards(), scheme=NORWICH)
    past.when(dated("2026-11-20"), at="2026-11-21 00:00").then_refused("booking.start_in_past")
    past.when(dated("2026-11-20"), at="2026-11-20 23:59").then_accepted()


def test_the_last_card_can_be_used_and_then_there_is_none() -> None:
    nine = [done(dated(f"2026-11-{day}"), key=str(day)) for day in range(20, 29)]
    past = given(cards(), *nine, scheme=NORWICH)
    past.when(dated("2026-12-01")).then_answers(remaining=0)
    past.when(dated("2026-12-02")).then_refused("booking.no_units")


def test_the_card_is_taken_from_the_holding_that_ends_first_and_holds_its_day() -> None:
    """X-018."""
    past = given(cards(at="2026-01-10 10:00", name="old"), cards(name="new"), scheme=NORWICH)
    past.when(dated("2027-01-10")).then_answers(holding="new")
    past.when(dated("2027-01-09")).then_answers(holding="old")


def test_a_card_of_another_product_or_permit_is_not_used() -> None:
    past = given(bought("short-stay", months=12), scheme=NORWICH)
    past.when(UseCard(vehicle="AB12CDE")).then_refused("booking.no_units")
    past.when(UseCard(vehicle="AB12CDE", product="short-stay")).then_refused("booking.no_units")


def test_every_reason_is_given() -> None:
    given(scheme=NORWICH).when(UseCard(vehicle="!"), by="stranger").then_refused(
        "vehicle.mark_invalid", "eligibility.not_resident", "booking.no_units"
    )


def test_a_holding_that_is_not_there_is_not_found() -> None:
    given(cards(), scheme=NORWICH).when(UseCard(vehicle="AB12CDE", holding="other")).then_not_found(
        "holding"
    )


def test_cards_of_one_who_moved_out_are_void() -> None:
    """X-055."""
    past = given(
        cards(), done(MoveOut(resident="res"), at="2026-11-20 12:00", by="staff"), scheme=NORWICH
    )
    past.when(dated("2026-11-20"), at="2026-11-20 13:00", by="staff").then_refused(
        "booking.no_units", "card.void"
    )


def test_a_spoilt_card_leaves_its_date_free_for_another() -> None:
    """G-050: it remains one card used."""
    seen = ObservePermit(
        vehicle="AB12CDE",
        product="day-scratchcard",
        dates=(date(2026, 11, 20), date(2026, 11, 21)),
    )
    past = given(
        cards(),
        done(dated("2026-11-20")),
        done(seen, at="2026-11-20 11:00", by="officer", key="seen"),
        scheme=NORWICH,
    )
    past.when(dated("2026-11-20"), at="2026-11-20 12:00").then_answers(remaining=8)


@pytest.mark.parametrize(
    ("product", "time", "until"),
    [
        ("scratch-2h", "2026-11-20 10:00", "2026-11-20 12:00"),
        ("scratch-6h", "2026-11-20 21:00", "2026-11-21 03:00"),
        ("scratch-24h", "2026-11-20 18:00", "2026-11-21 18:00"),
        ("scratch-24h", "2027-03-27 18:00", "2027-03-28 19:00"),
        ("scratch-24h", "2027-10-30 18:00", "2027-10-31 17:00"),
        ("scratch-6h", "2027-10-31 01:30", "2027-10-31 06:30"),
    ],
)
def test_an_hourly_card_runs_for_its_hours(product: str, time: str, until: str) -> None:
    """RBW-029, RBW-032, X-054: elapsed hours, over midnight and clock changes; the first of two
    equal local times (X-103)."""
    used = given(home("M"), hours(product), scheme=WINDSOR).when(
        UseCard(product=product, vehicle="AB12CDE", time=time), at="2026-11-20 10:00"
    )
    assert local(used, "from") == time
    assert local(used, "until") == until


def test_a_time_that_does_not_exist_or_is_none_is_refused() -> None:
    """X-103."""
    past = given(home("M"), hours("scratch-2h"), scheme=WINDSOR)
    for time in ("2027-03-28 01:30", "half past one"):
        past.when(
            UseCard(product="scratch-2h", vehicle="AB12CDE", time=time), at="2026-11-20 10:00"
        ).then_refused("booking.no_such_time")


def test_hourly_cards_of_one_vehicle_may_follow_but_not_overlap() -> None:
    past = given(
        home("M"),
        hours("scratch-2h"),
        done(UseCard(vehicle="AB12CDE", time="2026-11-20 10:00"), at="2026-11-20 10:00"),
        scheme=WINDSOR,
    )
    past.when(
        UseCard(vehicle="AB12CDE", time="2026-11-20 11:59"), at="2026-11-20 10:00"
    ).then_refused("booking.duplicate")
    past.when(
        UseCard(vehicle="AB12CDE", time="2026-11-20 12:00"), at="2026-11-20 10:00"
    ).then_accepted()


def test_an_hourly_card_is_not_timed_back_beyond_the_current_minute() -> None:
    past = given(home("M"), hours("scratch-2h"), scheme=WINDSOR)
    now = "2026-11-20 10:00:59"
    past.when(UseCard(vehicle="AB12CDE", time="2026-11-20 09:59"), at=now).then_refused(
        "booking.start_in_past"
    )
    past.when(UseCard(vehicle="AB12CDE", time="2026-11-20 10:00"), at=now).then_accepted()


def test_several_kinds_of_card_make_the_product_unclear() -> None:
    past = given(home("M"), hours("scratch-2h"), hours("scratch-6h", name="six"), scheme=WINDSOR)
    past.when(UseCard(vehicle="AB12CDE"), at="2026-11-20 10:00").then_refused(
        "booking.product_unclear"
    )
    past.when(UseCard(vehicle="AB12CDE", holding="six"), at="2026-11-20 10:00").then_answers(
        holding="six"
    )


def test_cards_keep_the_terms_they_were_sold_under() -> None:
    """A later edition's shorter tail is not for the cards sold before it."""
    past = given(
        cards(),
        new_edition({"products.day-scratchcard.use.end.next_day": "08:00"}, at="2026-11-20 00:00"),
        scheme=NORWICH,
    )
    assert local(past.when(dated("2026-11-21"), at="2026-11-20 10:00"), "until") == (
        "2026-11-22 10:00"
    )


@for_all(st.integers(0, 364), st.sampled_from(["2026-03-01 10:00", "2027-12-31 23:59"]))
def test_a_day_card_always_covers_a_whole_local_day_and_its_morning(ahead: int, now: str) -> None:
    """Whatever the clocks do: from local midnight to ten the day after."""
    day = date.fromisoformat(now[:10]) + timedelta(days=ahead)
    used = given(cards(at=now), scheme=NORWICH).when(dated(day.isoformat()), at=now)

    assert local(used, "from") == f"{day} 00:00"
    assert local(used, "until") == f"{day + timedelta(days=1)} 10:00"


@pytest.mark.parametrize("on", [date.min, date(1926, 1, 1), date(2127, 1, 1), date.max])
def test_a_date_beyond_any_holding_is_refused(on: date) -> None:
    """No calendar can say when such a card would end."""
    card = UseCard(product="day-scratchcard", vehicle="AB12CDE", on=on)
    used = given(cards(), scheme=NORWICH).when(card)
    assert used.error is not None
    assert "booking.no_such_time" in used.error.codes  # type: ignore[attr-defined]


@pytest.mark.parametrize("time", ["9999-12-31 23:59", "0001-01-01 00:00", "2127-01-01 10:00"])
def test_a_time_beyond_any_holding_is_refused(time: str) -> None:
    card = UseCard(product="scratch-2h", vehicle="AB12CDE", time=time)
    given(home("M"), hours("scratch-2h"), scheme=WINDSOR).when(
        card, at="2026-11-20 10:00"
    ).then_refused("booking.no_such_time")
