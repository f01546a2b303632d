"""Which rule answers which request: the oracle's table of contents."""

from collections.abc import Callable
from typing import Final

from tests.oracle import booking, desk, offers, ordering, paying, people, permits, selling
from tests.oracle.said import Fact, Said

RULES: Final[dict[str, Callable[[Fact, Fact], Said]]] = {
    "enrol": people.enrol,
    "register": people.register,
    "apply": selling.apply,
    "order": ordering.order,
    "upload": paying.upload,
    "reuse": paying.reuse,
    "decide": paying.decide,
    "pay": paying.pay,
    "take_back": paying.take_back,
    "book": booking.book,
    "amend": booking.amend,
    "cancel": booking.cancel,
    "text": booking.text,
    "scratch": booking.scratch,
    "add": permits.add,
    "remove": permits.remove,
    "switch": permits.switch,
    "stay": permits.stay,
    "leave": permits.leave,
    "surrender": permits.surrender,
    "move_out": permits.move_out,
    "refund": permits.refund,
    "replace": permits.replace,
    "grant": permits.grant,
    "lapse": permits.lapse,
    "save_visitor": people.save_visitor,
    "correct": desk.correct,
    "misuse": desk.misuse,
    "observe": desk.observe,
    "lapse_offer": offers.lapse_offer,
}
