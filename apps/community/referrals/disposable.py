"""Domains of throw-away addresses: a short list of the best known, which is shipped and not fetched. Staff's own list is not needed for a refusal to
be right; what is missing here is caught by the first value, which nobody reaches in ten minutes."""

from pathlib import Path

DOMAINS = frozenset((Path(__file__).parent / "disposable.txt").read_text(encoding="ascii").split())


def is_disposable(address: str) -> bool:
    """Also of a subdomain of such a domain."""
    parts = address.strip().lower().rpartition("@")[2].split(".")
    return any(".".join(parts[start:]) in DOMAINS for start in range(len(parts) - 1))
