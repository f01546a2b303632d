"""Where staff begin: what waits for them, in figures, and the way to find a household."""

from datetime import timedelta

from projections import waiting
from services import proposals
from web.pages.framework import STAFF, Link, View, Visit, get

LAPSING = timedelta(days=7)


def shown(visit: Visit) -> View:
    """The figures: applications that wait, late ones, offers that soon lapse, what to confirm."""
    council = visit.council
    with council.pool.connection() as connection:
        figures = waiting.counts(
            connection,
            council.schema,
            today=visit.today,
            at=visit.now,
            lapsing_before=visit.now + LAPSING,
        )
        to_confirm = proposals.waiting_for(connection, council.schema, visit.by.name, visit.now)
    return View(
        template="counter/start.html",
        values={"figures": figures, "to_confirm": to_confirm, "days": LAPSING.days},
    )


PAGES = (get("/staff/today", STAFF, shown),)

LINKS = (
    Link(
        text="Counter",
        path="/staff/today",
        roles=STAFF,
        hint="What waits to be decided or confirmed today.",
    ),
)
