"""What is held from the instant it is issued.

Source: GRV-016 to 019, GRV-022, CAM-001, NOR-053; X-030, X-036, X-052, X-088.
"""

from datetime import datetime, timedelta
from typing import Any

from tests.oracle.days import DAY, day_of, midnight
from tests.oracle.home import give_cover
from tests.oracle.said import Fact


def issue(home: Fact, ask: Fact, told: Fact) -> None:
    """Let what was issued be held; a vehicle named first is covered from now on (GRV-016)."""
    at = ask["at"]
    for made in told.get("holdings", ()):
        application = home["applications"].get(made["application"])
        product = home["scheme"].product(made["product"])
        starts, last = made["starts"], made["last_day"]
        if application and application["proofs"]:
            home["people"][application["who"]]["proved"] = True
        for line in application.get("lines", ()) if application else ():
            if line["product"] == made["product"]:
                application = {**line, "paid_on": application["paid_on"]}
                break
        holding = {
            "id": made["id"],
            "who": made["who"],
            "product": product.id,
            "scheme": application["scheme"] if application else home["scheme"],
            "zone": home["zone"],
            "units": made["units"],
            "packs": application["packs"] if application else made["units"],
            "left": made["units"],
            "bought_on": (application and application["paid_on"]) or day_of(at),
            "starts": starts,
            "last_day": last,
            "from": max(at, midnight(starts)),
            "until": midnight(last + DAY),
            "ended_at": None,
            "lapsed": False,
            "uncounted": False,
            "granted": application is None,
            "pools": application["pools"] if application else [],
            "slot": application["slot"] if application else 0,
            "listed": list(application["vehicles"]) if application else list(made["vehicles"]),
            "active": None,
            "pence": application["pence"] if application else 0,
        }
        home["holdings"][made["id"]] = holding
        first_cover(home, holding, product, at)


def first_cover(home: Fact, holding: Fact, product: Any, at: datetime) -> None:
    """What a permit covers as soon as it is issued."""
    if product.vehicles.binding not in ("listed", "at_purchase") or not holding["listed"]:
        return
    holding["active"] = holding["listed"][0]
    until = holding["until"]
    if product.use.end.kind == "days":  # CAM-001, X-088: consecutive calendar days
        first = max(holding["starts"], day_of(at))
        until = min(until, midnight(first + timedelta(days=product.use.end.days)))
    begins = min(holding["from"], until)
    for place, shown in enumerate(holding["listed"]):
        give_cover(
            home,
            f"{holding['id']} {shown}",
            at,
            kind="listed" if place else "active",
            shown=shown,
            plate=shown.replace("O", "0").replace("I", "1"),
            zone=holding["zone"],
            product=product.id,
            **{"from": begins, "until": until},
        )
