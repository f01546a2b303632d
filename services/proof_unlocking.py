"""A PDF that anybody can open, but not change, without its lock: a process of its own.

What is locked is packed as well, and can be measured only once it is unlocked; unlocking unpacks
parts of it. So it is done where no more memory and time are to be had than a page of print needs.
What comes out is looked at as any other file is.

Source: OWASP ASVS 5.2.3 (files that grow when they are unpacked).
"""

import resource
import subprocess
import sys
from io import BytesIO
from typing import Final

import pikepdf

SECONDS, BYTES = 20, 1_500_000_000
UNLOCKED, NEEDS_A_PASSWORD, BROKEN = 0, 3, 4
_ROOM_BESIDE: Final = 60
"""Seconds on the wall that a busy machine may need for those of the processor."""


class NeedsAPassword(Exception):
    """Nobody can open it without the password."""


class Broken(Exception):
    """It cannot be opened, or not within the time and the memory there are."""


def unlocked(content: bytes) -> bytes:
    """The same pages, readable by anybody. Raises NeedsAPassword and Broken."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "services.proof_unlocking"],
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS + _ROOM_BESIDE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Broken from None
    if done.returncode == NEEDS_A_PASSWORD:
        raise NeedsAPassword
    if done.returncode != UNLOCKED or not done.stdout:
        raise Broken
    return done.stdout


def main() -> int:
    """Read a file from standard input, and write it unlocked to standard output."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    written = BytesIO()
    try:
        with pikepdf.open(BytesIO(sys.stdin.buffer.read())) as opened:
            # What is packed stays packed: it is measured by whoever asked.
            opened.save(
                written,
                encryption=False,
                compress_streams=False,
                stream_decode_level=pikepdf.StreamDecodeLevel.none,
                object_stream_mode=pikepdf.ObjectStreamMode.disable,
            )
    except pikepdf.PasswordError:
        return NEEDS_A_PASSWORD
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, RuntimeError, MemoryError):
        return BROKEN
    sys.stdout.buffer.write(written.getvalue())
    return UNLOCKED


if __name__ == "__main__":
    sys.exit(main())
