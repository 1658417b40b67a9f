from django.urls import URLPattern, path

from . import views

# Segment's names and the one-letter forms of its browser library.
_KINDS = {"batch": "b", "track": "t", "identify": "i", "page": "p", "group": "g", "screen": "s", "alias": "a"}

urlpatterns: list[URLPattern] = [
    path(f"v1/{word}{slash}", views.receive, {"kind": kind}) for kind, letter in _KINDS.items() for word in (kind, letter) for slash in ("", "/")
]
