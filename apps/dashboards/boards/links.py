"""Links to a dashboard for members of staff: a signed number, which a row may outlive or close."""

from datetime import datetime, timedelta

from django.core import signing
from django.db.models import F

from apps.accounts.models import User
from apps.core.errors import Refused

from ..models import Dashboard, ShareLink

DAYS = (1, 7, 30, 90)
_SIGNER = signing.Signer(salt="dashboards.share")


def make(board: Dashboard, *, user: User, days: int, now: datetime) -> ShareLink:
    if days not in DAYS:
        raise Refused("bad_days", "A link lasts 1, 7, 30 or 90 days. Nothing was made.")
    return ShareLink.objects.create(dashboard=board, made_by=user, made_at=now, expires_at=now + timedelta(days=days))


def token(link: ShareLink) -> str:
    return _SIGNER.sign(str(link.pk)).replace(":", ".")


def opened(word: str, *, now: datetime) -> ShareLink | None:
    """The link behind a token; None when it was never made, is over, or was closed. They all answer alike."""
    try:
        pk = int(_SIGNER.unsign(word.replace(".", ":", 1)[:200]))
    except (signing.BadSignature, ValueError):
        return None
    return ShareLink.objects.filter(pk=pk, revoked_at=None, expires_at__gt=now, dashboard__archived_at=None).select_related("dashboard").first()


def note_visit(link: ShareLink, *, now: datetime) -> None:
    ShareLink.objects.filter(pk=link.pk).update(opened=F("opened") + 1, opened_at=now)


def revoke(board: Dashboard, link_id: int, *, now: datetime) -> None:
    if not ShareLink.objects.filter(dashboard=board, pk=link_id, revoked_at=None).update(revoked_at=now):
        raise Refused("gone", "That link is closed already.")


def of(board: Dashboard, *, now: datetime) -> list[ShareLink]:
    """Those that still open."""
    return list(board.links.filter(revoked_at=None, expires_at__gt=now).select_related("made_by").order_by("-made_at")[:20])
