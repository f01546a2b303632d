"""What a household does: setting the scene, applying and paying, using what was bought.

Source: the scenario language, the tables of those names.
"""

from collections.abc import Mapping

from replay.scenarios.kinds import (
    AS_A_SET,
    CLOCK,
    DATE,
    INSTANT,
    LABEL,
    LABELS,
    MARK,
    MARKS,
    NAMED,
    PART,
    STATED,
    STATED_OR_NOW,
    TEXT,
    TEXTS,
    TRUTH,
    VALUES,
    WHOLE,
    choice,
    rows,
)
from replay.scenarios.words import HOME_FACTS, REFUSED, RESIDENT_FACTS, Kinds, Verb

_PURCHASE: Kinds = {
    "product": NAMED,
    "quantity": WHOLE,
    "months": WHOLE,
    "slot": WHOLE,
    "concession": NAMED,
    "evidence": TRUTH,
    "lines": rows({"product": NAMED, "quantity": WHOLE}),
}

_APPLICATION: Kinds = {
    **_PURCHASE,
    "start": DATE,
    "vehicles": MARKS,
    "support": choice("health_professional", "care_worker"),
    "confirm": TEXTS,
    "zone": TEXT,
}

_FIGURES: Kinds = {
    "state": TEXT,
    "pence": WHOLE,
    "starts": DATE,
    "last_day": DATE,
    "number_given": TRUTH,
}

_PAID: Kinds = {"pence": WHOLE, "state": TEXT, "payments": WHOLE, "refunded": WHOLE}

_LISTED: Kinds = {"active": MARK, "listed": WHOLE, **REFUSED}

_VISITORS: Kinds = {"visitors": MARKS, "warnings": TEXTS, **REFUSED}

_PRODUCT_OR_LINES = ("product", "lines")

SETTING_THE_SCENE: Mapping[str, Verb] = {
    "property": Verb(keys=HOME_FACTS),
    "resident": Verb(keys=RESIDENT_FACTS, expect=REFUSED),
    "register": Verb(
        # The property is what a stranger claims on a form: it need not be one that exists.
        keys={"council_tax_account": TEXT, "property": TEXT},
        expect={**REFUSED, "verified": TRUTH},
    ),
    "vehicle": Verb(
        keys={
            "vehicle": MARK,
            "max_authorised_mass_kg": WHOLE,
            "unladen_mass_kg": WHOLE,
            "goods_mass_kg": WHOLE,
            "length_mm": WHOLE,
            "passengers": WHOLE,
            "class": TEXT,
            "fits_bay": TRUTH,
        },
        needs=(("vehicle",),),
        by="staff",
    ),
    "scheme": Verb(keys={"set": VALUES}, needs=(("set",),), records=False),
    "load_scheme": Verb(
        keys={"set": VALUES},
        expect={"rejected": PART, "warnings": WHOLE},
        records=False,
    ),
}

APPLYING_AND_PAYING: Mapping[str, Verb] = {
    "products": Verb(expect={"products": AS_A_SET}, records=False),
    "quote": Verb(
        keys=_PURCHASE,
        expect={"pence": WHOLE, **REFUSED},
        needs=(_PRODUCT_OR_LINES,),
        records=False,
    ),
    "apply": Verb(keys=_APPLICATION, expect={**_FIGURES, **REFUSED}, needs=(_PRODUCT_OR_LINES,)),
    "upload": Verb(
        keys={"application": LABEL, "document": NAMED, "dated": DATE, "content": TRUTH},
        expect={"state": TEXT, **REFUSED},
        needs=(("application",), ("document",)),
    ),
    "reuse": Verb(
        keys={"application": LABEL, "document": LABEL},
        expect={"state": TEXT, **REFUSED},
        needs=(("application",), ("document",)),
    ),
    "occupancy_check": Verb(
        keys={"application": LABEL, "found": TRUTH},
        expect={"state": TEXT, "pence": WHOLE, **REFUSED},
        needs=(("application",),),
        by="staff",
    ),
    "decide": Verb(
        keys={
            "application": LABEL,
            "outcome": choice("offer", "approve", "refuse"),
            "reason": TEXT,
        },
        expect={"state": TEXT, **REFUSED},
        needs=(("application",), ("outcome",)),
        by="staff",
    ),
    "pay": Verb(
        keys={
            "application": LABEL,
            "applications": LABELS,
            "result": choice("authorised", "declined", "cancelled"),
            "amount": WHOLE,
        },
        expect={**_PAID, **REFUSED},
        needs=(("application", "applications"),),
    ),
    "buy": Verb(
        keys=_APPLICATION,
        expect={
            "pence": WHOLE,
            "remaining": WHOLE,
            "starts": DATE,
            "last_day": DATE,
            "flagged": TRUTH,
            **REFUSED,
        },
        needs=(_PRODUCT_OR_LINES,),
    ),
    "application": Verb(
        keys={"application": LABEL},
        expect={
            "target": DATE,
            **_FIGURES,
            **_PAID,
            "remaining": WHOLE,
            "flagged": TRUTH,
        },
        needs=(("application",),),
        records=False,
    ),
    "refund": Verb(
        keys={"holding": LABEL, "order": LABEL, "replace": TRUTH},
        expect={"pence": WHOLE, **REFUSED},
        needs=(("holding", "order"),),
    ),
    "replace": Verb(
        keys={"holding": LABEL},
        expect={"pence": WHOLE, **REFUSED},
        needs=(("holding",),),
        by="staff",
    ),
    "grant": Verb(
        keys={"product": NAMED, "quantity": WHOLE, "vehicle": MARK, "reason": TEXT},
        expect=REFUSED,
        needs=(("product",),),
        either=(("quantity", "vehicle"),),
        by="staff",
    ),
}

USING: Mapping[str, Verb] = {
    "book": Verb(
        keys={
            "product": NAMED,
            "holding": LABEL,
            "vehicle": MARK,
            "vehicles": MARKS,
            "start": STATED_OR_NOW,
            "zone": TEXT,
            # A note of what a caller said, in the caller's words: nothing is computed from it.
            "until": TEXT,
            "email": TRUTH,
            "name": TEXT,
        },
        expect={
            "remaining": WHOLE,
            "from": INSTANT,
            "until": INSTANT,
            "pence": WHOLE,
            "drawn_from": LABEL,
            "warnings": TEXTS,
            **REFUSED,
        },
        needs=(("vehicle", "vehicles"),),
        either=(("product", "holding"),),
    ),
    "amend": Verb(
        keys={"booking": LABEL, "vehicle": MARK, "start": STATED_OR_NOW},
        expect=REFUSED,
        needs=(("booking",), ("vehicle", "start")),
    ),
    "cancel": Verb(
        keys={"booking": LABEL, "application": LABEL, "holding": LABEL},
        expect={"remaining": WHOLE, "state": TEXT, **REFUSED},
        needs=(("booking", "application", "holding"),),
    ),
    "scratch": Verb(
        keys={
            "product": NAMED,
            "holding": LABEL,
            "vehicle": MARK,
            "date": DATE,
            "time": STATED,
        },
        expect={"from": INSTANT, "until": INSTANT, "remaining": WHOLE, **REFUSED},
        needs=(("vehicle",),),
        either=(("product", "holding"), ("date", "time")),
    ),
    "stay": Verb(
        keys={"holding": LABEL, "vehicle": MARK, "zone": TEXT},
        expect={"clock": CLOCK, "until": INSTANT, **REFUSED},
        needs=(("vehicle",),),
    ),
    "leave": Verb(keys={"vehicle": MARK, "zone": TEXT}, needs=(("vehicle",),), by="officer"),
    "add_vehicle": Verb(
        keys={"holding": LABEL, "vehicle": MARK}, expect=_LISTED, needs=(("vehicle",),)
    ),
    "remove_vehicle": Verb(
        keys={"holding": LABEL, "vehicle": MARK}, expect=_LISTED, needs=(("vehicle",),)
    ),
    "switch": Verb(keys={"holding": LABEL, "vehicle": MARK}, expect=_LISTED, needs=(("vehicle",),)),
    "save_visitor": Verb(
        keys={"vehicle": MARK, "name": TEXT, "preferred": TRUTH},
        expect=_VISITORS,
        needs=(("vehicle",),),
    ),
    "change_visitor": Verb(
        keys={"vehicle": MARK, "name": TEXT, "preferred": TRUTH, "to": MARK},
        expect=_VISITORS,
        needs=(("vehicle",),),
    ),
    "visitors": Verb(expect=_VISITORS, records=False),
    "text": Verb(
        keys={"from": TEXT, "body": TEXT, "confirmed": INSTANT},
        expect={"reply": TRUTH, "remaining": WHOLE, **REFUSED},
        needs=(("from",), ("body",)),
    ),
    "move_out": Verb(keys={"resident": LABEL, "on": INSTANT}, needs=(("resident",),), by="staff"),
    "wait": Verb(records=False),
}
