"""A provider for trying the program: its page asks what is to happen, and takes no money."""

from datetime import datetime
from secrets import token_hex
from typing import Literal

from msgspec import Struct
from psycopg.rows import class_row

from ledger.refusals import NotFound
from ledger.store.pool import Connection
from services.payments.provider import PaymentProvider, Standing, Started

Outcome = Literal["authorised", "declined", "cancelled"]


class SandboxPayment(Struct, frozen=True, kw_only=True):
    """What its page shows. `state` may also be `given_back`."""

    reference: str
    pence: int
    about: str
    return_to: str
    state: str


class SandboxProvider(PaymentProvider):
    """Payments in a table of their own, each decided by whoever looks at its page."""

    def create(
        self,
        connection: Connection,
        schema: str,
        *,
        pence: int,
        about: str,
        return_to: str,
        at: datetime,
    ) -> Started:
        reference = f"sandbox-{token_hex(16)}"
        connection.execute(
            f"insert into {schema}.sandbox_payments (reference, pence, about, return_to, state,"
            " created_at) values (%s, %s, %s, %s, 'under_way', %s)",
            (reference, pence, about, return_to, at),
        )
        return Started(reference=reference, go_to=f"/sandbox/payments/{reference}")

    def status(self, connection: Connection, schema: str, reference: str) -> Standing:
        state = shown(connection, schema, reference).state
        match state:
            case "under_way" | "authorised" | "declined" | "cancelled":
                return state
            case _:
                return "cancelled"

    def cancel(self, connection: Connection, schema: str, reference: str, at: datetime) -> Standing:
        decide(connection, schema, reference, "cancelled", at)
        return self.status(connection, schema, reference)

    def give_back(self, connection: Connection, schema: str, reference: str, at: datetime) -> None:
        connection.execute(
            f"update {schema}.sandbox_payments set state = 'given_back', ended_at = %s"
            " where reference = %s and state = 'authorised'",
            (at, reference),
        )


def shown(connection: Connection, schema: str, reference: str) -> SandboxPayment:
    """The payment that a page of the sandbox is about. Raises NotFound."""
    with connection.cursor(row_factory=class_row(SandboxPayment)) as cursor:
        found = cursor.execute(
            "select reference, pence, about, return_to, state"
            f" from {schema}.sandbox_payments where reference = %s",
            (reference,),
        ).fetchone()
    if found is None:
        raise NotFound("payment")
    return found


def decide(
    connection: Connection, schema: str, reference: str, outcome: Outcome, at: datetime
) -> None:
    """What the payer chose; only the first choice counts."""
    connection.execute(
        f"update {schema}.sandbox_payments set state = %s, ended_at = %s"
        " where reference = %s and state = 'under_way'",
        (outcome, at, reference),
    )
