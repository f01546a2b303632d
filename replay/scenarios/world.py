"""A real world for a scenario: real handlers, store and read models, with only the clock held.

Each scenario has a schema of its own in the database of the run, so that scenarios run in any order
and beside each other. The default property and resident are there from the clock's first instant.

Source: the scenario language, "the default world".
"""

import itertools
import os
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

from commands.base import Command
from commands.enrol_resident import EnrolResident
from commands.handling import Sender
from commands.list_property import ListProperty
from ledger.events import Actor, Answer, Channel, Role
from ledger.household.state import Household
from ledger.refusals import NotFound, Refused
from ledger.scheme.editions import Editions, SchemeFile, SchemeLibrary, in_order
from ledger.scheme.faults import SchemeRejected
from ledger.scheme.loading import Loaded, parse
from ledger.scheme.schema import Scheme
from ledger.store.pool import Pool, new_pool
from replay.scenarios.command import Worlds
from replay.scenarios.common import Act
from replay.scenarios.language import Scenario
from replay.scenarios.naming import Names
from replay.scenarios.outcomes import NotSupported, Outcome, Refusal
from replay.scenarios.running import World
from replay.scenarios.steps import HOME, RES, Step
from replay.schemes.finding import library
from services.council import Council
from services.worker import run_due

COUNCIL_TAX_FROM = date(1990, 1, 1)
BUILT = date(1930, 1, 1)
BORN = date(1980, 1, 1)
MOBILE = "07700 900001"
ACCOUNT = "CT-1"

_pools: dict[str, tuple[Pool, Pool]] = {}
_numbers = itertools.count(1)


def worlds(dsn: str, scheme_file: Path | None = None) -> Worlds:
    """How scenarios meet the ledger in this database: with the program's own schemes, or with this
    file's edition in the place of its own.
    """
    return Worlds(
        zone_of=partial(zone_of, scheme_file=scheme_file),
        open_worker=partial(open_pools, dsn),
        world=partial(open_world, dsn, scheme_file),
    )


def zone_of(
    scheme_id: str, values: Mapping[str, object], scheme_file: Path | None = None
) -> ZoneInfo:
    """The time zone of a scheme. Raises LookupError: there is none; ValueError: bad values."""
    try:
        file = library(scheme_file).file_of(scheme_id)
        return parse(file.text, file.file, dict(values)).scheme.tz
    except NotFound as error:
        raise LookupError(scheme_id) from error
    except SchemeRejected as error:
        raise ValueError(str(error)) from error


def open_pools(dsn: str) -> None:
    """This process's connections: to act, and to check."""
    if dsn not in _pools:
        _pools[dsn] = (new_pool(dsn, 16, "acts"), new_pool(dsn, 2, "checks"))


def open_world(dsn: str, scheme_file: Path | None, scenario: Scenario) -> World:
    """An empty ledger for this scenario, its scheme's values replaced."""
    open_pools(dsn)
    acts, checks = _pools[dsn]
    return LedgerWorld(scenario, acts, checks, library(scheme_file))


class LedgerWorld:
    """One scenario's council, clock, and the things that its steps have named."""

    def __init__(
        self, scenario: Scenario, acts: Pool, checks: Pool, schemes: SchemeLibrary
    ) -> None:
        self.scenario = scenario
        self.zone = scenario.zone
        self.schemes = schemes
        self.file: SchemeFile = schemes.file_of(scenario.scheme)
        self.replaced: dict[str, object] = dict(scenario.set)
        self.replaced |= self._zones_outside()
        self.now = datetime.min.replace(tzinfo=UTC)
        self.names = Names()
        self.council = Council(
            f"s{os.getpid()}-{next(_numbers)}",
            acts,
            checks,
            self._editions(),
            clock=lambda: self.now,
        )
        self.council.migrate()
        self._keys = itertools.count(1)
        self._founded = False

    def _zones_outside(self) -> dict[str, object]:
        """A place in the scheme for each zone that a home lies in and the scheme does not name.

        Only where products name their zones: what such a home may have is then known (GRV-001);
        elsewhere a zone that is not the scheme's is a slip of the author's, and is refused.
        """
        scheme = self.parsed({}).scheme
        if not any(each.zones_only or each.zones_excluded for each in scheme.products):
            return {}
        homes = [self.scenario.home]
        homes += [step.arguments for step in self.scenario.steps if step.do == "property"]
        named = {str(home["zone"]) for home in homes if "zone" in home}
        return {
            f"zones.{zone}": scheme.zones[0].id
            for zone in sorted(named - {zone.id for zone in scheme.zones})
        }

    def _editions(self) -> Editions:
        """The scheme with the scenario's values, after those that it replaced."""
        before = self.schemes.editions(self.file.scheme.id).ordered[:-1]
        return in_order([*before, self.parsed({}).scheme])

    def parsed(self, more: Mapping[str, object]) -> Loaded:
        """The scheme's file with the scenario's values and these. Raises SchemeRejected."""
        return parse(self.file.text, self.file.file, {**self.replaced, **more})

    @property
    def scheme(self) -> Scheme:
        return self.council.scheme_at(self.now)

    def move_clock(self, to: datetime) -> None:
        """Run what falls due on the way, each at its own instant, then stand at `to`."""
        if self._founded:
            run_due(self.council, to, self._set)
        self._set(to)
        if not self._founded:
            self._founded = True
            self._found()

    def _set(self, instant: datetime) -> None:
        self.now = instant

    def _found(self) -> None:
        self.list_property(HOME, self.scenario.home)
        self.enrol(RES, {"mobile": MOBILE, "council_tax_account": ACCOUNT, **self.scenario.res})

    def list_property(self, label: str, facts: Mapping[str, object]) -> Answer:
        """A property by that name, eligible unless the facts say otherwise."""
        zones = self.scheme.zones
        stream = self.council.ledger.household_id(label)
        self.names.properties[label] = stream
        accounts = (
            (str(self.scenario.res.get("council_tax_account", ACCOUNT)),) if label == HOME else ()
        )
        return self.send(
            stream,
            ListProperty(
                property_ref=label,
                zone=str(facts.get("zone", zones[0].id if zones else "")),
                areas=tuple(cast(list[str], facts.get("areas", ()))),
                built_on=cast(date, facts.get("built", BUILT)),
                council_tax_from=cast(date, facts.get("council_tax_from", COUNCIL_TAX_FROM)),
                converted=bool(facts.get("converted", False)),
                built_with_own_scheme=bool(facts.get("built_with_own_scheme", False)),
                excluded=bool(facts.get("excluded", False)),
                council_tax_accounts=accounts,
            ),
            Actor("staff", "staff"),
        )

    def enrol(self, label: str, facts: Mapping[str, object]) -> Answer:
        """A resident by that name. Raises Refused."""
        stream = self.names.properties[str(facts.get("property", HOME))]
        answer = self.send(
            stream,
            EnrolResident(
                name=label,
                email=f"{label}@example.invalid",
                mobile=str(facts.get("mobile", "")),
                born_on=cast(date, facts.get("born", BORN)),
                lives_from=COUNCIL_TAX_FROM,
                receives=tuple(cast(list[str], facts.get("receives", ()))),
                council_tax_account=str(facts.get("council_tax_account", "")),
                verified=bool(facts.get("verified", True)),
            ),
            Actor("staff", "staff"),
        )
        self.names.residents[label] = (stream, str(answer.values["resident"]))
        return answer

    def send(
        self,
        stream: UUID,
        command: Command,
        by: Actor,
        *,
        key: str = "",
        channel: str = "website",
        on_behalf_of: str = "",
    ) -> Answer:
        """Send one command to one household. Raises Refused."""
        return self.council.handle(
            stream,
            command,
            Sender(
                by=by,
                key=key or self.fresh_key(),
                channel=cast(Channel, channel),
                on_behalf_of=on_behalf_of,
            ),
        )

    def fresh_key(self) -> str:
        """An idempotency key that no other command of this scenario has, nor one it races with."""
        return f"step-{next(self._keys)}"

    def actor(self, by: str) -> tuple[UUID, Actor, str]:
        """Who acts: the household, the actor, and the resident it is for."""
        home, res = self.names.residents[RES]
        if by in self.names.residents:
            stream, resident = self.names.residents[by]
            return stream, Actor("resident", resident), resident
        if by.startswith("approver:"):
            return home, Actor("approver", by.removeprefix("approver:")), res
        assert by in ("staff", "officer", "system")
        return home, Actor(cast(Role, by), by), res

    def household(self, stream: UUID) -> Household:
        return self.council.ledger.household(stream)

    def perform(self, step: Step) -> Outcome:
        """Do what a step says. What the rules refuse comes back as a Refusal."""
        from replay.scenarios import acting, applying, exceptional, looking, paper

        modules = (acting, applying, looking, paper, exceptional)
        verbs: dict[str, Act] = {}
        for module in modules:
            verbs.update(module.VERBS)
        verb = verbs.get(step.do)
        if verb is None:
            return NotSupported(verb=step.do)
        try:
            return verb(self, step)
        except Refused as refused:
            return refusal_of(refused)

    def events_appended(self) -> int:
        with self.council.pool.connection() as connection:
            row = connection.execute(
                f"select count(*)::int from {self.council.schema}.stored_events"
            ).fetchone()
        assert row is not None
        return int(row[0])

    def close(self) -> None:
        with self.council.pool.connection() as connection:
            connection.execute(f"drop schema {self.council.schema} cascade")


def refusal_of(refused: Refused) -> Refusal:
    return Refusal(
        codes=refused.codes, details=tuple(refusal.detail for refusal in refused.refusals)
    )
