"""Writing: one body, or five thousand, read by the same struct; a change names the version it was made in sight of."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.db import transaction
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.errors import Conflict

from . import items
from .bodies import ItemsParser
from .items import MAX_ITEMS, Item, Misfit, Verdict
from .problem import Problem, invalid
from .views import ReadViews, etag_of


def _plain(said: Any) -> Any:
    """No body at all reaches us as an empty mapping of Django's."""
    return dict(said) if isinstance(said, Mapping) else said


class CreateViews(ReadViews):
    """POST one: it must be new."""

    item: ClassVar[type[Item]]

    def make(self, item: Any) -> Any:
        """Create the row by a service and return it. Raises Misfit or Refused."""
        raise NotImplementedError

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        try:
            with transaction.atomic():
                made = self.make(items.read(self.item, _plain(request.data)))
        except Misfit as misfit:
            raise invalid({misfit.field: [misfit.reason]}) from misfit
        row = self.get_queryset().get(pk=made.pk)
        return self.told(row, status=201, Location=request.build_absolute_uri(f"{request.path}{row.pk}/"))


class EditViews(ReadViews):
    """PATCH one: `If-Match` says which version was edited; a row that is another by now is answered with 412 and both values."""

    edited: ClassVar[type[Item]]

    def edit(self, row: Any, said: dict[str, Any], *, version: int | None) -> None:
        """Change the row by a service. Raises Conflict, Misfit or Refused."""
        raise NotImplementedError

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self._change(request, self.get_object(), request.data)

    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The whole row: every field that can be set is named; what only the platform tells may be sent back and is ignored."""
        row, said = self.get_object(), request.data
        if isinstance(said, Mapping):
            kind: Any = self.get_serializer_class()
            told = set(kind().fields)
            writable = set(self.edited.__struct_fields__)
            if missing := sorted(writable - set(said)):
                raise invalid({name: ["It is missing; PUT names the whole row, PATCH only what changes."] for name in missing})
            said = {name: value for name, value in said.items() if name in writable or name not in told}
        return self._change(request, row, said)

    def _change(self, request: Request, row: Any, said: Any) -> Response:
        version = self._version(request, row)
        try:
            with transaction.atomic():
                self.edit(row, items.read(self.edited, said).said(), version=version)
        except Misfit as misfit:
            raise invalid({misfit.field: [misfit.reason]}) from misfit
        except Conflict as conflict:
            raise self._stale(self.get_object(), conflict.fields) from conflict
        return self.told(self.get_object())

    def _version(self, request: Request, row: Any) -> int | None:
        """The version that the caller saw; None where they say that any will do (`*`)."""
        words = request.headers.get("If-Match", "").strip()
        if not words:
            raise Problem(428, "precondition_required", f"Send If-Match with the ETag that you read, now {etag_of(row)}.")
        if words == "*":
            return None
        if etag_of(row) not in [word.strip() for word in words.split(",")]:
            raise self._stale(row, {})
        return int(row.version)

    def _stale(self, row: Any, fields: dict[str, dict[str, Any]]) -> Problem:
        said = self.request.data if isinstance(self.request.data, dict) else {}
        current = self.get_serializer(row).data
        differs = fields or {name: {"yours": value, "theirs": current[name]} for name, value in said.items() if current.get(name, value) != value}
        words = "The row was changed meanwhile. Look at `current` and `differs`, then send it again with the new ETag."
        headers = {"ETag": etag_of(row) or ""}
        return Problem(412, "changed_meanwhile", words, headers=headers, current=current, differs=differs)


class BulkViews(ReadViews):
    """Many at once, by their ids in other systems: new ones are created, others changed; sent twice it changes nothing."""

    item: ClassVar[type[Item]]

    def take(self, good: list[tuple[int, Any]]) -> list[Verdict]:
        """Store the items by a service, and say of each what became of it."""
        raise NotImplementedError

    @action(detail=False, methods=["post", "put"], url_path="bulk", parser_classes=[ItemsParser])
    def bulk(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        all_or_nothing = self._all_or_nothing(request)
        raws = request.data
        if not isinstance(raws, list):
            raise invalid({"body": ["It must be a list of items."]})
        if len(raws) > MAX_ITEMS:
            raise Problem(413, "too_many_items", f"A call takes at most {MAX_ITEMS:,} items, this one has {len(raws):,}. Send it in parts.")
        with transaction.atomic():
            good, bad = items.read_all(self.item, raws)
            verdicts = sorted([*bad, *(self.take(good) if good else [])], key=lambda verdict: verdict.index)
            if all_or_nothing and (wrong := [verdict.as_json() for verdict in verdicts if verdict.status == "refused"]):
                words = f"Nothing was stored, because {len(wrong):,} of {len(raws):,} items were refused."
                raise Problem(409, "some_refused", words, items=wrong)
        return Response({**items.counts(verdicts), "items": [verdict.as_json() for verdict in verdicts]})

    def _all_or_nothing(self, request: Request) -> bool:
        if unknown := sorted(set(request.query_params) - {"atomic"}):
            raise invalid({name[:80]: ["There is no such parameter here."] for name in unknown})
        word = request.query_params.get("atomic", "false")
        if word not in {"true", "false"}:
            raise invalid({"atomic": ["Use true or false."]})
        return word == "true"


class ActViews(ReadViews):
    """Buttons of a row as addresses: POST /tasks/7/close/."""

    def act(self, request: Request, said: type[Item], do: Callable[[Any, Any], object]) -> Response:
        self.carry_out(request, said, do)
        return self.told(self.get_object())

    def carry_out(self, request: Request, said: type[Item], do: Callable[[Any, Any], object]) -> None:
        row = self.get_object()
        try:
            item = items.read(said, _plain(request.data))
            with transaction.atomic():
                do(row, item)
        except Misfit as misfit:
            raise invalid({misfit.field: [misfit.reason]}) from misfit


def button(said: type[Item]) -> Callable[[Any], Any]:
    """An address for POST that reads this struct."""

    def mark(method: Any) -> Any:
        method.said = said
        return action(detail=True, methods=["post"])(method)

    return mark
