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
