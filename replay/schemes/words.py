"""Amounts, numbers, times and lists as a resident reads them.

Money is pence here and pounds in words; an end of 00:00 is spoken of as 23:59 of the day before,
as councils do.
"""

from collections.abc import Iterable
from datetime import date, time
from typing import Final

from msgspec import Struct

from ledger.scheme.measures import MaxAge
from ledger.scheme.products import Product

DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NOUNS: Final = ("voucher", "permit", "scratchcard", "card")
MIDNIGHT: Final = time(0, 0)
NOON: Final = time(12, 0)


class Fact(Struct, frozen=True, kw_only=True):
    """One thing to know of a scheme or product.

    `label` and `value` make "the price: £10"; `sentence` says the same whole, and is empty where
    there is nothing worth a sentence.
    """

    label: str
    value: str
    sentence: str = ""


def money(pence: int) -> str:
    """ "£10", "£1.50", "75p", "free"."""
    if pence == 0:
        return "free"
    pounds, rest = divmod(pence, 100)
    if not pounds:
        return f"{rest}p"
    return f"£{pounds:,}.{rest:02d}" if rest else f"£{pounds:,}"


def counted(number: int, noun: str) -> str:
    """ "1 voucher", "1,000 vouchers"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def listed(words: Iterable[str], last: str = "and") -> str:
    """ "A", "A and B", "A, B and C"."""
    *before, final = [*words] or [""]
    return f"{', '.join(before)} {last} {final}" if before else final


def spoken(name: str) -> str:
    """An id as words: `council_tax_bill` is "council tax bill"."""
    return name.replace("_", " ").replace("-", " ")


def day(on: date) -> str:
    return f"{on.day} {on:%B %Y}"


def clock(at: time) -> str:
    return f"{at:%H:%M}"


def until(at: time) -> str:
    """The end of a period of a day: midnight is the end of it."""
    return "midnight" if at == MIDNIGHT else clock(at)


def weekdays(days: tuple[int, ...]) -> str:
    """ "every day", "Monday to Saturday", "Monday and Wednesday"."""
    if len(days) == len(DAYS):
        return "every day"
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return f"{DAYS[days[0]]} to {DAYS[days[-1]]}"
    return listed(DAYS[each] for each in days)


def age(limit: MaxAge) -> str:
    return counted(limit.months, "month") if limit.months else counted(limit.days, "day")


def noun(product: Product) -> str:
    """What one of a product is called: the last such word of its name, or by its kind."""
    named = [word.strip(",.").lower().removesuffix("s") for word in product.name.split()]
    found = [word.removeprefix("e-") for word in named if word.removeprefix("e-") in NOUNS]
    if found:
        return found[-1]
    return "voucher" if product.kind in ("day_voucher", "hourly_voucher") else "permit"


def months(least: int, most: int) -> str:
    """ "12 months", "1 to 18 months"."""
    return counted(most, "month") if least == most else f"{least} to {most} months"


def capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def a(word: str) -> str:
    return f"an {word}" if word[:1].lower() in "aeiou" else f"a {word}"
