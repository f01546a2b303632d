"""What is asked of a payment provider: begin a payment, say how it stands, and give it back.

A provider shows pages of its own and sends the payer back to ours; what the payer's browser says
then is not believed: how the payment stands is asked of the provider.

Source: STV-063 to 070; services.md (payments).
"""

from datetime import datetime
from typing import Literal, Protocol

from msgspec import Struct

from ledger.store.pool import Connection

Standing = Literal["under_way", "authorised", "declined", "cancelled"]


class Started(Struct, frozen=True, kw_only=True):
    """A payment that has begun. `go_to` is where the payer is sent: a path within the council."""

    reference: str
    go_to: str


class PaymentProvider(Protocol):
    """A provider of payments. Amounts are pence; `reference` is the provider's own."""

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
        """Begin a payment."""

    def status(self, connection: Connection, schema: str, reference: str) -> Standing:
        """How it stands now. Raises NotFound."""

    def cancel(self, connection: Connection, schema: str, reference: str, at: datetime) -> Standing:
        """Cancel what is under way; how it stands after that, as it may have been too late."""

    def give_back(self, connection: Connection, schema: str, reference: str, at: datetime) -> None:
        """Send the whole of an authorised payment back."""
