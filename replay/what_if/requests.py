"""What each kind of act asked for, read back from what was decided: one table.

An act that is in no list here cannot be asked again: it is counted and named, never passed over.
"""

from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import islice
from typing import Final

import msgspec

from commands.base import Command
from replay.what_if import buying, using
from replay.what_if.asked import Asked

Request = Callable[[Asked], Iterator[Command]]

REQUESTS: Final[dict[str, Request]] = {
    "apply_for_permit": buying.apply,
    "upload_proof": buying.upload,
    "reuse_proof": buying.reuse,
    "check_occupancy": buying.occupancy,
    "decide_application": buying.decide,
    "pay_for_applications": buying.pay,
    "cancel_application": buying.cancel,
    "surrender_holding": buying.surrender,
    "refund_holding": buying.refund,
    "replace_permit": buying.replace,
    "grant_allowance": buying.grant,
    "take_misuse_step": buying.misuse,
    "move_out": buying.move_out,
    "lapse": buying.lapse,
    "book_voucher": using.book,
    "receive_text": using.text,
    "amend_booking": using.amend,
    "cancel_booking": using.cancel,
    "add_vehicle": using.add,
    "remove_vehicle": using.remove,
    "switch_vehicle": using.switch,
    "use_card": using.card,
    "begin_stay": using.begin_stay,
    "end_stay": using.end_stay,
    "observe_permit": using.observe,
    "correct_cover": using.correct,
}

AS_RECORDED: Final = frozenset(
    {
        "list_property",
        "override_eligibility",
        "register_resident",
        "enrol_resident",
        "link_mobile",
        "send_pin",
        "save_visitor",
        "change_visitor",
        "forget_visitor",
        "change_email",
    }
)
"""Facts of the property and of people, which no proposed terms change: taken as they are."""

APPLYING: Final = "apply_for_permit"
STEPS: Final = frozenset(
    {"upload_proof", "reuse_proof", "check_occupancy", "decide_application", "pay_for_applications"}
    | {"cancel_application"}
)
"""What follows an application until it is issued."""
VISITING: Final = frozenset(
    {"book_voucher", "receive_text", "use_card", "begin_stay", "switch_vehicle"}
)
FORMS_MAX: Final = 24


def likeliest(asked: Asked) -> Command:
    """The act as a command, for other terms than it was sent under. Raises Missing."""
    return next(REQUESTS[asked.act.command](asked))


def as_sent(asked: Asked) -> tuple[Command, bool]:
    """The act as the command that it was: the one of the receipt's digest, and True; else the
    likeliest, and False.
    """
    forms = REQUESTS[asked.act.command](asked)
    first = next(forms)
    if digest(first) == asked.act.body:
        return first, True
    for form in islice(forms, FORMS_MAX):
        if digest(form) == asked.act.body:
            return form, True
    return first, False


def digest(command: Command) -> str:
    """What a receipt keeps of a command's body."""
    return sha256(msgspec.json.encode(command, order="deterministic")).hexdigest()
