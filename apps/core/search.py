"""Searching big tables by words: capped hits of one word through its own index first, the rest among them."""

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.admin.utils import lookup_spawns_duplicates
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model, Q, QuerySet

# More hits than this in one field want another word, not another page.
MOST_HITS = 1_000
_WORDS = 5


def find(queryset: QuerySet[Any], fields: Sequence[str], words: str) -> QuerySet[Any]:
    """The rows in which every word occurs in one of the fields, found through at most MOST_HITS hits of the longest word in each field.

    A field is `name`, `account__name`, or with a look-up of its own `subject__exact`. Words of one or two letters are looked for at the beginning.
    """
    bits = words.replace("\0", "").split()[:_WORDS]
    if not bits or not fields:
        return queryset
    longest = max(bits, key=len)
    hits = [_hits(queryset, name, longest) for name in fields]
    keys = set(hits[0].union(*hits[1:], all=True) if len(hits) > 1 else hits[0])
    found = queryset.filter(pk__in=sorted(keys))
    for bit in bits:
        if bit != longest:
            found = found.filter(reduce(or_, (Q(**{_lookup(queryset.model, name, bit): bit}) for name in fields)))
    if len(bits) > 1 and any(lookup_spawns_duplicates(queryset.model._meta, name) for name in fields):
        return queryset.filter(pk__in=found.order_by().values("pk"))
    return found


def _hits(queryset: QuerySet[Any], name: str, word: str) -> Any:
    """Keys of rows with the word in this field; through another table, its hits come first, so that its index is used."""
    relation, _, rest = name.partition("__")
    bare = queryset.order_by().select_related(None)
    try:
        field = queryset.model._meta.get_field(relation)
    except FieldDoesNotExist:
        field = None
    if field is not None and field.is_relation and rest:
        there = field.related_model._default_manager.order_by().filter(**{_lookup(field.related_model, rest, word): word})
        return bare.filter(**{f"{relation}__in": there.values("pk")[:MOST_HITS]}).values_list("pk", flat=True)[:MOST_HITS]
    return bare.filter(**{_lookup(queryset.model, name, word): word}).values_list("pk", flat=True)[:MOST_HITS]


def _lookup(model: type[Model], name: str, word: str) -> str:
    if name.endswith("__exact"):
        return name
    return f"{name}__{'icontains' if len(word) > 2 else 'istartswith'}"
