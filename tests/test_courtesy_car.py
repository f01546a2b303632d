"""The ended courtesy car: the published counter-example of a check that rewrites history.

A resident's visitor has a courtesy car for four days and hands it back. A month later a notice from
within those days is disputed. The best open system, as it is published, answers from the rows that
its last sync left: it denies the car that was allowed, and allows the car that was in the garage.
Here both clocks are answered by what was recorded.

Source: design section 9; reference/enforcement-and-evidence.md, B.4 and E.11.
"""

from collections.abc import Iterator

import pytest

from commands.add_vehicle import AddVehicle
from commands.remove_vehicle import RemoveVehicle
from commands.switch_vehicle import SwitchVehicle
from ledger.calendar import parse_local
from projections.enforcement import CheckAnswer
from projections.registry import EVERY
from replay.comparing import compare
from replay.rebuild import rebuild
from tests.replay.town import ZONES, Town, town
from tests.web.parkkihubi_model import Row
from tests.web.parkkihubi_model import check as theirs

OWN, COURTESY = "AA11AAA", "CC33CAR"
NOTICE = "2026-11-23 10:00"
BEFORE_IT_WAS_LENT = "2026-11-21 07:59:59"


@pytest.fixture
def disputed(database: str) -> Iterator[Town]:
    """Lent on the 21st, handed back and taken off the list on the 25th; today is 20 December."""
    with town(database, "gravesham") as made:
        made.at("2026-11-20 08:00").move_in()
        made.buy("visitors-permit", (OWN,))
        made.at("2026-11-21 08:00").do(AddVehicle(vehicle=COURTESY))
        made.do(SwitchVehicle(vehicle=COURTESY))
        made.at("2026-11-25 08:00").do(SwitchVehicle(vehicle=OWN))
        made.do(RemoveVehicle(vehicle=COURTESY))
        made.at("2026-12-20 10:00")
        yield made


def instant(made: Town, local: str):
    return parse_local(local, made.council.editions.latest.tz)


def asked(made: Town, mark: str, at: str, known: str = "") -> CheckAnswer:
    return made.council.check(
        typed=mark,
        zone=ZONES["gravesham"],
        at=instant(made, at),
        known_at=instant(made, known) if known else None,
        bay="",
        officer="appeals",
        device="desk",
    )


def test_the_car_that_was_allowed_is_allowed_still_and_the_one_in_the_garage_is_not(disputed):
    """As known today, of the instant of the notice: theirs has it the other way round (B.4)."""
    permit = [(instant(disputed, "2026-11-20 08:00"), instant(disputed, "2027-11-20 00:00"))]
    synced = [Row(OWN, *period) for period in permit]
    at = instant(disputed, NOTICE)

    courtesy, own = asked(disputed, COURTESY, NOTICE), asked(disputed, OWN, NOTICE)

    assert (theirs(synced, COURTESY, at)[0], theirs(synced, OWN, at)[0]) == (False, True)
    assert (courtesy.covered, own.covered) == (True, False)
    assert courtesy.until == instant(disputed, "2026-11-25 08:00")
    assert courtesy.right is not None
    assert courtesy.right.product == "visitors-permit"


def test_what_an_officer_could_know_at_the_notice_is_the_same(disputed):
    """By what was recorded when the notice was issued."""
    assert asked(disputed, COURTESY, NOTICE, known=NOTICE).covered is True
    assert asked(disputed, OWN, NOTICE, known=NOTICE).covered is False


def test_before_it_was_lent_nobody_could_know_that_it_would_be(disputed):
    """The second clock by itself: asked of the same instant, known a second before the switch."""
    courtesy = asked(disputed, COURTESY, NOTICE, known=BEFORE_IT_WAS_LENT)

    assert (courtesy.covered, courtesy.reason) == (False, "no_right")
    assert asked(disputed, OWN, NOTICE, known=BEFORE_IT_WAS_LENT).covered is True


@pytest.mark.parametrize(
    ("at", "covered"),
    [
        ("2026-11-21 07:59:59", False),
        ("2026-11-21 08:00", True),
        ("2026-11-25 07:59:59", True),
        ("2026-11-25 08:00", False),
    ],
)
def test_its_window_includes_its_first_instant_and_excludes_its_last(disputed, at, covered):
    assert asked(disputed, COURTESY, at).covered is covered
    assert asked(disputed, OWN, at).covered is not covered


def test_a_rebuild_from_the_facts_gives_the_same_answers(disputed):
    before = [asked(disputed, mark, NOTICE) for mark in (OWN, COURTESY)]

    rebuild(disputed.council.ledger, EVERY)

    assert compare(disputed.council.ledger, EVERY) == []
    for was in before:
        now = asked(disputed, was.mark, NOTICE)
        assert (now.covered, now.until, now.right) == (was.covered, was.until, was.right)
