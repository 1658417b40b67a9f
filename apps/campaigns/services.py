"""Segments, campaigns, surveys: the face of the marketing side. What each may do stands in its own package."""

from . import definition as definition
from .campaigning import services as campaigns
from .outside import utm as utm
from .results import services as results
from .segments import services as segments
from .surveys import services as surveys

__all__ = ["campaigns", "definition", "results", "segments", "surveys", "utm"]
