"""What the marketing side knows; nothing here writes."""

from .campaigning import selectors as campaigns

__all__ = ["campaigns"]
