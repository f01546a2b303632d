"""What leaves is signed with the council's own Ed25519 key: a flattened JWS, its payload readable.

Keys live in the council's schema. A retired key is kept, so that what it signed can be verified.

Source: RFC 7515 (JWS), RFC 7797 (unencoded payload), RFC 8037 (Ed25519 keys as JWK).
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct

from ledger.store.pool import Connection

Kind = Literal["zone-list+json", "zone-changes+json"]


class Signed(Struct, frozen=True, kw_only=True):
    """A flattened JWS: `protected` is base64url, `payload` the JSON text itself."""

    protected: str
    payload: str
    signature: str


class PublicKey(Struct, frozen=True, kw_only=True):
    """A public key as a JWK; `x` is the key's 32 bytes in base64url."""

    kid: str
    x: str
    kty: str = "OKP"
    crv: str = "Ed25519"
    alg: str = "EdDSA"
    use: str = "sig"


class PublicKeys(Struct, frozen=True, kw_only=True):
    """A JWK set: the current key first, then those that signed before it."""

    keys: list[PublicKey]


class Header(Struct, frozen=True, kw_only=True):
    """What is protected with the payload. `kid` names the key that signed."""

    alg: Literal["EdDSA"] = "EdDSA"
    b64: Literal[False] = False
    crit: tuple[Literal["b64"]] = ("b64",)
    kid: str
    typ: str


class Untrusted(Exception):
    """A text that no known key has signed as it is: cut off, altered, or somebody else's."""


class Key(Struct, frozen=True, kw_only=True):
    """The council's current key."""

    kid: str
    private: Ed25519PrivateKey

    def signed(self, kind: Kind, payload: bytes) -> Signed:
        """The payload, a UTF-8 text, under this key."""
        protected = _base64(msgspec.json.encode(Header(kid=self.kid, typ=kind)))
        signature = self.private.sign(b"%s.%s" % (protected.encode(), payload))
        return Signed(protected=protected, payload=payload.decode(), signature=_base64(signature))


def current_key(connection: Connection, schema: str) -> Key:
    """The key that signs now; the first time that it is asked for, it is made."""
    while True:
        row = connection.execute(
            f"select key_id, private_key from {schema}.signing_keys where retired_at is null",
            prepare=True,
        ).fetchone()
        if row is not None:
            return Key(kid=row[0], private=Ed25519PrivateKey.from_private_bytes(row[1]))
        # Two that make the first one at once: the second finds the first's.
        _make_key(connection, schema)


def renew_key(connection: Connection, schema: str) -> str:
    """Retire the current key and make another: its id. Devices fetch the keys anew."""
    with connection.transaction():
        connection.execute(
            f"update {schema}.signing_keys set retired_at = clock_timestamp()"
            " where retired_at is null"
        )
        return _make_key(connection, schema)


def _make_key(connection: Connection, schema: str) -> str:
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    kid = sha256(public).hexdigest()[:16]
    connection.execute(
        f"insert into {schema}.signing_keys (key_id, private_key, public_key, made_at)"
        " values (%s, %s, %s, clock_timestamp()) on conflict do nothing",
        (kid, private.private_bytes_raw(), public),
    )
    return kid


def public_keys(connection: Connection, schema: str) -> PublicKeys:
    """Every key that a signature may be verified with."""
    current_key(connection, schema)
    rows = connection.execute(
        f"select key_id, public_key from {schema}.signing_keys"
        " order by retired_at desc nulls first, key_id"
    ).fetchall()
    return PublicKeys(keys=[PublicKey(kid=kid, x=_base64(public)) for kid, public in rows])


def verified(body: bytes, keys: PublicKeys, kind: Kind) -> bytes:
    """The payload of a signed text, once its signature holds. Raises Untrusted."""
    try:
        signed = msgspec.json.decode(body, type=Signed)
        header = msgspec.json.decode(_bytes(signed.protected), type=Header)
        signature = _bytes(signed.signature)
    except (msgspec.MsgspecError, ValueError) as error:
        raise Untrusted("no signed text, or not the whole of one") from error
    known = next((each for each in keys.keys if each.kid == header.kid), None)
    if known is None or header.typ != kind:
        raise Untrusted("signed by an unknown key, or for another use")
    payload = signed.payload.encode()
    public = Ed25519PublicKey.from_public_bytes(_bytes(known.x))
    try:
        public.verify(signature, b"%s.%s" % (signed.protected.encode(), payload))
    except InvalidSignature as error:
        raise Untrusted("the signature does not hold") from error
    return payload


def _base64(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
