"""The procedure against misuse: seen, written to, given the chance to explain, and then decided.

Each step follows the one before it in the scheme's order; nothing is decided by itself. That no
explanation came is a reply too, an empty one. A decision closes the procedure: another needs new
observations.

Source: scheme TOML `misuse`; NOR-023 to 026, NOR-155, A-200; X-096.
"""

from collections.abc import Iterator

from ledger.household.state import Household
from ledger.refusals import Refusal
from ledger.scheme.schema import MisuseTerms


def refusals(
    household: Household, holding_id: str, terms: MisuseTerms | None, step: str
) -> Iterator[Refusal]:
    """Reasons why this step cannot be taken about the holding now."""
    if terms is None or step not in terms.steps:
        yield Refusal("permit.no_procedure", "the scheme has no such step against misuse")
        return
    place = terms.steps.index(step)
    if place == 0:
        return
    before = terms.steps[place - 1]
    if before not in _taken(household, holding_id):
        yield Refusal("permit.step_missing", f"{step} comes after {before}")


def _taken(household: Household, holding_id: str) -> set[str]:
    """The steps taken about a holding since it was last decided."""
    since = max(
        (
            each.taken_at
            for each in household.misuse
            if each.holding_id == holding_id and each.step == "decide"
        ),
        default=None,
    )
    steps = {
        each.step
        for each in household.misuse
        if each.holding_id == holding_id and (since is None or each.taken_at > since)
    }
    seen = any(
        each.holding_id == holding_id and (since is None or each.observed_at > since)
        for each in household.sightings
    )
    return steps | {"observe"} if seen else steps
