"""The form of a visit: which vehicles, when, on what; and the command that the answers make."""

import re
from datetime import date, datetime, time

from msgspec import Struct

from commands.book_voucher import BookVoucher
from ledger.values import parse_mark
from web.asking import VisitorSeen
from web.pages.forms import Form, Mistake, Mistakes
from web.pages.resident.booking_quote import Bookable

MARKS = 3
"""So many fields for marks; saved visitors come beside them."""
FIELDS = (
    *("visitor", *(f"mark{n}" for n in range(1, MARKS + 1)), "when"),
    *("start-day", "start-month", "start-year", "time", "product", "name"),
)
_TIME = re.compile(r"(\d{1,2})(?:[:.]?(\d\d))?\s*(am|pm)?", re.IGNORECASE)
_ENTER = "Enter the registration number of the vehicle"
_WORDS = {"midday": time(12), "noon": time(12), "midnight": time(0)}


class Wanted(Struct, frozen=True, kw_only=True):
    """What was entered: saved visitors and typed marks, in order. `start` as the command has it."""

    saved: tuple[VisitorSeen, ...]
    typed: tuple[str, ...]
    start: str
    product: str
    name: str

    def command(self, typed: tuple[str, ...], *, email: bool = True) -> BookVoucher:
        """Book them; `typed` are the typed marks as they are meant."""
        return BookVoucher(
            vehicles=(*(each.mark for each in self.saved), *typed),
            product=self.product,
            start=self.start,
            name=self.name,
            email=email,
        )


def answers(form: Form) -> dict[str, list[str]]:
    """What was entered, to be kept until it is confirmed."""
    return {name: list(form.fields[name]) for name in FIELDS if form.get(name)}


def read(form: Form, choices: list[Bookable], saved: list[VisitorSeen], today: date) -> Wanted:
    """What is wanted. Raises Mistakes with everything to mend."""
    wrong: list[Mistake] = []
    ticked = form.all("visitor")
    chosen = tuple(each for each in saved if each.visitor in ticked)
    typed = []
    for n in range(1, MARKS + 1):
        text = form.get(f"mark{n}")
        if text and parse_mark(text) is None:
            said = "Enter a registration number of 2 to 12 letters and digits"
            wrong.append(Mistake(field=f"mark{n}", text=said))
        elif text:
            typed.append(text)
    if not chosen and not typed and not wrong:
        field = "visitor" if saved else "mark1"
        said = "Choose a visitor, or enter a registration number" if saved else _ENTER
        wrong.append(Mistake(field=field, text=said))
    if form.get("name") and len(typed) != 1:
        said = "A name is for one registration number: enter one, or leave the name empty"
        wrong.append(Mistake(field="name", text=said))
    product = form.get("product") if len(choices) > 1 else choices[0].product.id
    if product not in [each.product.id for each in choices]:
        wrong.append(Mistake(field="product", text="Choose what to book on"))
    start = _start(form, today, wrong)
    if wrong:
        raise Mistakes(*wrong)
    return Wanted(
        saved=chosen, typed=tuple(typed), start=start, product=product, name=form.get("name")
    )


def _start(form: Form, today: date, wrong: list[Mistake]) -> str:
    if form.get("when") in ("", "now"):
        if any(form.get(name) for name in ("start-day", "start-month", "start-year", "time")):
            said = "Choose Later for the day or time that you entered, or leave them empty"
            wrong.append(Mistake(field="when", text=said))
        return "now"
    try:
        on = form.day("start", "The day of the visit")
    except Mistakes as error:
        wrong += error.mistakes
        return "now"
    if not form.get("time") and on == today:
        wrong.append(Mistake(field="time", text="Enter the time at which the visit begins today"))
        return "now"
    at = clock_time(form.get("time")) if form.get("time") else time(0)
    if at is None:
        said = "Enter a time such as 2:30pm or 14:30"
        wrong.append(Mistake(field="time", text=said))
        return "now"
    return f"{datetime.combine(on, at):%Y-%m-%d %H:%M}"


def clock_time(typed: str) -> time | None:
    """`2pm`, `2:30pm`, `14:30`, `midday`; None for anything else."""
    text = typed.strip().lower()
    if text in _WORDS:
        return _WORDS[text]
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour > 23 or minute > 59:
        return None
    return time(hour, minute)
