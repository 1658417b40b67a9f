"""Marks on accounts whose health is older than what is known of them."""

from apps.accounts.services import Marks

from .models import AccountHealth

MARKS = Marks(AccountHealth, job="health.score_stale")
mark_stale, mark_all_stale = MARKS.some, MARKS.all
