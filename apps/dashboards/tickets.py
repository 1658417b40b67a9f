"""A page carries a signed ticket for its socket, so that opening ten thousand of them asks the database nothing."""

import hashlib
from typing import NamedTuple

from django.contrib.auth import HASH_SESSION_KEY
from django.core import signing
from django.http import HttpRequest

# Long enough for a page to open its socket, and to come back after a deploy: a connected page is given a new one each minute.
LIVES = 180
_SALT = "dashboards.live"


class Pass(NamedTuple):
    """Who a socket belongs to: the person, the session it stands on, and what the session says of the password."""

    user_id: int
    session: str
    auth: str


def digest(session_key: str) -> str:
    """Names a session without giving it away: a ticket is read by scripts, the session's cookie is not."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:20]


def issue(who: Pass) -> str:
    return signing.dumps([who.user_id, digest(who.session), who.auth], salt=_SALT)


def for_page(request: HttpRequest) -> str:
    """The ticket of the page that is being made; empty where nobody is signed in by a session."""
    session = getattr(request, "session", None)
    if session is None or not session.session_key or request.user.pk is None:
        return ""
    return issue(Pass(request.user.pk, session.session_key, mark(session.get(HASH_SESSION_KEY, ""))))


def read(ticket: str, session_key: str) -> Pass | None:
    """Whom the ticket lets in; it is worth something only beside the cookie of the session that it was made for."""
    try:
        user_id, session, auth = signing.loads(ticket, salt=_SALT, max_age=LIVES)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Pass(int(user_id), session_key, auth) if session_key and digest(session_key) == session else None


def mark(auth_hash: str) -> str:
    """Enough of the session's word about the password to notice that it was changed."""
    return auth_hash[:16]
