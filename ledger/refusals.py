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

TOPICS = (
    "scheme",
    "vehicle",
    "eligibility",
    "application",
    "document",
    "purchase",
    "allowance",
    "payment",
    "booking",
    "permit",
    "card",
    "refund",
    "grant",
    "message",
    "correction",
    "visitor",
    "key",
)


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
