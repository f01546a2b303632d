"""Where a request came from, to count tries by: what a trusted proxy says, and nobody else.

A proxy adds the address it was asked from to the end of `X-Forwarded-For`. So the header is read
from its end, for as long as whoever added to it is trusted; what stands before that was written by
strangers. An IPv6 address counts as its network of 64 bits: whoever has one address has them all.

Source: reference/promises.md P17; OWASP ASVS 4.1.3.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

Network = IPv4Network | IPv6Network
OWN_MACHINE: Final[tuple[Network, ...]] = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
_HOPS_MAX = 32
_SHOWN_MAX = 64


def networks(written: str) -> tuple[Network, ...]:
    """The networks of a setting: addresses and networks, apart by commas; `none` is none.

    Raises ValueError, which names what is none.
    """
    if written.strip().lower() == "none":
        return ()
    found = []
    for each in map(str.strip, written.split(",")):
        try:
            found.append(ip_network(each))
        except ValueError as error:
            raise ValueError(f"{each[:50]!r} is no network: {error}") from None
        if found[-1].prefixlen == 0:
            raise ValueError(f"{each!r} is everybody: anyone could then say where they are")
    return tuple(found)


def place(peer: str, forwarded: Iterable[str], trusted: tuple[Network, ...]) -> str:
    """Where a request came from: `peer`, or whom trusted proxies passed it on for.

    `forwarded` holds the values of `X-Forwarded-For`, in the order of the headers. An empty peer
    is a socket of this machine.
    """
    here = _address(peer) if peer else ip_address("127.0.0.1")
    hops = ",".join(forwarded).split(",")[-_HOPS_MAX:]
    while here is not None and _trusts(trusted, here) and hops:
        said = _address(hops.pop().strip())
        if said is None:
            break
        here = said
    return peer[:_SHOWN_MAX] if here is None else _counted(here)


def _trusts(trusted: tuple[Network, ...], address: IPv4Address | IPv6Address) -> bool:
    return any(address.version == each.version and address in each for each in trusted)


def _address(written: str) -> IPv4Address | IPv6Address | None:
    """An address, also with a port or in brackets; None for anything else."""
    if written.startswith("["):
        written = written[1:].partition("]")[0]
    elif written.count(":") == 1:
        written = written.partition(":")[0]
    try:
        found = ip_address(written.partition("%")[0])
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def _counted(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    return str(IPv6Network((address, 64), strict=False))
