"""The councils of a history: shipped schemes, some with other numbers, so that limits are reached.

Source: promises section 3 (1-3 councils, 5-60 households).
"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any, Final

from commands.base import Context
from ledger.events import Actor, Channel
from ledger.rules.working_days import WorkingDays
from ledger.scheme.editions import in_order
from ledger.scheme.loading import built_in, parse
from replay.what_if.course import Known, known
from tests.oracle.days import midnight

World = tuple[str, *tuple[Mapping[str, object], ...]]
"""A scheme, and the numbers that replace its own: those of each edition in turn."""

WORLDS: Final[tuple[World, ...]] = (
    ("stevenage", {}),
    (
        "stevenage",
        {
            "products.virtual-visitor-vouchers.pack.size": 3,
            "products.resident-permit-ot.price.pence": 3000,
            "products.virtual-visitor-vouchers.holding.round": "exact",
        },
    ),
    ("gravesham", {}),
    ("gravesham", {"products.visitors-permit.vehicles.listed_max": 3}),
    ("gravesham", {"flow.offer_days": 7, "products.visitors-permit.price.pence": 1200}),
    ("hampshire", {"products.visitor-permits.allowance.max": 20}),
    (
        "hampshire",
        {
            "products.carer-permits": "visitor-permits",
            "products.visitor-permits.pack.size": 2,
            "products.visitor-permits.allowance.max": 4,
        },
    ),
    ("windsor-maidenhead", {}),
    ("windsor-maidenhead", {"products.visitor-permit.replacement.fee_pence": 1500}),
    ("norwich-2015", {"concessions.means-tested.benefits": ["income_support"]}),
    (
        "norwich-2015",
        {
            "products.day-scratchcard.pack.size": 2,
            "products.day-scratchcard.allowance.max": 6,
            "products.short-stay.holding.months_max": 3,
        },
    ),
    ("norwich-2014-july", {}),
    ("norwich-existing", {"products.day-permit.allowance.max": 3}),
    ("brighton", {}),
    ("cambridge", {"products.five-day-permit.allowance.max": 3}),
    ("winchester", {}),
    ("bath", {"products.hourly-permit.price.hour_pence": 120}),
    ("chester", {}),
    ("york", {"products.day-permit.allowance.max": 15}),
    ("st-albans", {"products.day-voucher.allowance.max": 3}),
    ("canterbury", {"products.day-permit.allowance.max": 6}),
    ("oxford", {}),
    ("bristol", {}),
    ("ipswich", {}),
    (
        "norwich-2015",
        {},
        {
            "products.short-stay.use.end.hours": 2,
            "products.day-scratchcard.price.pence": 150,
            "products.day-scratchcard.allowance.max": 40,
        },
    ),
    (
        "stevenage",
        {},
        {
            "products.virtual-visitor-vouchers.price.pence": 1250,
            "products.virtual-visitor-vouchers.pack.size": 10,
        },
        {"products.virtual-visitor-vouchers.price.pence": 900},
    ),
    (
        "hampshire",
        {"products.visitor-permits.allowance.max": 20},
        {"products.visitor-permits.allowance.max": 10},
    ),
)
CHANGES: Final = tuple(midnight(date(year, 3, 1)) for year in range(2025, 2040))
"""When one edition takes the place of another, where a world has several."""
OFFICE: Final = WorkingDays(())


@cache
def editions(world: int) -> Known:
    """The one edition of a world, in force throughout; or several that take turns each spring."""
    scheme_id, *turns = WORLDS[world]
    file = built_in().file_of(scheme_id)
    terms = [parse(file.text, file.file, values).scheme for values in turns]
    made = in_order(terms[:1])
    for turn, begins in enumerate(CHANGES if len(terms) > 1 else (), start=1):
        made = made.with_edition(terms[turn % len(terms)], begins)
    return known(made)


def scheme(world: int) -> Any:
    return editions(world).latest


class Named(Context):
    """A context whose ids can be read, and do not change when steps before them are dropped."""

    def new_id(self) -> str:
        self._given += 1
        return f"{self._seed.decode()}.{self._given}"


def context(world: int, at: Any, by: Actor, channel: Channel, for_whom: str, key: str) -> Named:
    return Named(
        at=at,
        by=by,
        channel=channel,
        on_behalf_of=for_whom,
        command_key=key,
        editions=editions(world),
        working_days=OFFICE,
    )
