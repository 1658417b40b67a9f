"""One shape for every API error: {"code", "message", "fields"?}."""

import functools
import logging
from typing import Any

from django.apps import apps
from django.core.exceptions import SuspiciousOperation
from django.core.exceptions import ValidationError as ModelError
from django.db import DataError, IntegrityError, OperationalError, models
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from apps.core.errors import Refused

from .problem import Fields, Problem, invalid

log = logging.getLogger(__name__)


def explain_error(error: Exception, context: dict[str, Any]) -> Response | None:
    problem = _problem_of(error)
    if problem is not None:
        set_rollback()
        return Response(_body(problem), status=problem.status_code, headers=problem.headers)
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, exceptions.ValidationError):
        response.data = {"code": "invalid", "message": "Some fields need attention.", "fields": flat(response.data)}
    elif isinstance(error, exceptions.APIException):
        response.data = {"code": error.get_codes() if isinstance(error.detail, str) else error.default_code, "message": str(error.detail)}
    elif response.status_code == status.HTTP_404_NOT_FOUND:
        # The same bytes for a row that never was and for a row of somebody else's book.
        response.data = {"code": "not_found", "message": "There is no such thing here."}
    else:
        response.data = {"code": "forbidden", "message": str(error) or "This is not allowed."}
    return response


def _body(problem: Problem) -> dict[str, Any]:
    body: dict[str, Any] = {"code": problem.code, "message": problem.message}
    return body | ({"fields": problem.fields} if problem.fields else {}) | problem.more


def _problem_of(error: Exception) -> Problem | None:
    if isinstance(error, Problem):
        return error
    if isinstance(error, Refused):
        return Problem(409, error.code, error.message)
    if isinstance(error, ModelError):
        return invalid({"body" if name == "__all__" else name: words for name, words in _sentences(error).items()})
    if isinstance(error, IntegrityError):
        return _broken_rule(error)
    if isinstance(error, DataError):
        return Problem(400, "invalid", f"A value does not fit: {_first_line(error)}.")
    if isinstance(error, OperationalError):
        log.warning("the database did not answer: %s", error)
        return Problem(503, "unavailable", "The database did not answer in time. Try again.", headers={"Retry-After": "5"})
    if isinstance(error, SuspiciousOperation):
        return Problem(400, "bad_request", str(error) or "The request is malformed.")
    return None


def _sentences(error: ModelError) -> Fields:
    return error.message_dict if hasattr(error, "error_dict") else {"body": error.messages}


def _broken_rule(error: IntegrityError) -> Problem:
    """The names of our constraints are short sentences; a value that breaks one is 400, a clash with another row is 409."""
    diagnosis = getattr(error.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", None) or ""
    rule, columns = _rules().get(name, (None, []))
    column = getattr(diagnosis, "column_name", None)
    columns = columns or ([column] if column else [])
    words = f"It breaks the rule “{name.replace('_', ' ')}”." if rule else "It does not fit the rows that are there."
    clash = rule is None or isinstance(rule, models.UniqueConstraint)
    return Problem(409 if clash else 400, "conflict" if clash else "invalid", words, fields={one: [words] for one in columns})


@functools.cache
def _rules() -> dict[str, tuple[models.BaseConstraint, list[str]]]:
    """Constraint name -> the constraint and the fields it speaks of."""
    found: dict[str, tuple[models.BaseConstraint, list[str]]] = {}
    for model in apps.get_models():
        for rule in model._meta.constraints:
            if isinstance(rule, models.CheckConstraint):
                names = sorted({words.split("__")[0] for words in _names_in(rule.condition)})
            else:
                names = list(getattr(rule, "fields", ()))
            found[rule.name] = (rule, names)
    return found


def _names_in(condition: Any) -> list[str]:
    if isinstance(condition, models.Q):
        return [name for child in condition.children for name in _names_in(child)]
    return [condition[0]] if isinstance(condition, tuple) else []


def _first_line(error: Exception) -> str:
    return str(error).split("\n")[0].rstrip(".")[:200]


def flat(found: Any, path: str = "") -> Fields:
    """DRF's nested errors as {path: [sentences]}, so that programs need not walk."""
    if isinstance(found, dict):
        return {name: words for key, inner in found.items() for name, words in flat(inner, f"{path}.{key}" if path else str(key)).items()}
    if isinstance(found, list) and any(isinstance(inner, dict | list) for inner in found):
        return {name: words for place, inner in enumerate(found) if inner for name, words in flat(inner, f"{path}.{place}".strip(".")).items()}
    words = [str(one) for one in (found if isinstance(found, list) else [found])]
    return {path.removesuffix(".non_field_errors").replace("non_field_errors", "body") or "body": words}


@csrf_exempt
def not_found(request: HttpRequest, **_: Any) -> JsonResponse:
    """Any address below /api/ that nobody answers."""
    return JsonResponse({"code": "not_found", "message": "There is no such thing here."}, status=404)
