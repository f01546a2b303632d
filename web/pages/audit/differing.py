"""What differs between two states of a household: each difference a line, and a sentence."""

from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from msgspec import Struct

from ledger.scheme.schema import Scheme
from projections.enforcement import word
from replay.as_at import AllowanceAsAt, CoverAsAt, HoldingAsAt, ShownAsAt, StateAsAt
from replay.wording import counted, end, moment
from web.pages.audit.household import cap_name, product_name

NOTHING = "Not known"


class Differs(Struct, frozen=True, kw_only=True):
    """One thing, as it was known at the first time and at the second."""

    what: str
    first: str
    second: str

    @property
    def words(self) -> str:
        if self.first == NOTHING:
            return f"{self.what}: only known at the second time ({self.second})"
        if self.second == NOTHING:
            return f"{self.what}: no longer so at the second time (it was {self.first})"
        return f"{self.what}: {self.first} at the first time, {self.second} at the second"


def differences(first: StateAsAt, second: StateAsAt, scheme: Scheme) -> list[Differs]:
    """Everything that is not the same, in the order of the page; empty where all is."""
    pairs = (
        (_people(first), _people(second)),
        (_holdings(first, scheme), _holdings(second, scheme)),
        (_covers(first, scheme), _covers(second, scheme)),
        (_allowances(first, scheme), _allowances(second, scheme)),
        (_shown(first, scheme.tz), _shown(second, scheme.tz)),
    )
    return [each for before, after in pairs for each in _unlike(before, after)]


Told = Mapping[object, tuple[str, str]]
"""By what tells a thing apart: its name, and how it stands."""


def _unlike(before: Told, after: Told) -> Iterator[Differs]:
    for key in [*before, *(each for each in after if each not in before)]:
        name, was = before.get(key, ("", NOTHING))
        later, now = after.get(key, ("", NOTHING))
        if was != now:
            yield Differs(what=name or later, first=was, second=now)


def _people(state: StateAsAt) -> Told:
    return {"people": ("People living there", str(len(state.residents)))}


def _holdings(state: StateAsAt, scheme: Scheme) -> Told:
    return {each.holding: _holding(each, scheme) for each in state.holdings}


def _holding(each: HoldingAsAt, scheme: Scheme) -> tuple[str, str]:
    begins = moment(each.in_force_from, scheme.tz)
    active = f", active for {each.active}" if each.active else ""
    until = end(each.in_force_until, scheme.tz)
    name = f"{product_name(each.product, scheme)} in force from {begins}"
    return name, f"{counted(each.units_left, 'unit')} left, until {until}{active}"


def _covers(state: StateAsAt, scheme: Scheme) -> Told:
    return {
        (each.mark, each.zone, each.kind, each.holding): _cover(each, scheme)
        for each in state.covers
    }


def _cover(each: CoverAsAt, scheme: Scheme) -> tuple[str, str]:
    listed = "listed, not active" if each.kind == "listed" else "covered"
    begins, until = moment(each.covers_from, scheme.tz), end(each.covers_until, scheme.tz)
    return f"{each.mark} in zone {each.zone}", f"{listed} from {begins} until {until}"


def _allowances(state: StateAsAt, scheme: Scheme) -> Told:
    return {
        (each.product, each.cap, each.resident): _allowance(each, scheme)
        for each in state.allowances
    }


def _allowance(each: AllowanceAsAt, scheme: Scheme) -> tuple[str, str]:
    whose = f" (resident {each.resident})" if each.resident else ""
    name = f"Allowance: {cap_name(each.cap, scheme)}{whose}"
    return name, f"{each.used} of {each.max + each.granted} used"


def _shown(state: StateAsAt, tz: ZoneInfo) -> Told:
    return {each.receipt: _answer(each, tz) for each in state.shown}


def _answer(each: ShownAsAt, tz: ZoneInfo) -> tuple[str, str]:
    said = word(each.covered)
    if each.covered is False:
        said += f" ({each.reason.replace('_', ' ')})"
    return f"What an officer was shown of {each.mark} at {moment(each.asked_at, tz)}", said
