"""Between a recorded event and its stored bytes.

The library's own mapper reads `vars(event)`, which a Struct has not; ours stores JSON under the
event's
stable tag, so that a fact can be read with any tool, and by name, not by module path. What is
encoded is decoded again before it is stored: msgspec checks limits only when it decodes.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import Mapper, StoredEvent
from msgspec import Struct

from ledger.events import AnyEvent, Entry, Recorded, tag_of
from ledger.refusals import CorruptLedger


class Folded(Struct, frozen=True):
    """What a fold takes of an entry: who acted and the receipt are passed over unread."""

    recorded_at: datetime
    event: AnyEvent


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Entry)
_folded_decoder = msgspec.json.Decoder(list[Folded])


def encode(entry: Entry) -> bytes:
    """The bytes that are stored of an entry. Raises CorruptLedger where they do not read back."""
    state = _encoder.encode(entry)
    if decode(state) != entry:
        raise CorruptLedger(f"{tag_of(entry.event)} does not read back as it was written")
    return state


def decode(state: bytes) -> Entry:
    """The entry that was stored. Raises CorruptLedger for bytes that are none, or of an unknown
    tag.
    """
    try:
        return _decoder.decode(state)
    except msgspec.DecodeError as error:
        raise CorruptLedger(f"a stored event cannot be read: {error}") from error


def decode_folded(states: Iterable[bytes]) -> list[Folded]:
    """What a fold takes of these entries, in order. Raises CorruptLedger as decode does."""
    try:
        return _folded_decoder.decode(b"[" + b",".join(states) + b"]")
    except msgspec.DecodeError as error:
        raise CorruptLedger(f"a stored event cannot be read: {error}") from error


class EntryMapper(Mapper[UUID]):
    """The library's mapper for our entries: topic is the tag, state is the entry as JSON."""

    def __init__(self) -> None:
        """Nothing to set up: the library's mapper would ask for a transcoder of its own."""

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> StoredEvent:
        assert isinstance(domain_event, Recorded)
        return StoredEvent(
            originator_id=domain_event.originator_id,
            originator_version=domain_event.originator_version,
            topic=tag_of(domain_event.event),
            state=encode(domain_event.entry),
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Recorded:
        assert isinstance(stored_event.originator_id, UUID)
        return Recorded(
            originator_id=stored_event.originator_id,
            originator_version=stored_event.originator_version,
            position=getattr(stored_event, "id", 0),
            entry=decode(bytes(stored_event.state)),
        )
