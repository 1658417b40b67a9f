"""Segments, campaigns, surveys: the face of the marketing side. What each may do stands in its own package."""

from . import definition as definition
from .campaigning import services as campaigns
from .outside import utm as utm
from .segments import services as segments
from .surveys import services as surveys

__all__ = ["campaigns", "definition", "segments", "surveys", "utm"]
__all__ = ["campaigns", "surveys", "utm"]
from .results import services as results
from .surveys import services as surveys

__all__ = ["campaigns", "results", "surveys", "utm"]
