"""Which rows lead to a person or an account: found by looking at every model's keys, so that a new table cannot be forgotten."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models

from apps.accounts.models import Account, Contact, User
from apps.events.models import Event
from apps.messaging.models import Digest

# Keys that point at what a row is told by or belongs to, not at whom it is about.
_NOT_THROUGH: tuple[type[models.Model], ...] = (User, Event, Digest)
_OWN = ("apps.", "cs_platform.")


def our_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith(_OWN)]


def text_columns(model: type[models.Model]) -> list[Any]:
    """Every column that can hold words: text, JSON and lists of text."""
    kinds = ("CharField", "TextField", "JSONField", "ArrayField", "EmailField", "SlugField", "URLField", "GenericIPAddressField", "FileField")
    return [field for field in model._meta.concrete_fields if field.get_internal_type() in kinds]


@cache
def paths_to(root: type[models.Model]) -> dict[type[models.Model], tuple[str, ...]]:
    """Model -> the look-ups by which its rows lead to `root`; a person's rows are not all rows of the account."""
    found: dict[type[models.Model], list[str]] = {root: [""]}
    barred = (*_NOT_THROUGH, *((Account,) if root is Contact else ()))
    grown = True
    while grown:
        grown = False
        for model in our_models():
            if model is root or model in barred:
                continue
            for field in _keys(model):
                target = field.related_model
                if target is model or target in barred or target not in found:
                    continue
                for rest in found[target]:
                    path = f"{field.name}__{rest}" if rest else field.name
                    if path not in found.setdefault(model, []) and path.count("__") < 3:
                        found[model].append(path)
                        grown = True
    return {model: tuple(paths) for model, paths in found.items() if paths}


def _keys(model: type[models.Model]) -> Iterator[Any]:
    for field in model._meta.get_fields():
        if field.concrete and (field.many_to_one or field.one_to_one or field.many_to_many):
            yield field


def rows_of(model: type[models.Model], root: Contact | Account) -> models.QuerySet[Any]:
    """The rows of a model that lead to this person or account."""
    found = models.Q()
    for path in paths_to(type(root))[model]:
        found |= models.Q(**{path or "pk": root.pk})
    manager = model._base_manager
    return manager.filter(pk__in=manager.filter(found).values("pk"))
