"""Privacy choices (sharing.py)."""

from .sharing import NamedConsent as NamedConsent
from .sharing import SharingChoice as SharingChoice
