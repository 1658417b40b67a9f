"""What the marketing side knows; nothing here writes."""

from .outside.audience import membership_told as membership_told
from .surveys import selectors as surveys

__all__ = ["membership_told", "surveys"]
