"""Two editions side by side: only what differs, product by product."""

from replay.schemes.differing import Difference, differences
from replay.schemes.words import capital, spoken
from web.pages.framework import View, Visit, get
from web.pages.schemes.choosing import READERS, chosen, every, label


def compared(visit: Visit) -> View:
    """From one edition to another, as the address names them. Raises NotFound."""
    editions = every(visit)
    own = visit.council.editions.ordered
    before = chosen(visit, visit.query.get("old", "") or own[max(0, len(own) - 2)].edition)
    after = chosen(visit, visit.query.get("new", ""))
    found = differences(before, after)
    return View(
        template="schemes/compare.html",
        back="/schemes",
        values={
            "editions": [(each.edition, label(each)) for each in editions],
            "before": before.edition,
            "after": after.edition,
            "labels": (label(before), label(after)),
            "rows": [_row(each) for each in found],
        },
    )


def _row(each: Difference) -> list[str]:
    subject = each.subject.replace("_", " ")
    what = capital(subject) + (f": {spoken(each.label)}" if each.label else "")
    if {each.old, each.new} == {None, ""}:
        return [what, *("Not sold" if side is None else "Sold" for side in (each.old, each.new))]
    return [what, *(capital(side or "Nothing") for side in (each.old, each.new))]


PAGES = (get("/schemes/compare", READERS, compared),)
