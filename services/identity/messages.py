"""Where a PIN leaves the program: a port, and the outbox that serves until there is an adapter.

No provider is connected yet. `FileOutbox` sends nothing: it writes each message to a private file,
for development and for tests.
"""

import os
from pathlib import Path
from threading import Lock
from typing import Literal, Protocol

import msgspec
from msgspec import Struct

ByWayOf = Literal["email", "text"]


class Message(Struct, frozen=True, kw_only=True):
    """What is to be sent: to one address (an e-mail address, or a number in E.164)."""

    council: str
    by_way_of: ByWayOf
    to: str
    body: str


class MessageSender(Protocol):
    """Takes a message for delivery. Called from many threads."""

    def send(self, message: Message) -> None: ...


class FileOutbox:
    """Development's sender: one JSON object a line, in a file that only its owner may read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = Lock()

    def send(self, message: Message) -> None:
        line = msgspec.json.encode(message) + b"\n"
        with self._lock:
            opened = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(opened, line)
            finally:
                os.close(opened)

    def messages(self) -> list[Message]:
        """Everything written so far, oldest first."""
        if not self.path.exists():
            return []
        lines = self.path.read_bytes().splitlines()
        return [msgspec.json.decode(line, type=Message) for line in lines]
