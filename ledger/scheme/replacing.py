"""Values of a scheme replaced by path, as a scenario's `set` does it.

A path's parts are keys; an entry of a list is named by its `id`, and where entries have none the
first is meant (`products.visitor-permits.allowance.max`). A path that ends in an id which the list
lacks adds that entry, a copy of the one its value names; copies are made before other values are
set. When every amount of a table marked as a placeholder has been replaced, the mark goes: it is
the council's now.

Source: scenarios/README.md, `set`.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Final

from ledger.scheme.faults import SchemeError, shown
from ledger.scheme.plain import Table, is_true

AMOUNTS: Final[dict[str, frozenset[str]]] = {
    "placeholder": frozenset(
        {"pence", "admin_pence", "month_pence", "hour_pence", "tiers", "by_zone", "max"}
    ),
    "fee_placeholder": frozenset({"fee_pence"}),
}
"""By the mark: the keys beside it whose values it says are not the council's."""

LISTS_WITH_IDS: Final = frozenset({"products", "zones", "concessions", "grants"})


class _Unknown(Exception):
    """A path leads nowhere: what was found on the way, and what is allowed there."""

    def __init__(self, found: str, allowed: str) -> None:
        self.found = found
        self.allowed = allowed
        super().__init__(found)


def replaced(plain: Table, replacements: Mapping[str, object]) -> tuple[Table, list[SchemeError]]:
    """A copy with every value replaced, and a fault for each path that leads nowhere."""
    result = deepcopy(plain)
    faults: list[SchemeError] = []
    given: dict[int, tuple[Table, set[str]]] = {}
    for copies in (True, False):
        for path, value in replacements.items():
            try:
                if _adds_entry(path) is copies:
                    _put(result, path, value, given)
            except _Unknown as unknown:
                faults.append(SchemeError(path=path, found=unknown.found, allowed=unknown.allowed))
    for holder, keys in given.values():
        _unmark(holder, keys)
    return result, faults


def _adds_entry(path: str) -> bool:
    """True for a path that ends in an id: it can only be there to add that entry."""
    parts = path.split(".")
    return len(parts) == 2 and parts[0] in LISTS_WITH_IDS


def _put(plain: Table, path: str, value: object, given: dict[int, tuple[Table, set[str]]]) -> None:
    *parents, last = path.split(".")
    if not all((*parents, last)):
        raise _Unknown("an empty part of the path", "keys and ids joined by single dots")
    holder: object = plain
    for part in parents:
        holder = _inside(holder, part)
    if isinstance(holder, list) and _have_ids(holder, parents):
        _add_copy(holder, last, value)
        return
    target = _first(holder) if isinstance(holder, list) else holder
    if not isinstance(target, dict):
        raise _Unknown(shown(target), f'a table that can hold "{last}"')
    target[last] = deepcopy(value)
    given.setdefault(id(target), (target, set()))[1].add(last)


def _inside(holder: object, part: str) -> object:
    """What a part of a path leads to. A table that a file is silent about begins empty."""
    if isinstance(holder, list):
        entry = _entry(holder, part)
        if entry is not None:
            return entry
        if any(isinstance(each, dict) and "id" in each for each in holder):
            raise _Unknown(f'no entry "{part}"', "an id of " + ", ".join(_ids(holder)))
        holder = _first(holder)
    if not isinstance(holder, dict):
        raise _Unknown(shown(holder), f'a table that holds "{part}"')
    return holder.setdefault(part, {})


def _have_ids(holder: list[object], parents: list[str]) -> bool:
    named = any(isinstance(each, dict) and "id" in each for each in holder)
    return named or (len(parents) == 1 and parents[0] in LISTS_WITH_IDS)


def _first(holder: list[object]) -> object:
    if not holder:
        raise _Unknown("an empty list", "a list with an entry, or the whole list as the value")
    return holder[0]


def _add_copy(holder: list[object], name: str, source: object) -> None:
    if _entry(holder, name) is not None:
        raise _Unknown(f'an entry "{name}" already there', "an id that the list lacks")
    model = _entry(holder, source) if isinstance(source, str) else None
    if model is None:
        raise _Unknown(shown(source), "the id of the entry to copy: " + ", ".join(_ids(holder)))
    holder.append({**deepcopy(model), "id": name})


def _entry(holder: list[object], name: str) -> Table | None:
    return next((each for each in _tables(holder) if each.get("id") == name), None)


def _ids(holder: list[object]) -> list[str]:
    return [str(each["id"]) for each in _tables(holder) if "id" in each]


def _tables(holder: list[object]) -> Iterator[Table]:
    return (each for each in holder if isinstance(each, dict))


def _unmark(holder: Table, keys: set[str]) -> None:
    """Take a placeholder's mark away once all the amounts beside it are the council's."""
    for mark, amounts in AMOUNTS.items():
        marked = amounts & holder.keys()
        if is_true(holder, mark) and mark not in keys and marked and marked <= keys:
            del holder[mark]
