"""Deterministic shares: the same key always falls on the same side, so nobody changes arm on re-entry."""

import hashlib


def position(salt: str, key: object) -> float:
    """Where `key` stands in [0, 1) for this salt: the first 52 bits of SHA-256, uniform and independent between salts."""
    digest = hashlib.sha256(f"{salt}:{key}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
