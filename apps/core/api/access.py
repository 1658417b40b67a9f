"""Who may enter: an API key by its scopes, a member of staff by role. Which rows they see is `for_user`, not here."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from apps.core.actor import Actor

from .problem import Problem


def actor_of(request: Request) -> Actor:
    """The key where one was used, else the person."""
    key: Any = request.auth
    return key.actor if key else Actor.user(request.user)


def source_of(request: Request) -> str:
    """How the change is marked in the history: by a person of ours, or by the system that holds the key."""
    key: Any = request.auth
    return key.name if key else "staff"


class HasScope(BasePermission):
    """`view.scope` names the door (`accounts`); reading needs accounts:read, anything else accounts:write. A view without a scope lets nobody in."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user or not request.user.is_authenticated:
            return False
        if getattr(view, "action", "") is None:
            # Nothing answers this method here: the 405 that follows is clearer than a missing scope.
            return True
        door = getattr(view, "scope", None)
        key: Any = request.auth
        reads = request.method in SAFE_METHODS
        if key:
            wanted = f"{door}:{'read' if reads else 'write'}"
            if wanted not in key.scopes:
                raise Problem(403, "missing_scope", f"The key {key.name} needs the scope {wanted}.")
        elif not request.user.is_staff:
            raise Problem(403, "forbidden", "Only staff may use the API.")
        if not reads and not request.user.may_act:
            raise Problem(403, "read_only", "Your role looks and does not change.")
        return door is not None

    def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        return True
