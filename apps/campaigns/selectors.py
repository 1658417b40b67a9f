"""What the marketing side knows; nothing here writes."""

from .segments import selectors as segments

__all__ = ["segments"]
