"""A stored event, read back as a fact."""

from eventsourcing.persistence import StoredEvent

from ledger.events import Recorded
from ledger.store.application import Ledger


def recorded(ledger: Ledger, stored: StoredEvent) -> Recorded:
    """The fact that a stored event, or a notification of the log, carries."""
    fact = ledger.mapper.to_domain_event(stored)
    assert isinstance(fact, Recorded)
    return fact
