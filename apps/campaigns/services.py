"""Segments, campaigns, surveys: the face of the marketing side. What each may do stands in its own package."""

from .segments import services as segments

__all__ = ["segments"]
