"""What leaving means: read, said, changed, counted, and every account scored by it."""

from typing import Annotated, Any

import django_filters
from drf_spectacular.utils import extend_schema
from msgspec import Meta
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import User
from apps.churn import selectors, services
from apps.churn.definitions import problem_with
from apps.churn.models import ChurnDefinition
from apps.churn.types import DefinitionKind
from apps.core import clock
from apps.core.api.access import actor_of
from apps.core.api.items import Item, Misfit
from apps.core.api.problem import Problem
from apps.core.api.views import SharedViews
from apps.core.api.writing import ActViews, CreateViews, button
from apps.core.errors import Refused

from . import rows
from .asked import Asked

Kind = Annotated[str, Meta(max_length=20, extra_json_schema={"enum": DefinitionKind.values})]
Slug = Annotated[str, Meta(min_length=1, max_length=60, pattern="^[a-z0-9]+(-[a-z0-9]+)*$", description="Small letters, digits and hyphens.")]


class Meaning(Item, kw_only=True):
    """A way of leaving. `inactive_days` goes with "inactive" and `least_percent` with "downgraded", and only with these."""

    kind: Kind
    horizon_days: Annotated[int, Meta(ge=1, le=730)]
    inactive_days: Annotated[int, Meta(ge=1, le=364)] | None = None
    least_percent: Annotated[int, Meta(ge=1, le=100)] | None = None
    leave_unpaid_apart: bool = False

    @property
    def meaning(self) -> dict[str, Any]:
        names = ("horizon_days", "inactive_days", "least_percent", "leave_unpaid_apart")
        return {"kind": self.kind, **{name: getattr(self, name) for name in names}}

    def check(self) -> None:
        super().check()
        if problem := problem_with(**self.meaning):
            raise Misfit("kind", problem)


class DefinitionItem(Meaning, kw_only=True):
    """A new definition; with `make_default` pages, plays and alerts speak of it."""

    name: Slug
    make_default: bool = False


class DefinitionChange(Meaning, kw_only=True):
    """The whole meaning anew, and the revision that you saw. By another meaning the rule scores until a model is trained for it."""

    revision: Annotated[int, Meta(ge=1, le=2**31 - 1)]
    make_default: bool = False


class Nothing(Item):
    """The button says it all."""


class DefinitionFilters(django_filters.FilterSet):
    name = django_filters.CharFilter()
    kind = django_filters.ChoiceFilter(choices=DefinitionKind.choices)


class DefinitionViews(CreateViews, ActViews, SharedViews):
    """What leaving means, in numbers and in a sentence. Several stand side by side; the default one is the accounts' risk.

    Everybody reads; administrators, and keys that belong to nobody in particular, define.
    """

    scope = "churn"
    queryset = ChurnDefinition.objects.all()
    serializer_class = rows.DefinitionRow
    filterset_class = DefinitionFilters
    item = DefinitionItem

    def make(self, item: DefinitionItem) -> ChurnDefinition:
        self._refuse_others()
        if selectors.definition_named(item.name) is not None:
            raise Misfit("name", "There is a definition of this name; change that one, or choose another name.")
        return services.define(name=item.name, **item.meaning, make_default=item.make_default, actor=actor_of(self.request), now=clock.now())

    @button(DefinitionChange)
    def change(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Another meaning is a new revision; models of the one before never answer it."""

        def write(row: ChurnDefinition, said: DefinitionChange) -> None:
            self._refuse_others()
            held = ChurnDefinition.objects.select_for_update().get(pk=row.pk)
            if held.revision != said.revision:
                raise Refused("changed_meanwhile", f"{held} is at revision {held.revision}, you saw {said.revision}. Look at it, then send it again.")
            services.define(name=held.name, **said.meaning, make_default=said.make_default, actor=actor_of(request), now=clock.now())

        return self.act(request, DefinitionChange, write)

    @button(Nothing)
    def score(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Ask a worker to score every account by it now."""
        return self.act(request, Nothing, lambda row, _: services.ask_for_scores(row, actor=actor_of(request)))

    @extend_schema(responses={200: rows.CountsAnswer})
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def counts(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """How many left by it, how many it speaks of now, and whether that is enough to learn from."""
        return Response(rows.CountsAnswer(selectors.counts(self.get_object(), now=clock.now())).data)

    def _refuse_others(self) -> None:
        caller = self.caller
        if not (caller.has_perm("churn.add_churndefinition") if isinstance(caller, User) else caller.sees_everything):
            raise Problem(403, "forbidden", "Administrators say what leaving means, or a key that belongs to nobody in particular.")


class CountViews(Asked):
    """How many left by a meaning, before it is stored or anything is trained."""

    item = Meaning

    @extend_schema(responses={200: rows.CountsAnswer})
    def create(self, request: Request) -> Response:
        said: Meaning = self.read(request)
        return Response(rows.CountsAnswer(selectors.counts(ChurnDefinition(**said.meaning), now=clock.now())).data)


ROUTES = {"churn/definitions": DefinitionViews}
DOORS = {"churn/counts": CountViews}
