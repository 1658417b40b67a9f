from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.core import clock
from apps.core.actor import Actor

from .. import services


class Told:
    """What is written about an account in the back office is announced with it: health and open pages hear of it. Goes left of the admin base."""

    what = ""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        with transaction.atomic():
            # A row that is moved to another account changes both stories.
            before = type(obj).objects.filter(pk=obj.pk).values_list("account_id", flat=True).first() if change else None
            super().save_model(request, obj, form, change)  # type: ignore[misc]
            self._tell(request, {obj.account_id, before or obj.account_id})

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with transaction.atomic():
            super().delete_model(request, obj)  # type: ignore[misc]
            self._tell(request, {obj.account_id})

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        with transaction.atomic():
            touched = set(queryset.values_list("account_id", flat=True))
            super().delete_queryset(request, queryset)  # type: ignore[misc]
            self._tell(request, touched)

    def _tell(self, request: HttpRequest, account_ids: set[int]) -> None:
        services.tell(account_ids, what=self.what, actor=Actor.user(request.user), now=clock.now())
