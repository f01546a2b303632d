"""Why something was not done.

LedgerError
├── Refused               the rules say no; carries every refusal, in the order of topics
├── NotFound              no such household, holding, booking, application or council
├── ConcurrentChange      someone else changed the household first
└── CorruptLedger         stored facts break an invariant; never caught, always logged

A refusal's code is `topic.reason` and keeps its meaning for ever; its detail says what, which and
how many, and never holds a person's data.
"""

from collections.abc import Iterable

from msgspec import Struct

REASONS: dict[str, str] = {
    "scheme": "none",
    "vehicle": "mark_invalid already_listed not_listed list_full is_active not_the_bound_vehicle"
    " own_vehicle",
    "eligibility": "not_verified not_resident property_excluded zone product_not_offered"
    " prerequisite_missing support_missing evidence_missing",
    "application": "confirmation_missing proof_missing not_offered closed start_in_past"
    " start_too_far start_fixed months slot decision_missing",
    "document": "type_not_accepted too_old dated_in_future reuse_too_late content_hidden"
    " account_number_withheld",
    "purchase": "not_a_multiple above_maximum below_minimum price_unknown",
    "allowance": "exceeded in_force",
    "payment": "not_due amount_differs repeated one_at_a_time",
    "booking": "product_unclear no_units outside_holding start_in_past too_far_ahead zone duplicate"
    " started start_fixed no_such_time already_cancelled not_immediate",
    "permit": "not_in_force in_use not_in_use no_return not_lapsed no_procedure step_missing"
    " reason_missing decided_by_people",
    "card": "date_outside_holding void",
    "refund": "non_refundable not_replaceable",
    "grant": "approver_missing reason_missing not_offered",
    "message": "number_not_linked not_understood number_in_use address_in_use",
    "correction": "approver_missing reason_missing same_person nothing_changed own_household"
    " staff_alone",
    "visitor": "name_missing",
    "notice": "exists issued_in_future cancelled reason_missing",
    "case": "law_elsewhere service_missing dated_in_future before_notice open_already"
    " decided_already reason_missing out_of_order accepted_by_lateness no_appeal",
    "outage": "in_future ends_before_it_begins reason_missing withdrawn",
    "key": "reused_for_another_command",
}
"""Every reason there is, by its topic: a code outside of these is never given (a test looks)."""

TOPICS = tuple(REASONS)
"""The order in which a refusal carries its reasons."""

CODES = frozenset(f"{topic}.{reason}" for topic in REASONS for reason in REASONS[topic].split())


class Refusal(Struct, frozen=True):
    """One reason: a stable code `topic.reason` and a sentence for the person who asked."""

    code: str
    detail: str


class LedgerError(Exception):
    """Anything the ledger says no to, or finds wrong."""


class Refused(LedgerError):
    """The rules say no. `refusals` holds every reason, in the order of TOPICS; never empty."""

    def __init__(self, refusals: Iterable[Refusal]) -> None:
        self.refusals = in_order(refusals)
        assert self.refusals, "a refusal without a reason"
        super().__init__("; ".join(f"{r.code}: {r.detail}" for r in self.refusals))

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(refusal.code for refusal in self.refusals)


class NotFound(LedgerError):
    """There is no such thing here, or it is another household's: the two look the same."""

    def __init__(self, kind: str, name: str = "") -> None:
        self.kind = kind
        super().__init__(f"no such {kind}" + (f": {name}" if name else ""))


class ConcurrentChange(LedgerError):
    """Someone else changed the household first; the command may be sent again."""


class CorruptLedger(LedgerError):
    """Stored facts break an invariant. Writes stop; a person must look."""


def in_order(refusals: Iterable[Refusal]) -> tuple[Refusal, ...]:
    """Each different refusal once, topics in their documented order, reasons in the order given."""
    once = dict.fromkeys(refusals)
    return tuple(sorted(once, key=lambda refusal: TOPICS.index(refusal.code.partition(".")[0])))


def refuse_if(*refusals: Refusal | None) -> None:
    """Raise one Refused with every reason that is not None."""
    reasons = [refusal for refusal in refusals if refusal is not None]
    if reasons:
        raise Refused(reasons)
