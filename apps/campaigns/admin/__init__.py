"""Segments, campaigns, surveys and outside tools in the admin."""

from . import campaigns as campaigns
from . import outside as outside
from . import results as results
from . import surveys as surveys
