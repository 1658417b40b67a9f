"""Segments, campaigns, surveys: the face of the marketing side. What each may do stands in its own package."""

from .outside import utm as utm
from .segments import services as segments
from .surveys import services as surveys

__all__ = ["segments", "surveys", "utm"]
