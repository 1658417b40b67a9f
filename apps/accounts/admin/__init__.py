"""The back office of customers, one module per noun."""

from . import customers, revenue, voice  # noqa: F401
