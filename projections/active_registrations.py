"""Active registrations: every vehicle's cover, as it was known and when. The officer's read model.

A fact that changes a cover never touches what was known before it: the row of what was known
closes at
the fact's instant (`known_until`) and another opens. One indexed row so answers both clocks, what
was true and what could be known. `listed` rows permit nothing; they tell a listed vehicle from a
stranger's.

Source: design, section 6; X-102.
"""

from datetime import datetime

from psycopg.rows import class_row

from ledger.events import Cover, Recorded, VehicleFactsRecorded, VoucherBooked
from ledger.rules.covering import Right, VehicleFacts
from ledger.store.pool import Connection
from ledger.store.rows import Changes, Table
from ledger.values import FOREVER

REGISTRATIONS = Table(
    name="active_registrations",
    columns=(
        "cover_id",
        "version",
        "household_id",
        "holding_id",
        "product",
        "kind",
        "shown",
        "glyphs",
        "zone",
        "covers_from",
        "covers_until",
        "known_from",
        "known_until",
    ),
    key=("cover_id", "version"),
    match=("cover_id",),
    patched=("known_until",),
    open_until="known_until",
    watched=True,
)

FACT_FIELDS = VehicleFacts.__struct_fields__

VEHICLE_FACTS = Table(
    name="vehicle_facts",
    columns=("glyphs", "version", *FACT_FIELDS, "known_from", "known_until"),
    key=("glyphs", "version"),
    match=("glyphs",),
    patched=("known_until",),
    open_until="known_until",
    watched=True,
)


class ActiveRegistrations:
    """The fold from facts to rows: only facts that give or take cover matter, or tell of a
    vehicle.
    """

    name = "active-registrations"
    tables = (REGISTRATIONS, VEHICLE_FACTS)

    def apply(self, changes: Changes, recorded: Recorded) -> None:
        event = recorded.event
        if isinstance(event, VehicleFactsRecorded):
            _facts(changes, recorded, event)
            return
        covers: tuple[Cover, ...] = getattr(event, "covers", ())
        uncovers: tuple[str, ...] = getattr(event, "uncovers", ())
        at = recorded.recorded_at
        # A visit that is booked has a cover of its own, of which nothing was known before.
        known = () if isinstance(event, VoucherBooked) else covers
        for cover_id in (*uncovers, *(cover.cover_id for cover in known)):
            changes.patch(REGISTRATIONS, {"cover_id": cover_id}, known_until=at)
        for cover in covers:
            changes.put(REGISTRATIONS, _row(cover, recorded))


def _row(cover: Cover, recorded: Recorded) -> dict[str, object]:
    return {
        "cover_id": cover.cover_id,
        "version": recorded.originator_version,
        "household_id": recorded.household_id,
        "holding_id": cover.holding_id,
        "product": cover.product,
        "kind": cover.kind,
        "shown": cover.shown,
        "glyphs": cover.glyphs,
        "zone": cover.zone,
        "covers_from": cover.covers_from,
        "covers_until": cover.covers_until,
        "known_from": recorded.recorded_at,
        "known_until": FOREVER,
    }


def _facts(changes: Changes, recorded: Recorded, event: VehicleFactsRecorded) -> None:
    at = recorded.recorded_at
    changes.patch(VEHICLE_FACTS, {"glyphs": event.glyphs}, known_until=at)
    values = {name: getattr(event, name) for name in FACT_FIELDS}
    changes.put(
        VEHICLE_FACTS,
        {
            "glyphs": event.glyphs,
            "version": recorded.originator_version,
            **values,
            "known_from": at,
            "known_until": FOREVER,
        },
    )


RIGHT_COLUMNS = (
    "kind, holding_id, product, shown, zone, covers_from, covers_until,"
    " household_id::text as household_id, version"
)


def rights(
    connection: Connection, schema: str, glyphs: str, known_at: datetime, ended_since: datetime
) -> list[Right]:
    """Every right of a plate known at `known_at` that ended after `ended_since`, latest end
    first.
    """
    with connection.cursor(row_factory=class_row(Right)) as cursor:
        return cursor.execute(
            f"select {RIGHT_COLUMNS} from {schema}.active_registrations"
            " where glyphs = %s and covers_until > %s and known_from <= %s and known_until > %s"
            " order by covers_until desc, covers_from desc, cover_id, version",
            (glyphs, ended_since, known_at, known_at),
            prepare=True,
        ).fetchall()


def facts(connection: Connection, schema: str, glyphs: str, known_at: datetime) -> VehicleFacts:
    """What was known of a vehicle at `known_at`; all None where nothing was."""
    with connection.cursor(row_factory=class_row(VehicleFacts)) as cursor:
        found = cursor.execute(
            f"select {', '.join(FACT_FIELDS)} from {schema}.vehicle_facts"
            " where glyphs = %s and known_from <= %s and known_until > %s",
            (glyphs, known_at, known_at),
            prepare=True,
        ).fetchone()
    return found or VehicleFacts()
