"""What the marketing side knows; nothing here writes."""

from .campaigning import selectors as campaigns
from .results import selectors as results
from .segments import selectors as segments

__all__ = ["campaigns", "results", "segments"]
from .outside.audience import membership_told as membership_told
from .surveys import selectors as surveys

__all__ = ["membership_told", "surveys"]
