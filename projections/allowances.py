"""Allowances: every purchase with the dates on which it counts, so that used, left and the dates
on which units come back are one query.

Source: HAN-015 to 017, NOR-088, NOR-095; X-034, X-042, X-104.
"""

from datetime import date

from ledger.events import AllowanceGranted, HoldingEnded, HoldingIssued, Recorded, ResidentMovedOut
from ledger.rules.allowance import Standing
from ledger.store.pool import Connection
from ledger.store.rows import Changes, Table

ALLOWANCES = Table(
    name="allowances",
    columns=(
        "holding_id",
        "cap",
        "household_id",
        "resident_id",
        "product",
        "scope",
        "unit",
        "amount",
        "counts_from",
        "counts_until",
    ),
    key=("holding_id", "cap"),
    match=("holding_id", "cap"),
    patched=("counts_until",),
)

GRANTS = Table(
    name="allowance_grants",
    columns=("grant_id", "household_id", "product", "units", "granted_on", "counts_until"),
    key=("grant_id",),
    match=("grant_id",),
)


class Allowances:
    """The fold: issued holdings count, ended permits and the purchases of those who left stop
    counting.
    """

    name = "allowances"
    tables = (ALLOWANCES, GRANTS)

    def apply(self, changes: Changes, recorded: Recorded) -> None:
        match recorded.event:
            case HoldingIssued() as event:
                for each in event.counted:
                    changes.put(
                        ALLOWANCES,
                        {
                            "holding_id": event.holding_id,
                            "cap": each.cap,
                            "household_id": recorded.household_id,
                            "resident_id": event.resident_id,
                            "product": event.product,
                            "scope": each.scope,
                            "unit": each.unit,
                            "amount": each.amount,
                            "counts_from": each.counts_from,
                            "counts_until": each.counts_until,
                        },
                    )
            case HoldingEnded() as event:
                for cap in event.caps:
                    _stop(changes, event.holding_id, cap, event.ended_on)
            case ResidentMovedOut() as event:
                for holding_id, cap in event.uncounted:
                    _stop(changes, holding_id, cap, event.moved_out_on)
            case AllowanceGranted() as event:
                changes.put(
                    GRANTS,
                    {
                        "grant_id": event.grant_id,
                        "household_id": recorded.household_id,
                        "product": event.product,
                        "units": event.units,
                        "granted_on": event.granted_on,
                        "counts_until": event.counts_until,
                    },
                )
            case _:
                pass


def _stop(changes: Changes, holding_id: str, cap: str, on: date) -> None:
    changes.patch(ALLOWANCES, {"holding_id": holding_id, "cap": cap}, counts_until=on)


def standing(
    connection: Connection,
    schema: str,
    household_id: str,
    *,
    cap: str,
    product: str,
    maximum: int,
    resident_id: str | None,
    on: date,
) -> Standing:
    """How a cap stands on a date. `resident_id` narrows it where the cap is each resident's own."""
    counting = connection.execute(
        f"select counts_until, sum(amount)::int from {schema}.allowances"
        " where household_id = %s and cap = %s and counts_from <= %s and counts_until > %s"
        " and (%s::text is null or resident_id = %s::text)"
        " group by counts_until order by counts_until",
        (household_id, cap, on, on, resident_id, resident_id),
        prepare=True,
    ).fetchall()
    granted_row = connection.execute(
        f"select coalesce(sum(units), 0)::int from {schema}.allowance_grants"
        " where household_id = %s and product = %s and granted_on <= %s and counts_until > %s",
        (household_id, product, on, on),
        prepare=True,
    ).fetchone()
    assert granted_row is not None
    used = sum(amount for _, amount in counting)
    granted: int = granted_row[0]
    return Standing(
        used=used,
        granted=granted,
        max=maximum,
        available=max(0, maximum + granted - used),
        releases=tuple((until, amount) for until, amount in counting),
    )
