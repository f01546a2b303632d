"""A stored event, read back as a fact."""

from eventsourcing.persistence import Notification

from ledger.events import Recorded
from ledger.store.application import Ledger


def recorded(ledger: Ledger, notification: Notification) -> Recorded:
    """The fact that a notification of the log carries."""
    fact = ledger.mapper.to_domain_event(notification)
    assert isinstance(fact, Recorded)
    return fact
