"""The face of the marketing side: what other apps, tasks, commands and buttons call, by noun."""

from .campaigning import services as campaigns

__all__ = ["campaigns"]
