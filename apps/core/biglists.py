"""Admin lists whose cost does not grow with their table: counted up to a limit and walked by place. Searched by search.py."""

from typing import Any

from django.contrib.admin import AllValuesFieldListFilter
from django.core.exceptions import EmptyResultSet
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from unfold.views import ChangeList

from .keyset import Order
from .reading import Reading, Rows, gather, read

# Counting ends here: "10,000+" says as much to a person as the exact figure, at a thousandth of the cost.
MOST_COUNTED = 10_000
# What a filter offers of a column without fixed choices: the values among the newest rows.
_NEWEST = 1_000
_BEHIND, _BEFORE, _END = "behind", "before", "end"
# One statement whichever answer it gives. A table in parts has its rows in them; one never analysed says -1.
_COUNT = """
select case when about > %(most)s then about else (select count(*) from (select from {table} limit %(most)s + 1) first) end
from (select coalesce(sum(greatest(reltuples, 0)), 0)::bigint about from pg_class
      where oid = %(name)s::regclass or oid in (select inhrelid from pg_inherits where inhparent = %(name)s::regclass)) whole
"""


class CountedToALimit(Paginator):
    """`count` is exact up to MOST_COUNTED. Beyond it is an estimate where the whole table is listed, else one more than that."""

    template_name = "admin/walk.html"

    @cached_property
    def is_estimate(self) -> bool:
        return self.count > MOST_COUNTED and not self._narrowed

    @property
    def _narrowed(self) -> bool:
        return bool(self.object_list.query.where)  # type: ignore[attr-defined]

    @cached_property
    def count(self) -> int:
        return read(self.counting()) if isinstance(self.object_list, QuerySet) else len(self.object_list)

    def counting(self) -> Reading[int]:
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        if self._narrowed:
            try:
                first, params = rows.order_by().values("pk")[: MOST_COUNTED + 1].query.sql_with_params()
            except EmptyResultSet:
                return 0
            counted = Rows(f"select count(*) from ({first}) first", params)  # noqa: S608 (the ORM's own statement)
        else:
            table = connection.ops.quote_name(rows.model._meta.db_table)
            counted = Rows(_COUNT.format(table=table), {"most": MOST_COUNTED, "name": table})
        yield counted
        ((count,),) = counted
        return int(count)


class WalkedList(ChangeList):
    """A change list that is walked: first, previous, next, last, without page numbers where its order allows that."""

    walks = False

    def get_filters_params(self, params: Any = None) -> Any:
        # Where one stands is no filter, and a click on a head or a filter begins anew.
        for name in (_BEHIND, _BEFORE, _END):
            self.params.pop(name, None)
            self.filter_params.pop(name, None)
        return super().get_filters_params(params)

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        """The key that breaks ties runs the way of the rest, as the indexes do."""
        ordering = super().get_ordering(request, queryset)
        if len(ordering) > 1 and ordering[-1] == "-pk" and isinstance(ordering[-2], str) and not ordering[-2].startswith("-"):
            ordering[-1] = "pk"
        return list(ordering)

    def get_results(self, request: HttpRequest) -> None:
        order = Order.of(self.queryset, self.get_ordering(request, self.queryset))
        if order is None or self.list_editable:
            super().get_results(request)
            self.words = self._words(request)
            return
        self.paginator = self.model_admin.get_paginator(request, self.queryset, self.list_per_page)
        self.paginator.count, self.result_list = read(gather(self.paginator.counting(), self._walk(order, request)))
        self.result_count = self.paginator.count
        self.show_full_result_count, self.full_result_count, self.show_admin_actions = False, None, True
        self.can_show_all, self.multi_page, self.show_all = False, self.result_count > self.list_per_page, False
        self.words = self._words(request)

    def _walk(self, order: Order, request: HttpRequest) -> Reading[list[Any]]:
        back = _BEFORE in request.GET or _END in request.GET
        place = order.read(request.GET.get(_BEHIND) or request.GET.get(_BEFORE) or "")
        found = order.beyond(self.queryset, place, back=back)[: self.list_per_page + 1]
        yield found
        more, rows = len(found) > self.list_per_page, list(found[: self.list_per_page])
        if back:
            rows.reverse()
        self.walks = True
        self.first_url = self.get_query_string() if (more if back else place is not None) else ""
        self.last_url = self.get_query_string({_END: "1"}) if (place is not None and back) or (more and not back) else ""
        self.previous_url = self.get_query_string({_BEFORE: order.place_of(rows[0])}) if rows and self.first_url else ""
        self.next_url = self.get_query_string({_BEHIND: order.place_of(rows[-1])}) if rows and self.last_url else ""
        return rows

    def _words(self, request: HttpRequest) -> str:
        """How many there are, as exactly as it is known."""
        names = self.opts.verbose_name if self.result_count == 1 else self.opts.verbose_name_plural
        if getattr(request, "more_hits", False):
            return f"the first {self.result_count:,} {names} found, and there are more: another word narrows the search"
        if self.result_count <= MOST_COUNTED:
            return f"{self.result_count:,} {names}"
        if self.paginator.is_estimate:
            return f"about {float(f'{self.result_count:.2g}'):,.0f} {names}"
        return f"more than {MOST_COUNTED:,} {names}"


class NewestValuesFilter(AllValuesFieldListFilter):
    """For a column without fixed choices: the values among the newest rows, because reading them all reads the table."""

    def __init__(self, field: Any, request: HttpRequest, params: Any, model: type[Model], model_admin: Any, field_path: str) -> None:
        super().__init__(field, request, params, model, model_admin, field_path)
        newest = model_admin.get_queryset(request).order_by("-pk").values_list(field_path, flat=True)[:_NEWEST]
        self.lookup_choices: Any = sorted({value for value in newest if value not in (None, "")})
