"""A refusal as a person reads it, where the ledger's own words are terser."""

import pytest

from ledger.refusals import Refusal
from tests.given import editions_of
from web.pages.wording import told

SCHEME = editions_of("stevenage").latest


@pytest.mark.parametrize(
    ("code", "detail", "read"),
    [
        (
            "application.start_in_past",
            "2026-02-01 is before 2026-11-19",
            "The first day must be 19 November 2026 or later: 1 February 2026 is in the past",
        ),
        (
            "booking.outside_holding",
            "2027-12-24 is outside what is held, to 2027-11-30",
            "What you have can be used until the end of 30 November 2027:"
            " 24 December 2027 is outside of that",
        ),
        (
            "document.too_old",
            "dated 2026-03-03, test within",
            "It is dated 3 March 2026, which is too old for this kind of proof",
        ),
        (
            "document.dated_in_future",
            "dated 2026-12-03, after today",
            "The date on it, 3 December 2026, is after today",
        ),
        (
            "eligibility.evidence_missing",
            "the reduced price is for those of 67",
            "The reduced price is for people aged 67 or over",
        ),
        ("allowance.exceeded", "60 of 60 used, 10 asked for", "60 of 60 used, 10 asked for"),
        (
            "booking.started",
            "2026-02-01 is before 2026-11-19",
            "1 February 2026 is before 19 November 2026",
        ),
    ],
)
def test_a_refusal_is_read_as_a_person_says_it(code, detail, read):
    """What, which and how many stay in it; words of another code are left as they are."""
    assert told(Refusal(code, detail), SCHEME) == read
