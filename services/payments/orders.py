"""Payments under way: from the basket to the provider and back, and once into the ledger.

An order is settled by asking the provider, however the payer comes back and however often, or does
not come back at all: the ledger takes the provider's reference once. Where it refuses what is paid
for, the money goes back whole, and the order keeps why.

Source: STV-063 to 070, A-002, A-007; promise P15.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from secrets import token_hex
from uuid import UUID

from msgspec import Struct
from psycopg.rows import class_row

from commands.handling import Sender
from commands.pay_for_applications import PayForApplications
from ledger.events import Actor
from ledger.refusals import NotFound, Refused
from services.council import Council
from services.payments.provider import PaymentProvider, Started

PAYMENTS = Actor("system", "payments")
LEFT_ALONE = timedelta(minutes=2)
"""So long a payer's own way back is waited for."""
GIVEN_UP = timedelta(days=1)


class Order(Struct, frozen=True, kw_only=True):
    """One payment. `state`: under_way, authorised, declined, cancelled, or given_back with the
    `reasons` of the ledger. `payment_id` is the ledger's, once it knows of it.
    """

    order_id: str
    household_id: UUID
    resident_id: str
    applications: list[str]
    pence: int
    reference: str
    state: str
    payment_id: str
    reasons: list[str]
    begun_at: datetime
    ended_at: datetime | None


_COLUMNS = (
    "order_id, household_id, resident_id, applications, pence, reference, state, payment_id,"
    " reasons, begun_at, ended_at"
)


def begin(
    council: Council,
    provider: PaymentProvider,
    *,
    household: UUID,
    resident: str,
    applications: Sequence[str],
    pence: int,
    about: str,
    return_to: str,
) -> Started:
    """Begin a payment with the provider. `return_to` is a path with `{order}` in it."""
    order_id = token_hex(16)
    with council.pool.connection() as connection, connection.transaction():
        now = council.now(connection)
        started = provider.create(
            connection,
            council.schema,
            pence=pence,
            about=about,
            return_to=return_to.replace("{order}", order_id),
            at=now,
        )
        connection.execute(
            f"insert into {council.schema}.payment_orders (order_id, household_id, resident_id,"
            " applications, pence, reference, state, begun_at)"
            " values (%s, %s, %s, %s, %s, %s, 'under_way', %s)",
            (order_id, household, resident, list(applications), pence, started.reference, now),
        )
    return started


def find(council: Council, order_id: str, resident: str) -> Order:
    """An order of that resident's. Raises NotFound, also for another's."""
    with (
        council.pool.connection() as connection,
        connection.cursor(row_factory=class_row(Order)) as cursor,
    ):
        found = cursor.execute(
            f"select {_COLUMNS} from {council.schema}.payment_orders"
            " where order_id = %s and resident_id = %s",
            (order_id, resident),
        ).fetchone()
    if found is None:
        raise NotFound("payment")
    return found


def under_way(council: Council, resident: str) -> list[Order]:
    """The payments of a resident of which nobody knows yet how they ended."""
    with (
        council.pool.connection() as connection,
        connection.cursor(row_factory=class_row(Order)) as cursor,
    ):
        return cursor.execute(
            f"select {_COLUMNS} from {council.schema}.payment_orders"
            " where resident_id = %s and ended_at is null order by begun_at",
            (resident,),
        ).fetchall()


def settle_all(council: Council, provider: PaymentProvider) -> int:
    """Settle what nobody came back from, and give up what nobody finished in a day. How many
    ended.
    """
    with (
        council.pool.connection() as connection,
        connection.cursor(row_factory=class_row(Order)) as cursor,
    ):
        now = council.now(connection)
        found = cursor.execute(
            f"select {_COLUMNS} from {council.schema}.payment_orders"
            " where ended_at is null and begun_at < %s order by begun_at limit 100",
            (now - LEFT_ALONE,),
        ).fetchall()
    ended = 0
    for order in found:
        end = abandon if order.begun_at < now - GIVEN_UP else settle
        ended += end(council, provider, order).ended_at is not None
    return ended


def settle(council: Council, provider: PaymentProvider, order: Order) -> Order:
    """The order as the provider says it stands, told to the ledger where that is new."""
    if order.ended_at is not None:
        return order
    with council.pool.connection() as connection:
        standing = provider.status(connection, council.schema, order.reference)
    return _ended(council, provider, order, standing)


def abandon(council: Council, provider: PaymentProvider, order: Order) -> Order:
    """As settle, but what is still under way is cancelled: its payer has gone back."""
    if order.ended_at is not None:
        return order
    with council.pool.connection() as connection:
        now = council.now(connection)
        standing = provider.cancel(connection, council.schema, order.reference, now)
    return _ended(council, provider, order, standing)


def _ended(council: Council, provider: PaymentProvider, order: Order, standing: str) -> Order:
    match standing:
        case "authorised" | "declined" | "cancelled":
            payment_id, reasons = _told(council, order, standing)
        case _:
            return order
    state: str = standing
    if reasons and standing == "authorised":
        state = "given_back"
    with council.pool.connection() as connection:
        now = council.now(connection)
        if state == "given_back":
            # First the money, then the note of it: asked again, the provider gives back once.
            provider.give_back(connection, council.schema, order.reference, now)
        connection.execute(
            f"update {council.schema}.payment_orders set state = %s, payment_id = %s,"
            " reasons = %s, ended_at = %s where order_id = %s and ended_at is null",
            (state, payment_id, reasons, now, order.order_id),
        )
    return find(council, order.order_id, order.resident_id)


def _told(council: Council, order: Order, standing: str) -> tuple[str, list[str]]:
    """The ledger's payment, or why it refused it. The same reference is told once."""
    command = PayForApplications(
        applications=tuple(order.applications),
        result=standing,  # type: ignore[arg-type]
        amount=order.pence,
        provider_reference=order.reference,
    )
    sender = Sender(by=PAYMENTS, key=f"payments/{order.reference}", on_behalf_of=order.resident_id)
    try:
        answer = council.handle(order.household_id, command, sender)
    except Refused as refused:
        return "", [each.detail for each in refused.refusals]
    return str(answer.values["payment"]), []
