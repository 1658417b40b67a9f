"""What the staff pages keep."""

from .boards import Dashboard, DashboardDraft, DashboardVersion, ShareLink
from .kept import AccountVisit, PathDraft, SavedView, SavedViewQuerySet

__all__ = ["AccountVisit", "Dashboard", "DashboardDraft", "DashboardVersion", "PathDraft", "SavedView", "SavedViewQuerySet", "ShareLink"]
