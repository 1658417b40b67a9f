"""What the marketing side knows; nothing here writes."""

from .campaigning import selectors as campaigns
from .outside.audience import membership_told as membership_told
from .results import selectors as results
from .segments import selectors as segments
from .surveys import selectors as surveys

__all__ = ["campaigns", "membership_told", "results", "segments", "surveys"]
