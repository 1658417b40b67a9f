"""What is told of strangers and is kept as a keyed hash only: domains, payers, coupons, networks."""

import ipaddress
from pathlib import Path

from django.conf import settings
from django.utils.crypto import salted_hmac

# Where everybody has an address: sharing one says nothing of two people.
FREE_MAIL = frozenset((Path(__file__).parent / "free_mail.txt").read_text(encoding="ascii").split())


def keyed(kind: str, words: str) -> str:
    """Empty for empty words. HMAC-SHA-256 under our own secret, apart for each kind."""
    plain = words.strip().lower()
    return salted_hmac(f"community.referral.{kind}", plain, secret=settings.SECRET_KEY, algorithm="sha256").hexdigest() if plain else ""


def domain_of(address: str) -> str:
    """The domain that says to which organisation somebody belongs; empty for the mailboxes of everybody."""
    domain = address.strip().lower().rpartition("@")[2]
    return "" if domain in FREE_MAIL else domain


def network(address: str) -> str:
    """Of the first 24 bits of an IPv4 address, or 48 of an IPv6 one; empty for what is no public address."""
    try:
        found = ipaddress.ip_address(address.strip())
    except ValueError:
        return ""
    mapped = getattr(found, "ipv4_mapped", None) or found
    if not mapped.is_global:
        # A proxy of ours, or a laptop: everybody would be of one network.
        return ""
    return keyed("network", str(ipaddress.ip_network(f"{mapped}/{24 if mapped.version == 4 else 48}", strict=False)))
