"""The same anatomy for every resource: rows of one's own book, a serializer, filters, orders, a door (`scope`)."""

from functools import partial
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from rest_framework import mixins, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from .access import HasScope
from .filters import ListedFilters
from .once import once
from .paging import KeysetPages


def etag_of(row: Any) -> str | None:
    """Rows that people edit count their changes."""
    version = getattr(row, "version", None)
    return None if version is None else f'"v{version}"'


class Door(viewsets.GenericViewSet[Any]):
    """An address behind a scope: a POST with an Idempotency-Key is done once, and keys hear how much of their rate is left."""

    scope: ClassVar[str]
    permission_classes = (HasScope,)

    @property
    def caller(self) -> Any:
        """A member of staff, or the program that holds a key."""
        return self.request.user

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method == "POST" and (key := request.headers.get("Idempotency-Key")):
            # A viewset binds its methods to HTTP's words just before this, so every POST passes here.
            self.post = partial(once, key, getattr(self, "post", self.http_method_not_allowed))

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        if rate := getattr(self, "rate", None):
            for name, figure in zip(("Limit", "Remaining", "Reset"), rate, strict=True):
                response[f"RateLimit-{name}"] = str(figure)
        return response


class ReadViews(mixins.ListModelMixin, mixins.RetrieveModelMixin, Door):
    """GET a list, GET one. Another book's row answers exactly like one that never was."""

    orderings: ClassVar[tuple[str, ...]] = ("pk",)
    lookup_value_regex = r"[0-9]{1,18}"
    pagination_class = KeysetPages
    filter_backends = (ListedFilters,)

    def rows(self) -> QuerySet[Any]:
        """What this caller may see, before any filter."""
        queryset: Any = super().get_queryset()
        return queryset.for_user(self.caller)

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset().none()
        told: Any = self.serializer_class
        prepared: QuerySet[Any] = told.prepare(self.rows())
        return prepared

    def get_object(self) -> Any:
        row = self.get_queryset().filter(**{self.lookup_field: self.kwargs[self.lookup_url_kwarg or self.lookup_field]}).first()
        if row is None:
            raise Http404
        return row

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        row = self.get_object()
        tag = etag_of(row)
        known = [word.strip() for word in request.headers.get("If-None-Match", "").split(",")]
        if tag and (tag in known or known == ["*"]):
            return Response(status=304, headers={"ETag": tag})
        return self.told(row)

    def told(self, row: Any, status: int = 200, **headers: str) -> Response:
        tag = etag_of(row)
        return Response(self.get_serializer(row).data, status=status, headers={**headers, **({"ETag": tag} if tag else {})})


class SharedViews(ReadViews):
    """What belongs to no account and is the same for everybody of the staff, such as the catalogue of event names."""

    def rows(self) -> QuerySet[Any]:
        return viewsets.GenericViewSet.get_queryset(self)


class WholeViews(ReadViews):
    """What tells of all accounts at once: for those who see everything."""

    def rows(self) -> QuerySet[Any]:
        queryset: QuerySet[Any] = viewsets.GenericViewSet.get_queryset(self)
        return queryset if self.caller.sees_everything else queryset.none()
