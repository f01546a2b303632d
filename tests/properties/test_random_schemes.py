"""Random valid schemes, and random lives under them: no crash, no promise broken, known codes.

Source: issue "Every scheme"; promises P4, P7.
"""

import os
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from zlib import crc32

from hypothesis import HealthCheck, seed, settings
from hypothesis import given as for_all
from hypothesis import strategies as st
from msgspec import inspect, structs

from commands.registry import CASES
from ledger.events import AllowanceGranted, HoldingIssued
from ledger.household.evolve import evolve
from ledger.household.state import Household
from ledger.refusals import CODES
from ledger.scheme.editions import Editions, in_order
from ledger.scheme.loading import built_in, parse
from ledger.scheme.schema import Scheme
from ledger.store.mapper import decode_folded
from replay.schemes.differing import differences
from replay.schemes.showing import shown, text
from tests.properties.any_invariants import dated_back, outside_its_holding, passed_when_bought
from tests.properties.any_lives import STEP_MAX, AnyLife
from tests.properties.desk_lives import DESK
from tests.properties.invariants import two_active, units_lost
from tests.properties.lives import BEGINS
from tests.properties.scheme_strategies import schemes

DEEP = int(os.environ.get("PERMIT_LEDGER_DEEP", "1"))
SCHEMES = 110 * DEEP
LIVES = 3
LENGTH = 120
STEPS = st.lists(st.integers(0, STEP_MAX), max_size=60)
UNHURRIED = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def editions(file: str) -> Editions:
    return in_order([parse(file, "random.toml").scheme])


def lived(scheme: Editions, steps: list[int]) -> AnyLife:
    life = AnyLife(scheme)
    life.live_by(steps)
    return life


def long_life(scheme: Editions, seed: int) -> AnyLife:
    chance = Random(seed)
    return lived(scheme, [chance.randrange(STEP_MAX) for _ in range(LENGTH)])


def broken(life: AnyLife) -> Iterator[str]:
    """Every promise that a life breaks."""
    yield from (f"two active: {pair}" for pair in two_active(life.events))
    yield from units_lost(life.household, life.events)
    yield from passed_when_bought(life.events, life.editions)
    yield from dated_back(life.events, life.editions)
    yield from outside_its_holding(life.events, life.editions)
    yield from sorted(life.codes - CODES)
    if folded(life) != life.household:
        yield "folded from its stored bytes the household is another"


def folded(life: AnyLife) -> Household:
    """The household from its stored bytes alone."""
    household = Household(household_id=life.household.household_id)
    for fact in decode_folded(life.stored):
        evolve(household, fact.event, fact.recorded_at)
        household.last_recorded_at = fact.recorded_at
    household.version = len(life.stored)
    return household


@settings(UNHURRIED, max_examples=SCHEMES)
@for_all(schemes())
def test_no_life_under_any_scheme_breaks_a_promise(file: str) -> None:
    """Allowances, units, one active vehicle, nothing dated back, covers within their holding.

    Anything but Refused and NotFound that a decision raises fails here too.
    """
    scheme = editions(file)
    for n in range(LIVES):
        assert list(broken(long_life(scheme, crc32(file.encode()) + n))) == []


@settings(UNHURRIED, max_examples=SCHEMES // 4)
@for_all(schemes(), schemes())
def test_no_life_across_a_new_edition_breaks_a_promise(file: str, later: str) -> None:
    """What was sold under the old edition keeps its terms, whatever the new one says (X-060)."""
    old, new = editions(file), editions(later).latest
    changed = structs.replace(new, timezone=old.latest.timezone, replaces=old.latest.replaces)
    both = old.with_edition(changed, BEGINS + timedelta(days=15))

    assert list(broken(long_life(both, crc32(file.encode())))) == []


@settings(UNHURRIED, max_examples=SCHEMES)
@for_all(schemes(), STEPS)
def test_a_life_that_breaks_a_promise_is_made_small(file: str, steps: list[int]) -> None:
    """The same, step by step chosen: what fails here is shown with the fewest steps."""
    assert list(broken(lived(editions(file), steps))) == []


@settings(UNHURRIED, max_examples=SCHEMES // 4)
@for_all(schemes(), schemes())
def test_any_scheme_can_be_told_and_compared(one: str, other: str) -> None:
    """Words for every value; two schemes are alike only where their terms are."""
    first, second = editions(one).latest, editions(other).latest

    page = text(shown(first))
    assert first.council in page
    assert "None" not in page
    assert differences(first, first) == ()
    alike = structs.replace(first, **{key: getattr(second, key) for key in _NAMES})
    assert bool(differences(first, second)) == (alike != second)


SEEDS = 10
_NAMES = ("status", "effective_from", "effective_at", "revision", "replaces", "seed")


def test_the_schemes_have_every_key_and_the_lives_do_everything_there_is_to_do() -> None:
    """A generator that leaves a key out, or is refused everything, would prove nothing.

    It goes on, seed by seed, until everything was seen: the rarest act wants a lucky scheme.
    """
    keys: set[str] = set()
    accepted: set[str] = set()
    every_key = set(_schema_keys(inspect.type_info(Scheme)))
    # A notice and the register of outages are no households: they have lives of their own.
    every_command = {command.__name__ for command, _ in CASES if command not in DESK}
    for number in range(SEEDS):
        if keys >= every_key and accepted >= every_command:
            break

        @seed(number)
        @settings(UNHURRIED, max_examples=120, database=None)
        @for_all(schemes())
        def gather(file: str) -> None:
            keys.update(_keys(tomllib.loads(file)))
            accepted.update(long_life(editions(file), crc32(file.encode())).accepted)

        gather()
    assert every_key - keys == set()
    assert every_command - accepted == set()


def _keys(value: object, path: str = "") -> Iterator[str]:
    """The paths of the keys that a table has; entries of lists and of tables of names alike."""
    match value:
        case dict():
            for key, inner in value.items():
                named = path in _TABLES_OF_NAMES
                at = path if named else f"{path}.{key}".lstrip(".")
                yield at
                yield from _keys(inner, f"{at}.*" if named else at)
        case list():
            for inner in value:
                yield from _keys(inner, path)
        case _:
            return


_TABLES_OF_NAMES = {"order_groups", "allowance_groups", "fair_use", "products.channels"}


def _schema_keys(kind: inspect.Type, path: str = "") -> Iterator[str]:
    """The paths of the keys that the schema knows."""
    match kind:
        case inspect.StructType(fields=fields) if not path.endswith(("max_age", "use.end")):
            for each in fields:
                at = f"{path}.{each.encode_name}".lstrip(".")
                yield at
                yield from _schema_keys(each.type, at)
        case inspect.VarTupleType(item_type=item):
            yield from _schema_keys(item, path)
        case inspect.DictType(value_type=item):
            yield from _schema_keys(item, f"{path}.*")
        case inspect.UnionType(types=kinds):
            for each in kinds:
                yield from _schema_keys(each, path)
        case inspect.Metadata(type=inner):
            yield from _schema_keys(inner, path)
        case _:
            return


def purchase(life: AnyLife) -> tuple[datetime, HoldingIssued]:
    return next((at, each) for at, each in life.events if isinstance(each, HoldingIssued))


def bought() -> AnyLife:
    """A life of a purchase that counts on a cap and covers its vehicles from its issue on."""
    scheme = in_order([built_in().scheme("gravesham")])
    for number in range(200):
        life = long_life(scheme, number)
        for _, event in life.events:
            if isinstance(event, HoldingIssued) and event.covers and event.counted:
                return life
    raise AssertionError("nobody buys anything")


def test_a_cap_that_a_purchase_passed_is_found_unless_it_was_granted() -> None:
    life = bought()
    at, issued = purchase(life)
    again = structs.replace(issued, holding_id="again")
    granted = AllowanceGranted(
        grant_id="g",
        product=issued.product,
        units=1,
        resident_id=issued.resident_id,
        approver="a",
        reason="r",
        granted_on=date(2020, 1, 1),
        counts_until=date(2040, 1, 1),
        vehicle=None,
        holding_id="",
    )

    twice = [(at, issued), (at, again)]
    assert list(passed_when_bought(twice, life.editions)) != []
    assert list(passed_when_bought([(at, granted), *twice], life.editions)) == []


def test_a_cover_dated_back_and_one_that_outlasts_its_holding_are_found() -> None:
    life = bought()
    at, issued = next(
        (at, each) for at, each in life.events if isinstance(each, HoldingIssued) and each.covers
    )
    first = structs.replace(issued.covers[0], covers_from=datetime(2020, 1, 1, tzinfo=UTC))
    last = structs.replace(issued.covers[0], covers_until=datetime(2090, 1, 1, tzinfo=UTC))

    early = structs.replace(issued, covers=(first,))
    late = structs.replace(issued, covers=(last,))
    assert list(dated_back([(at, early)], life.editions)) != []
    assert list(outside_its_holding([(at, late)], life.editions)) != []
    assert list(outside_its_holding([(at, issued)], life.editions)) == []
