"""Privacy choices (sharing.py)."""

from .sharing import SharingChoice as SharingChoice
