"""What changes between two schemes, in words: product by product, and only what differs.

Each difference is said as a fact whose value changes. A value that the facts have no words for is
said by its key's path, with the old value and the new. What names a scheme or an edition (id,
council, revision, dates, source) makes no difference by itself.

Source: issue "Every scheme"; scheme TOML.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final

import msgspec
from msgspec import Struct

from ledger.scheme.products import Product
from ledger.scheme.schema import Proof, Scheme
from replay.schemes import council
from replay.schemes.leaves import leaves, put, written
from replay.schemes.showing import PRODUCT_FACTS, SCHEME_FACTS
from replay.schemes.words import Fact

NAMES: Final = frozenset(
    {"schema", "id", "council", "seed", "revision", "replaces", "status"}
    | {"effective_from", "effective_at"}
)
"""Keys that say which edition it is, and nothing of what a resident may do."""
WHOLE: Final = "the scheme"

Say = Callable[[Struct], Fact]
Told = Sequence[tuple[tuple[str, ...], Say]]


class Difference(Struct, frozen=True, kw_only=True):
    """One thing that changes. `subject` is a product, a zone, or "the scheme"; `key` the path in
    the file; `label` what of it changes, empty for the whole; `old`, `new` None where there is
    none.
    """

    subject: str
    key: str
    label: str = ""
    old: str | None = None
    new: str | None = None

    @property
    def words(self) -> str:
        what = f"{self.subject}: {self.label}" if self.label else self.subject
        if self.old is None:
            return f"{what} is new" + (f": {self.new}" if self.new else "")
        if self.new is None:
            return f"{what} is no longer there" + (f": {self.old}" if self.old else "")
        return f"{what} changes from {self.old} to {self.new}"


def differences(old: Scheme, new: Scheme) -> tuple[Difference, ...]:
    """Everything that differs, the products first, in the order of the schemes."""
    return tuple(_all(old, new))


def _all(old: Scheme, new: Scheme) -> Iterator[Difference]:
    for product in old.products:
        key, after = f"products.{product.id}", new.product(product.id)
        if after is None:
            yield Difference(subject=product.name, key=key, old="")
        else:
            yield from _product(key, product, after, old, new)
    for product in new.products:
        if old.product(product.id) is None:
            yield Difference(subject=product.name, key=f"products.{product.id}", new="")
    yield from _facts(WHOLE, "", (old, _SCHEME_FACTS), (new, _SCHEME_FACTS))
    for entries in _LISTS:
        yield from _entries(entries, old, new)
    spoken = {key for keys, _ in SCHEME_FACTS for key in keys} | NAMES | {"products"}
    spoken |= {entries.key for entries in _LISTS}
    yield from _unspoken(WHOLE, "", old, new, spoken)


def _product(
    key: str, was: Product, now: Product, old: Scheme, new: Scheme
) -> Iterator[Difference]:
    yield from _facts(now.name, f"{key}.", (was, _of(old)), (now, _of(new)))
    spoken = {each for keys, _ in PRODUCT_FACTS for each in keys}
    yield from _unspoken(now.name, f"{key}.", was, now, spoken)


def _of(scheme: Scheme) -> Told:
    """What is told of a product of this scheme."""

    def saying(say: Callable[[Product, Scheme], Fact], product: Struct) -> Fact:
        assert isinstance(product, Product)
        return say(product, scheme)

    return [(keys, partial(saying, say)) for keys, say in PRODUCT_FACTS]


def _saying(say: Callable[[Scheme], Fact], scheme: Struct) -> Fact:
    assert isinstance(scheme, Scheme)
    return say(scheme)


_SCHEME_FACTS: Final[Told] = [
    (keys, partial(_saying, say)) for keys, say in SCHEME_FACTS if not NAMES.issuperset(keys)
]


def _facts(
    subject: str, path: str, before: tuple[Struct, Told], after: tuple[Struct, Told]
) -> Iterator[Difference]:
    """Every key that a fact speaks of and that differs: by the fact, or by itself."""
    (old, told_old), (new, told_new) = before, after
    for (keys, say_old), (_, say_new) in zip(told_old, told_new, strict=True):
        changed = [key for key in keys if getattr(old, key) != getattr(new, key)]
        if not changed:
            continue
        was, now = say_old(old), say_new(new)
        said = was.value != now.value
        if said:
            yield _said(subject, path + changed[0], now.label, was.value, now.value)
        for key in changed:
            yield from _unsaid(subject, path, key, (old, say_old), (new, say_new), said)


def _said(subject: str, key: str, label: str, old: str, new: str) -> Difference:
    """A change in words, without the parts that both have."""
    were, are = old.split("; "), new.split("; ")
    gone = "; ".join(part for part in were if part not in are)
    come = "; ".join(part for part in are if part not in were)
    return Difference(subject=subject, key=key, label=label, old=gone or None, new=come or None)


def _unsaid(
    subject: str,
    path: str,
    key: str,
    before: tuple[Struct, Say],
    after: tuple[Struct, Say],
    said: bool,
) -> Iterator[Difference]:
    """What changed under a key without changing a word: each single value by its path."""
    (old, say_old), (new, say_new) = before, after
    were, are = leaves(getattr(old, key), (key,)), leaves(getattr(new, key), (key,))
    if were.keys() != are.keys():
        if not said:
            yield from _raw(subject, path + key, getattr(old, key), getattr(new, key))
        return
    for at, was in were.items():
        now = are[at]
        if was == now or at[:2] == ("proof", "documents"):
            continue
        # Setting it alone, or putting it back alone, makes a difference where there are words.
        if not (_speaks(old, at, now, say_old) or _speaks(new, at, was, say_new)):
            yield from _raw(subject, path + written(at), was, now)


def _speaks(part: Struct, at: tuple[str, ...], value: object, say: Say) -> bool:
    changed = put(part, at, value)
    assert isinstance(changed, Struct)
    return say(changed).value != say(part).value


def _unspoken(
    subject: str, path: str, old: Struct, new: Struct, spoken: set[str]
) -> Iterator[Difference]:
    """Keys that no fact speaks of."""
    for key in old.__struct_fields__:
        if key not in spoken:
            yield from _raw(subject, path + key, getattr(old, key), getattr(new, key))


def _raw(subject: str, path: str, old: object, new: object) -> Iterator[Difference]:
    if old != new:
        was, now = (msgspec.json.encode(value).decode() for value in (old, new))
        yield Difference(subject=subject, key=path, label=path, old=was, new=now)


class Entries(Struct, frozen=True):
    """A list of a scheme whose entries are compared one by one: key, path, what one is called."""

    key: str
    path: str
    called: str
    say: Callable[..., Fact]


def _without(say: Callable[..., Fact]) -> Callable[..., Fact]:
    return lambda entry, _: say(entry)


_LISTS: Final = (
    Entries("proof", "proof.documents", "document", _without(council.document)),
    Entries("eligibility", "eligibility", "who is eligible", _without(council.eligible)),
    Entries("vehicle_limits", "vehicle_limits", "vehicle limit", _without(council.vehicle_limit)),
    Entries("zones", "zones", "zone", _without(council.zone)),
    Entries("concessions", "concessions", "reduced price", council.concession),
    Entries("order_groups", "order_groups", "bought together", council.order_group),
    Entries("fair_use", "fair_use", "fair use", council.fair_use),
    Entries("grants", "grants", "exception", council.grant),
)


def _entries(entries: Entries, old: Scheme, new: Scheme) -> Iterator[Difference]:
    """Entries of a list or table, matched by what names them; those without a name, as they are."""
    before, after = _named(getattr(old, entries.key)), _named(getattr(new, entries.key))
    for name in [*before, *(each for each in after if each not in before)]:
        was, now = before.get(name), after.get(name)
        if was == now:
            continue
        fact_old = entries.say(was, old) if was is not None else None
        fact_new = entries.say(now, new) if now is not None else None
        is_id = not name.startswith("[")
        subject = f"{entries.called} {name}" if is_id else entries.called
        key = f"{entries.path}.{name}" if is_id else entries.path
        if fact_old is None or fact_new is None:
            told_old, told_new = (each.value if each else None for each in (fact_old, fact_new))
            yield Difference(subject=subject, key=key, old=told_old, new=told_new)
            continue
        if fact_old.value != fact_new.value:
            label = fact_new.label if entries.key == "zones" else ""
            yield Difference(
                subject=subject, key=key, label=label, old=fact_old.value, new=fact_new.value
            )
        else:
            yield from _raw(subject, key, was, now)


def _named(entries: object) -> dict[str, Struct]:
    match entries:
        case Proof():
            return {each.type: each for each in entries.documents}
        case Mapping():
            return {str(name): entry for name, entry in entries.items()}
        case tuple():
            # Without ids an entry is only like itself: what is changed is gone, and another new.
            return {getattr(each, "id", f"[{each!r}]"): each for each in entries}
        case _:
            raise AssertionError("no list of a scheme")
