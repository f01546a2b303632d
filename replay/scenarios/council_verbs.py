"""What a council does and asks: enforcing, disputing, looking.

Source: the scenario language, the tables of those names.
"""

from collections.abc import Mapping

from replay.scenarios.kinds import (
    CLOCK,
    CODES,
    COMMANDS,
    DATE,
    DATES,
    IN_ORDER,
    INSTANT,
    LABEL,
    LABELS,
    MARK,
    MARKS,
    NAMED,
    PHRASES,
    TEXT,
    TRUTH,
    WHOLE,
    choice,
    rows,
)
from replay.scenarios.words import REFUSED, Verb

ENFORCING_AND_DISPUTING: Mapping[str, Verb] = {
    "check": Verb(
        keys={
            "vehicle": MARK,
            "zone": TEXT,
            "time": INSTANT,
            "known": INSTANT,
            "bay": choice("suspended", "permit_holder", "shared_use"),
        },
        expect={
            "covered": TRUTH,
            "until": INSTANT,
            "match": TEXT,
            "reason": TEXT,
            "near": MARKS,
            "earliest_pcn_at": INSTANT,
        },
        needs=(("vehicle",),),
        by="officer",
    ),
    "observe": Verb(
        keys={
            "holding": LABEL,
            "product": NAMED,
            "vehicle": MARK,
            "zone": TEXT,
            "dates": DATES,
            "clock": CLOCK,
            "altered": TRUTH,
            "note_only": TRUTH,
        },
        expect={"valid": TRUTH, "reason": TEXT, "until": INSTANT},
        needs=(("vehicle",),),
        either=(("holding", "product"),),
        by="officer",
    ),
    "clock": Verb(
        keys={"product": NAMED, "arrived": INSTANT, "zone": TEXT},
        expect={"clock": CLOCK, "until": INSTANT},
        needs=(("product",), ("arrived",)),
        records=False,
    ),
    "misuse": Verb(expect={"listed": LABELS}, records=False),
    "correct": Verb(
        keys={
            "booking": LABEL,
            "act": LABEL,
            "from": INSTANT,
            "vehicle": MARK,
            "reason": TEXT,
            "approver": TEXT,
        },
        expect=REFUSED,
        needs=(("booking", "act"),),
        by="staff",
    ),
    "shown": Verb(
        keys={"vehicle": MARK, "time": INSTANT},
        expect={"covered": TRUTH, "reason": TEXT},
        needs=(("vehicle",),),
        records=False,
    ),
    "explain": Verb(
        keys={"vehicle": MARK, "time": INSTANT, "zone": TEXT},
        expect={"says": PHRASES},
        needs=(("vehicle",),),
        records=False,
    ),
}

LOOKING: Mapping[str, Verb] = {
    "balance": Verb(
        keys={"product": NAMED},
        expect={"remaining": WHOLE, "lots": rows({"last_day": DATE, "remaining": WHOLE})},
        needs=(("product",),),
        records=False,
    ),
    "allowance": Verb(
        keys={"product": NAMED, "on": DATE},
        expect={
            "used": WHOLE,
            "granted": WHOLE,
            "max": WHOLE,
            "available": WHOLE,
            "releases": rows({"on": DATE, "units": WHOLE}),
        },
        needs=(("product",),),
        records=False,
    ),
    "sessions": Verb(
        keys={"months": WHOLE, "search": TEXT, "page": WHOLE},
        expect={"count": WHOLE, "total": WHOLE, "marks": MARKS, "changeable": MARKS},
        records=False,
    ),
    "documents": Verb(
        expect={
            "documents": rows({"type": TEXT, "uploaded": DATE}),
            "content_visible": TRUTH,
        },
        records=False,
    ),
    "history": Verb(
        keys={"property": LABEL}, expect={"acts": IN_ORDER, "count": WHOLE}, records=False
    ),
    "messages": Verb(
        expect=dict.fromkeys(("issued", "booked", "cancelled", "reminder"), WHOLE), records=False
    ),
    "rebuild": Verb(expect={"equal": TRUTH}, records=False),
    "verify": Verb(expect={"ok": TRUTH}, records=False),
    "race": Verb(
        keys={"commands": COMMANDS},
        expect={"accepted": WHOLE, "remaining": WHOLE, "refused": CODES},
        needs=(("commands",),),
        records=False,
    ),
}
