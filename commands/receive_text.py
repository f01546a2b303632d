"""A text from a linked mobile: the keyword and a mark book a visit that begins with its
confirmation.

An unlinked number never gets here, and gets no reply; what cannot be understood creates nothing.

Source: HAN-021, HAN-031 to 035, A-090 to 093; X-039.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from msgspec import Meta

from commands import book_voucher
from commands.base import Command, Context, Values
from commands.book_voucher import BookVoucher
from ledger.events import AnyEvent, TextReceived, VoucherBooked
from ledger.household.state import Household
from ledger.refusals import Refusal, refuse_if
from ledger.scheme.schema import Scheme
from ledger.values import mark_refusal


class ReceiveText(Command, frozen=True, kw_only=True, tag="receive_text"):
    """`confirmed_at` is the instant the confirmation is sent, where the gateway names one."""

    body: str
    confirmed_at: Annotated[datetime, Meta(tz=True)] | None = None


def decide(command: ReceiveText, household: Household, context: Context) -> list[AnyEvent]:
    """Book what was texted. Raises Refused with `message.not_understood` and all of a booking's."""
    resident = context.resident(household)
    mark = mark_in(command.body, context.scheme)
    unread = mark_refusal(mark) if mark else None
    products = texted_products(context.scheme)
    refuse_if(
        unread,
        # What follows the keyword and is no mark, a later start say, cannot be texted (HAN-021).
        Refusal("message.not_understood", f"text {context.scheme.texting.keyword} and the mark")
        if not mark or unread
        else None,
        Refusal("message.not_understood", "nothing of this scheme is booked by text")
        if not products
        else None,
    )
    assert mark is not None
    confirmed_at = max(command.confirmed_at or context.at, context.at)
    request = BookVoucher(vehicles=(mark,), email=False)
    booked = [
        event
        for event in book_voucher.decide_from(
            request, household, context, confirmed_at, confirmed_at, None
        )
        if isinstance(event, VoucherBooked)
    ]
    received = TextReceived(
        resident_id=resident.resident_id,
        received_at=context.at,
        confirmation_sent_at=confirmed_at,
        booking_id=booked[0].booking_id,
    )
    return [received, *booked]


def mark_in(body: str, scheme: Scheme) -> str | None:
    """The mark after the keyword, as texted; None where the keyword is not there."""
    keyword, *rest = body.split(maxsplit=1) or [""]
    if keyword.upper() != scheme.texting.keyword.upper():
        return None
    return rest[0].strip() if rest else None


def texted_products(scheme: Scheme) -> list[str]:
    return [product.id for product in scheme.products if "text" in product.channels]


def answer(household: Household, events: Sequence[AnyEvent], context: Context) -> Values:
    return {"reply": True, **book_voucher.answer(household, events[1:], context)}
