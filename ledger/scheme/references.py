"""Ids that a scheme's parts name each other by."""

from collections.abc import Iterator

from ledger.scheme.faults import SchemeError, shown
from ledger.scheme.plain import Table, entries, text


def ids(plain: Table, key: str) -> tuple[str, ...]:
    """The ids of a list's entries, in order."""
    found = (text(entry, "id") for _, entry in entries(plain, key, ""))
    return tuple(name for name in found if name is not None)


def unknown(name: str | None, path: str, known: tuple[str, ...]) -> Iterator[SchemeError]:
    """Yield a fault where a name is given and nothing has it."""
    if name is not None and name not in known:
        yield SchemeError(
            path=path,
            found=shown(name),
            allowed="one of " + ", ".join(known) if known else "nothing: there is none to name",
        )


def zone_unknown(plain: Table, name: str | None, path: str) -> Iterator[SchemeError]:
    """As unknown, for a zone. A file that lists no zones leaves them to the council's own list."""
    zones = ids(plain, "zones")
    if zones:
        yield from unknown(name, path, zones)
