"""The editions that may be looked at: the council's own first, then those of the other schemes."""

from ledger.refusals import NotFound
from ledger.scheme.editions import SchemeFile
from ledger.scheme.loading import built_in
from ledger.scheme.schema import Scheme
from replay.schemes.council import STATUSES
from replay.wording import day
from web.pages.framework import EDITOR, Visit, roles

READERS = EDITOR | roles("auditor", "dispute")


def every(visit: Visit) -> list[Scheme]:
    """Each edition once; the council's own in the order in which they begin."""
    own = list(visit.council.editions.ordered)
    names = {each.edition for each in own}
    others = [each.scheme for each in built_in().read if each.scheme.edition not in names]
    return [*own, *sorted(others, key=lambda each: (each.council, each.begins_at, each.revision))]


def label(scheme: Scheme) -> str:
    """`Such a Council, from 1 January 2015 (in force)`."""
    edition = f", edition {scheme.revision}" if scheme.revision > 1 else ""
    return (
        f"{scheme.council}, from {day(scheme.effective_from)}{edition} ({STATUSES[scheme.status]})"
    )


def chosen(visit: Visit, name: str) -> Scheme:
    """The edition of that name; without one the council's that is in force. Raises NotFound."""
    if not name:
        return visit.scheme
    found = next((each for each in every(visit) if each.edition == name), None)
    if found is None:
        raise NotFound("scheme", name)
    return found


def file_of(scheme: Scheme) -> SchemeFile | None:
    """The program's file that the edition was read from; None where it is none of its own."""
    return next((each for each in built_in().read if each.scheme.edition == scheme.edition), None)
