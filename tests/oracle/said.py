"""What the oracle says of a request: yes with these figures, or no for these reasons, or that the
catalogue does not tell.

A reason in `codes` must be among those given; one in `may` can be. `refused` without a code: the
catalogue says no, and not under which name. `unsure` names a sentence of UNSURE: the product is
followed there, and how often is counted; figures in `always` hold even then.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

Fact = dict[str, Any]
Then = Callable[[Fact], None]

UNSURE: Final = {
    "channel": "by which code a channel is refused that the product does not have",
    "concession": "what becomes of a claim that is not due: refused, or the full price",
    "decide_early": "a decision on an application that waits for something else",
    "document_of_another": "an upload for an application that waits for no proof",
    "march_bill": "whether a bill of March is that of the tax year about to begin",
    "last_year_bill": "when a council tax bill of last year stops being the latest",
    "pending_slot": "whether a permit paid for but not decided holds its rung and its place",
    "proof_known": "whether another resident's proof, or one not yet paid for, proves the address",
    "renewal_ahead": "a second permit that begins when the first has ended",
    "start_passed": "paying for a period that is over by then",
    "other_product": "units of two products, or one beside a void card, for one vehicle and day",
    "tail": "a use that would run past the end of what it is drawn from",
    "two_waiting": "two applications that fit the pool or the cap alone and not together",
    "unnamed_vehicle": "what a permit for one stated vehicle says when none is stated",
    "product_fits": "which of several products a visit is drawn from when one of them is used up",
    "cancel_paid": "taking back an application that was paid for and waits for its decision",
    "basket": "several applications in one payment where the scheme has no basket",
    "same_vehicle": "an amendment to the vehicle that is booked already",
    "ended_stay": "a clock permit whose last vehicle never said that it had left",
    "leave_unknown": "leaving without a stay",
    "surrendered_use": "a visit that is under way when its vouchers are given up",
    "grant_of_before": "an exception agreed for those who lived here before (X-104; see report)",
    "lapse_ended": "whether what was given up is recorded as run out as well",
    "moved_before": "a move recorded after it happened",
    "not_begun": "a permit that is given up, or whose vehicles change, before its first day",
    "replace_kind": "a duplicate of what has run out",
    "visitor": "saving the mark that is saved already, or without a name",
    "registering": "registering where a scheme proves residence in another way",
    "corrected_start": "a correction to a later start, another day, or of a visit of hours",
    "corrected_end": "a correction of a stay, or of what has ended or was given up",
    "misuse_again": "a second round of the misuse procedure, or one about what has ended",
    "read_at_all": "what an officer says of what is no card and has no clock",
    "unrecorded_card": "reading a card that was never used, or any paper outside controlled hours",
    "clock_seen_before": "reading a clock of a vehicle that was there before, or overnight",
    "other_caps": "whether the caps of the application's edition or of today's count at issue",
    "offer_ends": "at which hour of its last day an offer is over",
    "text_code": "by which code a text is refused that asks for what cannot be booked",
}
"""What the catalogue leaves open. The list is to grow shorter."""


class Said:
    """One answer. `figures` are compared with what the product tells; `then` is done when both say
    yes."""

    def __init__(
        self,
        codes: set[str],
        *,
        may: set[str] | None = None,
        anything: bool = False,
        refused: bool = False,
        unsure: str = "",
        figures: Mapping[str, Any] | None = None,
        always: Mapping[str, Any] | None = None,
        then: Then | None = None,
    ) -> None:
        assert not unsure or unsure in UNSURE, unsure
        self.codes = codes
        self.may = may or set()
        self.anything = anything
        self.refused = refused or bool(codes)
        self.unsure = unsure
        self.figures = dict(figures or {})
        self.always = dict(always or {})
        self.then = then

    def disagrees(self, codes: set[str] | None) -> str:
        """Why the product's decision is another one (None: it accepted); empty where it is not."""
        if self.unsure:
            return ""
        if codes is None:
            return f"accepted, where {sorted(self.codes) or 'a refusal'} was due" * self.refused
        if not self.refused:
            return f"refused for {sorted(codes)}, where nothing stands against it"
        if self.anything and codes == {"not_found"}:
            return ""
        if self.codes - codes:
            return f"refused for {sorted(codes)}, where {sorted(self.codes)} were due"
        extra = codes - self.codes - self.may
        if extra and not self.anything and self.codes:
            return f"refused for {sorted(extra)} too, where only {sorted(self.codes)} were due"
        return ""


def no(*codes: str, may: set[str] | None = None, anything: bool = False) -> Said:
    return Said(set(codes), may=may, anything=anything, refused=True)


def yes(then: Then, **figures: Any) -> Said:
    return Said(set(), then=then, figures=figures)


def unknown(why: str, then: Then, **figures: Any) -> Said:
    return Said(set(), unsure=why, then=then, figures=figures)
