"""Suspected misuse: permits that officers saw so often a day, on more than so many days.

The report is a list for a letter, nothing more: only a person's decision ends a permit. What was
seen counts together, over any time, until the case was decided; then only what was seen since.

Source: scheme TOML `misuse`; NOR-023 to 026, NOR-057, NOR-118, NOR-155, A-200; X-096.
"""

from datetime import date, datetime

from msgspec import Struct
from psycopg.rows import class_row

from ledger.events import MisuseStep, PermitObserved, Recorded
from ledger.scheme.schema import Scheme
from ledger.store.pool import Connection
from ledger.store.rows import Changes, Table

SIGHTINGS = Table(
    name="sightings",
    columns=(
        "observation_id",
        "household_id",
        "holding_id",
        "product",
        "zone",
        "shown",
        "observed_at",
        "observed_on",
        "note_only",
        "verdict",
        "version",
    ),
    key=("observation_id",),
    match=("observation_id",),
)

STEPS = Table(
    name="misuse_steps",
    columns=("household_id", "version", "holding_id", "step", "rescinded", "taken_at"),
    key=("household_id", "version"),
    match=("household_id", "version"),
)


class Misuse:
    """The fold: what officers saw of permits, and the steps that were taken about them."""

    name = "misuse"
    tables = (SIGHTINGS, STEPS)

    def apply(self, changes: Changes, recorded: Recorded) -> None:
        match recorded.event:
            case PermitObserved() as event if event.holding_id:
                changes.put(
                    SIGHTINGS,
                    {
                        "observation_id": event.observation_id,
                        "household_id": recorded.household_id,
                        "holding_id": event.holding_id,
                        "product": event.product,
                        "zone": event.zone,
                        "shown": event.shown,
                        "observed_at": event.observed_at,
                        "observed_on": event.observed_on,
                        "note_only": event.note_only,
                        "verdict": event.verdict,
                        "version": recorded.originator_version,
                    },
                )
            case MisuseStep() as event:
                changes.put(
                    STEPS,
                    {
                        "household_id": recorded.household_id,
                        "version": recorded.originator_version,
                        "holding_id": event.holding_id,
                        "step": event.step,
                        "rescinded": event.rescinded,
                        "taken_at": recorded.recorded_at,
                    },
                )
            case _:
                pass


class Suspected(Struct, frozen=True, kw_only=True):
    """A permit on the list: on how many days it was seen too often, and the last step taken."""

    household_id: str
    holding_id: str
    product: str
    zone: str
    days: int
    first_on: date
    last_on: date
    marks: list[str]
    last_step: str | None
    last_step_at: datetime | None


LISTED = """
with decided as (
    select household_id, holding_id, max(version) as version
    from {schema}.misuse_steps where step = 'decide' group by household_id, holding_id
), seen as (
    select s.* from {schema}.sightings s
    left join decided d on d.household_id = s.household_id and d.holding_id = s.holding_id
    where s.product = any(%(products)s) and s.version > coalesce(d.version, 0)
), days as (
    select household_id, holding_id, observed_on from seen
    group by household_id, holding_id, observed_on having count(*) >= %(often)s
), listed as (
    select household_id, holding_id, count(*)::int as days,
        min(observed_on) as first_on, max(observed_on) as last_on
    from days group by household_id, holding_id having count(*) > %(days_over)s
)
select l.household_id::text as household_id, l.holding_id, min(s.product) as product,
    min(s.zone) as zone, l.days, l.first_on, l.last_on,
    array_agg(distinct s.shown order by s.shown) as marks,
    step.step as last_step, step.taken_at as last_step_at
from listed l
join seen s on s.household_id = l.household_id and s.holding_id = l.holding_id
left join lateral (
    select m.step, m.taken_at from {schema}.misuse_steps m
    left join decided d on d.household_id = m.household_id and d.holding_id = m.holding_id
    where m.household_id = l.household_id and m.holding_id = l.holding_id
        and m.version > coalesce(d.version, 0)
    order by m.version desc limit 1
) step on true
group by l.household_id, l.holding_id, l.days, l.first_on, l.last_on, step.step, step.taken_at
order by l.first_on, l.holding_id
"""


def listed(connection: Connection, schema: str, scheme: Scheme) -> list[Suspected]:
    """The permits to write a letter about, longest suspected first.

    Empty where the scheme has no terms. Cards are no permits: each is paid for, and a card rightly
    displayed is taken to be legitimate (NOR-048).
    """
    terms = scheme.misuse
    if terms is None:
        return []
    permits = [product.id for product in scheme.products if not product.draws_units]
    with connection.cursor(row_factory=class_row(Suspected)) as cursor:
        return cursor.execute(
            LISTED.format(schema=schema).encode(),
            {
                "products": permits,
                "often": terms.observations_per_day,
                "days_over": terms.days_over,
            },
        ).fetchall()
