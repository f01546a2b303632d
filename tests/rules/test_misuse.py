"""Steps against misuse come one after another, and begin anew once a permit was decided on."""

from datetime import datetime, timedelta

from ledger.household.state import Household, MisuseTaken, Sighting
from ledger.rules import misuse
from tests.given import editions_of, instant

DECIDED = instant("2026-11-19 12:00")
TICK = timedelta(microseconds=1)


def seen_at(at: datetime) -> Sighting:
    return Sighting(
        holding_id="p",
        product="short-stay",
        glyphs="AB12CDE",
        zone="CENTRE",
        observed_at=at,
        observed_on=at.date(),
        clock="12:00",
    )


def test_what_was_seen_before_the_last_decision_counts_no_longer() -> None:
    """Up to that very instant."""
    household = Household(household_id="h")
    household.misuse.append(MisuseTaken(holding_id="p", step="decide", taken_at=DECIDED))
    terms = editions_of("norwich-2015").latest.misuse
    assert terms is not None

    def reasons() -> list[str]:
        step = terms.steps[1]
        return [each.code for each in misuse.refusals(household, "p", terms, step)]

    household.sightings.append(seen_at(DECIDED))
    assert reasons() == ["permit.step_missing"]
    household.sightings.append(seen_at(DECIDED + TICK))
    assert reasons() == []


def taken(step: str, at: datetime, holding: str = "p") -> MisuseTaken:
    return MisuseTaken(holding_id=holding, step=step, taken_at=at)


def codes(household: Household, step: str, holding: str = "p") -> list[str]:
    terms = editions_of("norwich-2015").latest.misuse
    return [each.code for each in misuse.refusals(household, holding, terms, step)]


def test_the_first_step_needs_nothing_before_it_and_every_other_its_own() -> None:
    """Observed, written to, replied, decided (NOR-155)."""
    household = Household(household_id="h")
    terms = editions_of("norwich-2015").latest.misuse
    assert terms is not None
    assert terms.steps == ("observe", "letter", "reply", "decide")

    for step, follows in zip(terms.steps, terms.steps[1:], strict=False):
        assert codes(household, step) == []
        assert codes(household, follows) == ["permit.step_missing"]
        household.misuse.append(taken(step, DECIDED))
    assert codes(household, "decide") == []
    assert codes(household, "decide", "another") == ["permit.step_missing"]


def test_a_step_taken_at_the_very_moment_of_the_last_decision_was_of_that_one() -> None:
    household = Household(household_id="h")
    earlier = DECIDED - TICK
    household.misuse += [taken("decide", earlier), taken("letter", DECIDED)]
    household.misuse.append(taken("decide", DECIDED))

    assert codes(household, "reply") == ["permit.step_missing"]
    household.misuse.append(taken("letter", DECIDED + TICK))
    assert codes(household, "reply") == []


def test_a_scheme_without_a_procedure_has_no_step() -> None:
    found = misuse.refusals(Household(household_id="h"), "p", None, "observe")
    assert [each.code for each in found] == ["permit.no_procedure"]
    assert codes(Household(household_id="h"), "no-such") == ["permit.no_procedure"]
