"""Where a webhook may lead: out into the Internet, and nowhere inside. A name is resolved once, and the address that was checked is called.

Inside is, beyond what `is_global` knows: what is set apart for protocols, an inside address written as an outside one (NAT64, 6to4, Teredo, mapped),
and a cloud's metadata service.
"""

import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[..., list[Any]]

_PORTS = {"https": 443, "http": 80}
_SET_APART = [ipaddress.ip_network(words) for words in ("192.0.0.0/24", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")]
# Azure's is an address like any other of the Internet; those of the other clouds are link-local or private.
_METADATA = {ipaddress.ip_address(words) for words in ("168.63.129.16", "169.254.169.254", "fd00:ec2::254", "100.100.100.200")}


class Unreachable(Exception):
    """The webhook's address leads nowhere, or where we do not call; the words say why."""


@dataclass(frozen=True)
class Target:
    """An address in its parts; `host` is ASCII, without the brackets of IPv6."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == _PORTS[self.scheme] else f"{name}:{self.port}"


def read(url: str) -> Target:
    """The parts of an address that we may call as far as can be seen without asking for its name. Raises Unreachable."""
    if any(not letter.isprintable() or letter.isspace() for letter in url):
        raise Unreachable("The address holds a space or a control character.")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        host = host if ":" in host else host.encode("idna").decode()
    except ValueError as error:
        raise Unreachable(f"This is no address: {error}.") from error
    if parts.scheme not in (("https", "http") if settings.WEBHOOK_ALLOW_HTTP else ("https",)):
        raise Unreachable("Use an https:// address.")
    if not host or parts.username is not None or parts.password is not None or parts.fragment:
        raise Unreachable("Use https://HOST/PATH, without a user name and without a # part.")
    path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    if not path.isascii():
        raise Unreachable("Write letters that are not ASCII in the path as %XX.")
    target = Target(parts.scheme, host, port or _PORTS[parts.scheme], path)
    if (literal := _literal(host)) is not None:
        _check(literal, target)
    return target


def resolve(target: Target, *, ask: Resolve = socket.getaddrinfo) -> list[str]:
    """The addresses to call, every one of them checked: one that leads inside refuses them all. Raises Unreachable."""
    try:
        found = ask(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"The name {target.host} is not known.") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not addresses:
        raise Unreachable(f"The name {target.host} has no address.")
    for words in addresses:
        _check(ipaddress.ip_address(words), target)
    return addresses


def _check(address: Ip, target: Target) -> None:
    plain = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped else address
    if _never(plain):
        raise Unreachable(f"{target.host} leads to {plain}, which is never called.")
    if any(plain in network for network in settings.WEBHOOK_INSIDE_NETWORKS if network.version == plain.version):
        return
    if not plain.is_global or any(plain in network for network in _SET_APART if network.version == plain.version):
        raise Unreachable(f"{target.host} leads to {plain}, inside our own network. An administrator can allow it with WEBHOOK_INSIDE_NETWORKS.")
    if target.port != _PORTS[target.scheme]:
        raise Unreachable(f"Only port {_PORTS[target.scheme]} is called out in the Internet, not {target.port}.")


def _never(address: Ip) -> bool:
    return address in _METADATA or address.is_link_local or address.is_multicast or address.is_unspecified


def _literal(host: str) -> Ip | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
