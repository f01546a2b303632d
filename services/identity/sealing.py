"""Secrets that the program must read again, kept so that the database alone does not tell them.

A secret is sealed with AES-256-GCM under a key that is in a file outside of the database. What it
is about (whose secret it is) is bound into it: moved to another row it opens no more. The file
holds a key a line, the newest first; a sealed text names the key it needs.

    sealed.1.<key id>.<nonce and ciphertext, base64>

Source: reference/promises.md (stolen backup; insider: DBA); OWASP ASVS 11.3.3, 13.3.1.
"""

import base64
import binascii
import os
import secrets
import stat
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct

from ledger.refusals import LedgerError

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_MARK: Final = "sealed.1."


class KeysUnfit(LedgerError):
    """The file of keys is missing, is open to others, or does not hold the key that is needed."""


class Key(Struct, frozen=True, kw_only=True):
    """A key, and the name by which what it sealed is told apart."""

    secret: bytes

    @property
    def key_id(self) -> str:
        return sha256(b"key/" + self.secret).hexdigest()[:12]


def is_sealed(kept: str) -> bool:
    """False for what was kept before there were keys."""
    return kept.startswith(_MARK)


def key_of(kept: str) -> str:
    """The id of the key that a sealed text needs."""
    return kept.removeprefix(_MARK).partition(".")[0]


def seal(key: Key, secret: str, about: str) -> str:
    """What is kept of a secret. `about` says whose it is, and is needed to open it."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = AESGCM(key.secret).encrypt(nonce, secret.encode(), about.encode())
    return f"{_MARK}{key.key_id}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def opened(keys: tuple[Key, ...], kept: str, about: str) -> str:
    """The secret. Raises KeysUnfit where no key opens it, or it is another's."""
    if not is_sealed(kept):
        return kept
    key = next((each for each in keys if each.key_id == key_of(kept)), None)
    if key is None:
        raise KeysUnfit(f"there is no key {key_of(kept)} in the file of keys")
    try:
        whole = _bytes(kept.rpartition(".")[2])
        found = AESGCM(key.secret).decrypt(
            whole[:_NONCE_BYTES], whole[_NONCE_BYTES:], about.encode()
        )
    except (InvalidTag, binascii.Error, ValueError):
        raise KeysUnfit("a sealed secret was altered, or is another's") from None
    return found.decode()


def read(path: Path) -> tuple[Key, ...]:
    """The keys of a file, the newest first; none where there is no file. Raises KeysUnfit."""
    try:
        mode = path.stat().st_mode
        lines = path.read_text(encoding="ascii").split()
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise KeysUnfit(f"the file of keys cannot be read: {type(error).__name__}") from None
    if stat.S_IMODE(mode) & 0o077:
        raise KeysUnfit(
            "the file of keys is open to others than its owner: chmod 600 it, and rotate the keys"
        )
    try:
        found = tuple(Key(secret=_bytes(line)) for line in lines)
    except binascii.Error:
        found = ()
    if not found or any(len(each.secret) != KEY_BYTES for each in found):
        raise KeysUnfit(f"the file of keys holds what is no key; a key is {KEY_BYTES} bytes")
    return found


def with_new_key(path: Path) -> tuple[Key, ...]:
    """The keys of a file, with a new one before them."""
    before = read(path)
    keys = (Key(secret=secrets.token_bytes(KEY_BYTES)), *before)
    if not _written(path, keys, over=bool(before)):
        # Of two who make the first at once, the second finds it.
        return read(path)
    return keys


def without_old_keys(path: Path, kept: int) -> None:
    """Take all keys but the newest few out of a file."""
    _written(path, read(path)[:kept], over=True)


def _written(path: Path, keys: tuple[Key, ...], *, over: bool) -> bool:
    """Write the file; it is whole at every moment. False where it was there and is not `over`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            for each in keys:
                file.write(base64.urlsafe_b64encode(each.secret).decode() + "\n")
            file.flush()
            os.fsync(file.fileno())
        if over:
            beside.replace(path)
        else:
            try:
                os.link(beside, path)
            except FileExistsError:
                return False
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    finally:
        beside.unlink(missing_ok=True)
    return True


def _bytes(written: str) -> bytes:
    """Raises binascii.Error also for letters that decoding would pass over."""
    return base64.b64decode(written, altchars=b"-_", validate=True)
