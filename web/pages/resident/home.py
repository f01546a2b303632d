"""A resident's first page: the household card, and the one thing they most likely came to do.

Source: STV-078, STV-112 to 115, GRV-029, HAN-015; issue "The pages", item 1 (a household card).
"""

from replay.schemes.selling import zone_name
from web.pages.framework import View, Visit
from web.pages.resident import home_card, sessions, vehicles, vehicles_paper, visitors
from web.pages.resident.booking_quote import bookable
from web.pages.resident.own import own

VISITORS_SHOWN = 4
VISITS_SHOWN = 3


def shown(visit: Visit) -> View:
    """The card."""
    mine = own(visit)
    choices = bookable(visit, mine)
    lots = home_card.held(visit, mine)
    saved = visitors.saved(visit)
    return View(
        template="resident/home.html",
        values={
            "address": mine.home.address,
            "zone": zone_name(mine.scheme, mine.home.zone),
            "tasks": home_card.tasks(visit, mine),
            "choices": choices,
            "one_tap": len(choices) == 1 and choices[0].terms.immediate,
            "saved": saved[:VISITORS_SHOWN],
            "more_saved": len(saved) > VISITORS_SHOWN,
            "listings": vehicles.listings(visit, mine),
            "units": [each for each in lots if each.product.draws_units],
            "permits": [each for each in lots if not each.product.draws_units],
            "visits": sessions.next_visits(visit, mine, VISITS_SHOWN),
            "cards": vehicles_paper.cards_held(visit, mine),
            "clocks": vehicles_paper.clock_permits(visit, mine),
            "running": vehicles_paper.running(mine),
        },
    )
