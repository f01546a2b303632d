"""How long an offer stands.

Source: GRV-021, GRV-022; X-028.
"""

from datetime import datetime, timedelta

from tests.oracle.days import DAY, midnight
from tests.oracle.said import Fact, Said, no, unknown, yes


def lapse_offer(home: Fact, ask: Fact) -> Said:
    """An offer that nobody took up is recorded as over, once, where the scheme sets an end
    (X-028)."""
    application = home["applications"].get(ask["subject"])
    if application is None:
        return no(anything=True)

    def then(told: Fact) -> None:
        application["state"] = "declined"

    over = offer_over(home, application, ask["at"])
    if application["state"] != "offered" or over == "no":
        return no(anything=True)
    return yes(then) if over == "yes" else unknown("offer_ends", then)


def offer_over(home: Fact, application: Fact, at: datetime) -> str:
    """`yes`, `no`, or `unsure` on the last day: the catalogue says days and no hour (X-028)."""
    days = home["scheme"].flow.offer_days
    if application["state"] != "offered" or not days:
        return "no"
    last = application["offered_on"] + timedelta(days=days)
    if midnight(last) <= at < midnight(last + DAY):
        return "unsure"
    return "yes" if at >= midnight(last + DAY) else "no"
