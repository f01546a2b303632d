"""A proposed edition from a file: a whole scheme, or only the values that change.

Source: issue "Replay", item 7; scenarios/README.md, `set`.
"""

from pathlib import Path

import pytest

from ledger.scheme.faults import SchemeRejected
from ledger.scheme.loading import built_in
from replay.what_if.proposals import proposal
from tests.replay.what_if_home import EXAMPLES, editions, overlay

__all__ = ["overlay"]


def test_a_proposal_says_in_words_what_it_changes(overlay):
    base = editions().latest
    made = proposal(overlay("products.day-scratchcard.allowance.max = 15\n"), base, built_in())

    assert made.title == "proposal"
    assert made.warnings == ()
    assert len(made.changes) == 1
    assert "60" in made.changes[0]
    assert "15" in made.changes[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no value that changes"),
        ('title = "nothing"\n', "no value that changes"),
        ("products.no-such.allowance.max = 15\n", 'no entry "no-such"'),
        ("products.day-scratchcard.allowance.max = -1\n", "products.day-scratchcard.allowance.max"),
        ("products.day-scratchcard.colour = 1\n", "colour"),
        ("schema = 1\n", "id"),
        ("what = = 1\n", "a file in TOML"),
    ],
)
def test_a_proposal_with_faults_is_refused_with_all_of_them(overlay, text: str, said: str):
    """Each fault names the proposal's own file."""
    with pytest.raises(SchemeRejected) as rejected:
        proposal(overlay(text), editions().latest, built_in())

    assert said in str(rejected.value)
    assert all(fault.file == "proposal.toml" for fault in rejected.value.errors)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.stem)
def test_every_example_is_a_valid_proposal(path: Path):
    made = proposal(path, editions().latest, built_in())

    assert made.changes
    assert made.title != path.stem
