"""What the marketing side knows; nothing here writes."""

from .campaigning import selectors as campaigns
from .segments import selectors as segments

__all__ = ["campaigns", "segments"]
