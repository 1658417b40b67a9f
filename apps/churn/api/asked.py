"""Questions to the model at work: what if, a batch of scores now, whom to call first. Nothing is stored."""

from typing import Annotated, Any

from drf_spectacular.utils import extend_schema
from msgspec import Meta, Struct
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import Account
from apps.churn import selectors as churn
from apps.churn.models import AccountRisk, ChurnDefinition
from apps.core import clock
from apps.core.api import items
from apps.core.api.items import Id, Item, Misfit
from apps.core.api.problem import invalid
from apps.core.api.views import Door

from . import rows

_MOST_FIGURES = 500
Figures = Annotated[dict[Annotated[str, Meta(max_length=200)], float | str | bool | None], Meta(max_length=_MOST_FIGURES)]
Name = Annotated[str, Meta(max_length=60, description="A definition's name; without it the default one.")]


class WhatIf(Item):
    """Figures of an account as they might be, by key; `moves` are changes that a person can picture: use, support, payment, leaving."""

    account_external_id: Id
    changes: Figures = {}
    moves: Annotated[list[Annotated[str, Meta(max_length=20)]], Meta(max_length=10)] = []
    definition: Name = ""


class GivenRow(Struct, forbid_unknown_fields=True, kw_only=True):
    key: Id
    figures: Figures


class Batch(Item):
    """Accounts by their ids in your systems, or rows of figures: one of the two, at most a thousand."""

    accounts: Annotated[list[Id], Meta(max_length=churn.supposed.MOST)] = []
    rows: Annotated[list[GivenRow], Meta(max_length=churn.supposed.MOST)] = []
    definition: Name = ""


class Hours(Item):
    """For how many accounts there is time."""

    accounts: Annotated[int, Meta(ge=1, le=churn.MOST_REACHED)] = 20
    definition: Name = ""


class Asked(Door):
    """A question is a POST, read by a struct like every body."""

    scope = "churn"
    queryset = AccountRisk.objects.none()
    item: type[Item]

    def read(self, request: Request) -> Any:
        try:
            return items.read(self.item, dict(request.data) if isinstance(request.data, dict) else request.data)
        except Misfit as misfit:
            raise invalid({misfit.field: [misfit.reason]}) from misfit

    def definition(self, name: str) -> ChurnDefinition:
        found = churn.definition_named(name) if name else churn.default_definition()
        if found is None:
            raise invalid({"definition": ["There is no such definition."]})
        return found


def _said(said: churn.supposed.Said) -> dict[str, Any]:
    score = said.score
    reasons = [reason.as_json() for reason in score.reasons]
    return {"probability": score.probability, "low": score.low, "high": score.high, "band": said.band.value, "reasons": reasons}


class WhatIfViews(Asked):
    """What the score of an account would be with other figures."""

    item = WhatIf

    @extend_schema(responses={200: rows.WhatIfAnswer})
    def create(self, request: Request) -> Response:
        said, now = self.read(request), clock.now()
        account = Account.objects.for_user(self.caller).filter(external_id=said.account_external_id).first()
        if account is None:
            raise invalid({"account_external_id": ["There is no such account."]})
        if unknown := sorted(set(said.moves) - {move.key for move in churn.supposed.MOVES}):
            raise invalid({"moves": [f"There is no move {unknown[0]!r}. Use some of {', '.join(move.key for move in churn.supposed.MOVES)}."]})
        found = churn.supposed.what_if(self.definition(said.definition), account.pk, changes=said.changes, moves=said.moves, now=now)
        if found is None:
            raise invalid({"account_external_id": ["The definition does not speak of this account now."]})
        changed = [{"feature": key, "before": before, "after": after} for key, (before, after) in sorted(found.changed.items())]
        head = {"account": account.pk, "account_external_id": account.external_id, "as_of": now, "model": found.model}
        return Response(rows.WhatIfAnswer({**head, "before": _said(found.before), "after": _said(found.after), "changed": changed}).data)


class BatchViews(Asked):
    """Scores now, for accounts or for rows of figures, with reasons."""

    item = Batch

    @extend_schema(responses={200: rows.BatchAnswer})
    def create(self, request: Request) -> Response:
        said, now = self.read(request), clock.now()
        if bool(said.accounts) == bool(said.rows):
            raise invalid({"body": ["Give accounts or rows, one of the two."]})
        definition = self.definition(said.definition)
        if said.rows:
            model, told = churn.supposed.of_rows(definition, [row.figures for row in said.rows])
            pairs = [(row.key, one) for row, one in zip(said.rows, told, strict=True)]
            left: list[str] = []
        else:
            known = dict(Account.objects.for_user(self.caller).filter(external_id__in=said.accounts).values_list("external_id", "pk"))
            model, by_id = churn.supposed.of_accounts(definition, list(known.values()), now=now)
            pairs = [(key, by_id[known[key]]) for key in dict.fromkeys(said.accounts) if known.get(key) in by_id]
            scored = {key for key, _ in pairs}
            left = [key for key in dict.fromkeys(said.accounts) if key not in scored]
        scores = [{"key": key, **_said(one)} for key, one in pairs]
        return Response(rows.BatchAnswer({"as_of": now, "model": model, "scores": scores, "left": left}).data)


class ReachViews(Asked):
    """Whom to call first: the caller's book by probability, ARR and savability, and the share of what is at risk that so many accounts hold."""

    item = Hours

    @extend_schema(responses={200: rows.ReachAnswer})
    def create(self, request: Request) -> Response:
        said, now = self.read(request), clock.now()
        found = churn.reach(self.caller, self.definition(said.definition), now=now)
        head = {name: getattr(found, name) for name in ("accounts", "at_risk", "value", "currency", "missing")}
        chosen = found.rows[: said.accounts]
        return Response(rows.ReachAnswer({"as_of": now, **head, "reached": found.reached(len(chosen)), "rows": chosen}).data)


DOORS = {"churn/what-if": WhatIfViews, "churn/batch": BatchViews, "churn/reach": ReachViews}
