"""Allowances: every purchase, or use where a cap counts uses, with the dates on which it counts, so
that used, left and the dates on which units come back are one query.

Source: HAN-015 to 017, NOR-088, NOR-095; X-034, X-042, X-104.
"""

from datetime import UTC, date, datetime

from ledger.events import (
    AllowanceGranted,
    BookingCancelled,
    CardUsed,
    HoldingEnded,
    HoldingIssued,
    Recorded,
    ResidentMovedOut,
    StayBegan,
    VoucherBooked,
)
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
        "counts_until_at",
    ),
    key=("holding_id", "cap"),
    match=("holding_id", "cap"),
    patched=("counts_until", "counts_until_at"),
)
"""`holding_id` is the use's own id where a cap counts uses: a booking, a card or a stay."""

STOPPED_AT = datetime(1970, 1, 1, tzinfo=UTC)
"""What stopped counting on a date counts at no instant of that date."""

GRANTS = Table(
    name="allowance_grants",
    columns=("grant_id", "household_id", "product", "units", "granted_on", "counts_until"),
    key=("grant_id",),
    match=("grant_id",),
    patched=("counts_until",),
)


class Allowances:
    """The fold: issued holdings count, or uses where a cap counts those; ended permits, cancelled
    visits and all that was of those who left stop counting.
    """

    name = "allowances"
    tables = (ALLOWANCES, GRANTS)

    def apply(self, changes: Changes, recorded: Recorded) -> None:
        match recorded.event:
            case HoldingIssued() as event:
                _counts(changes, recorded, event.holding_id, event)
            case VoucherBooked() as event:
                _counts(changes, recorded, event.booking_id, event)
            case CardUsed() as event:
                _counts(changes, recorded, event.card_id, event)
            case StayBegan() as event:
                _counts(changes, recorded, event.stay_id, event)
            case BookingCancelled() as event:
                for cap in event.caps:
                    _stop(changes, event.booking_id, cap, date.min)
            case HoldingEnded() as event:
                for cap in event.caps:
                    _stop(changes, event.holding_id, cap, event.ended_on)
                for booking_id, cap in event.uncounted:
                    _stop(changes, booking_id, cap, event.ended_on)
            case ResidentMovedOut() as event:
                for holding_id, cap in event.uncounted:
                    _stop(changes, holding_id, cap, event.moved_out_on)
                for grant_id in event.ended_grants:
                    changes.patch(GRANTS, {"grant_id": grant_id}, counts_until=event.moved_out_on)
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


def _counts(
    changes: Changes,
    recorded: Recorded,
    counted_id: str,
    event: HoldingIssued | VoucherBooked | CardUsed | StayBegan,
) -> None:
    for each in event.counted:
        changes.put(
            ALLOWANCES,
            {
                "holding_id": counted_id,
                "cap": each.cap,
                "household_id": recorded.household_id,
                "resident_id": event.resident_id,
                "product": event.product,
                "scope": each.scope,
                "unit": each.unit,
                "amount": each.amount,
                "counts_from": each.counts_from,
                "counts_until": each.counts_until,
                "counts_until_at": each.counts_until_at,
            },
        )


def _stop(changes: Changes, counted_id: str, cap: str, on: date) -> None:
    changes.patch(
        ALLOWANCES,
        {"holding_id": counted_id, "cap": cap},
        counts_until=on,
        counts_until_at=STOPPED_AT,
    )


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
    at: datetime,
) -> Standing:
    """How a cap stands on a date. `resident_id` narrows it where the cap is each resident's own.

    `at` is an instant of that date, for a cap that counts to the instant: its first one where only
    the date matters.
    """
    counting = connection.execute(
        f"select counts_until, sum(amount)::int from {schema}.allowances"
        " where household_id = %s and cap = %s and counts_from <= %s"
        " and (counts_until > %s or (counts_until = %s and counts_until_at > %s))"
        " and (%s::text is null or resident_id = %s::text)"
        " group by counts_until order by counts_until",
        (household_id, cap, on, on, on, at, resident_id, resident_id),
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
