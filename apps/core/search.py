"""Searching big tables by words: a few hits of the rarest word through its own index, the other words among them."""

import re
from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Exists, Model, Q, QuerySet, TextField, Value
from django.db.models.functions import Concat

from .reading import asked, read

# More hits than this want another word, not another page; reading them all would cost more the larger the table is.
MOST_HITS = 50
# Hits of one word among which the others are looked for.
_AMONG = 500
_WORDS = 5
# Ids share their beginnings, and an index walks all that share a part: of `invoice-2026-00042` only the last part is rare.
_NUMBER = re.compile(r"\d{4,}")


def find(queryset: QuerySet[Any], fields: Sequence[str], words: str) -> tuple[QuerySet[Any], bool]:
    """The rows in which every word occurs in one of the fields, and whether there may be more of them than were looked at.

    A field is `name`, `account__name`, or with a look-up of its own `subject__exact`. Words of one or two letters are looked for at the beginning.
    """
    bits = words.replace("\0", "").split()[:_WORDS]
    if not bits or not fields:
        return queryset, False
    longest = max(bits, key=len)
    rare = max(_NUMBER.findall(longest), key=len, default=longest)
    others = [bit for bit in bits if bit != rare]
    most = _AMONG if others else MOST_HITS
    # Whoever gives an id in full gets its row; others that share its number are then not looked for.
    whole = [_hits(queryset, name, longest, 1) for name in _exactly(queryset.model, fields)] if rare != longest else []
    hits = [*whole, *(_hits(queryset, name, rare, most + 1, unless=whole) for name in fields)]
    first = hits[0].union(*hits[1:], all=True)[: most + 1] if len(hits) > 1 else hits[0]
    fitting = queryset.filter(pk__in=first).order_by()
    for bit in others:
        fitting = fitting.alias(
            **{_alias(name): Concat(name, Value(""), output_field=TextField()) for name in fields if not name.endswith("__exact")}
        )
        fitting = fitting.filter(reduce(or_, (Q(**{_lookup(_alias(name), bit): bit}) for name in fields)))
    fitting = fitting.values_list("pk", flat=True).distinct()[: MOST_HITS + 1] if others else first
    read(asked(first, fitting) if others else asked(first))
    return queryset.filter(pk__in=sorted({*fitting[:MOST_HITS]})), len(first) > most or len(fitting) > MOST_HITS


def _exactly(model: type[Model], fields: Sequence[str]) -> list[str]:
    unique = {field.name for field in model._meta.concrete_fields if field.unique}
    return [f"{name}__exact" for name in fields if name in unique]


def _hits(queryset: QuerySet[Any], name: str, word: str, most: int, *, unless: Sequence[QuerySet[Any]] = ()) -> Any:
    """Keys of rows with the word in this field, none where one of `unless` has a row; through another table, its hits come first, so that its
    index is used."""
    relation, _, rest = name.partition("__")
    bare = queryset.order_by().select_related(None).filter(*(~Exists(found) for found in unless))
    try:
        field = queryset.model._meta.get_field(relation)
    except FieldDoesNotExist:
        field = None
    if field is not None and field.is_relation and rest:
        there = field.related_model._default_manager.order_by().filter(**{_lookup(rest, word): word})
        return bare.filter(**{f"{relation}__in": there.values("pk")[:most]}).values_list("pk", flat=True)[:most]
    return bare.filter(**{_lookup(name, word): word}).values_list("pk", flat=True)[:most]


def _alias(name: str) -> str:
    """The field with nothing added: no index holds that, so the other words are looked for among the hits and nowhere else."""
    return name if name.endswith("__exact") else f"plain_{name.replace('__', '_of_')}"


def _lookup(name: str, word: str) -> str:
    if name.endswith("__exact"):
        return name
    return f"{name}__{'icontains' if len(word) > 2 else 'istartswith'}"
