"""One shape for every API error: {"code", "message", "fields"?}."""

from typing import Any

from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from .errors import Refused


def explain_error(error: Exception, context: dict[str, Any]) -> Response | None:
    if isinstance(error, Refused):
        return Response({"code": error.code, "message": error.message}, status=status.HTTP_409_CONFLICT)
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, exceptions.ValidationError):
        response.data = {"code": "invalid", "message": "Some fields need attention.", "fields": response.data}
    elif isinstance(error, exceptions.APIException):
        response.data = {"code": error.default_code, "message": str(error.detail)}
    else:
        response.data = {"code": "not_found" if response.status_code == 404 else "forbidden", "message": str(error) or "Not found."}
    return response
