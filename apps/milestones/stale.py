"""Marks on accounts whose progress is older than what is known of them."""

from apps.accounts.services import Marks

from .models import PathMark

MARKS = Marks(PathMark, job="milestones.evaluate_stale")
mark_stale, mark_all_stale = MARKS.some, MARKS.all
