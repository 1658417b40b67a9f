"""Addresses for customers' own products: a signed token is the only key, so any origin may ask and no cookie is looked at."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class ByToken(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Any page may read the answer, and no page can send a cookie along."""
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Access-Control-Allow-Origin"] = "*"
        return response

    @extend_schema(exclude=True)
    def options(self, request: Request, *args: Any, **kwargs: Any) -> Response:  # type: ignore[override]
        """What a browser asks before it sends JSON from another origin."""
        allowed = {"Methods": ", ".join(self.allowed_methods), "Headers": "Content-Type", "Max-Age": "86400"}
        return Response(
            status=204, headers={f"Access-Control-{'' if name == 'Max-Age' else 'Allow-'}{name}": value for name, value in allowed.items()}
        )
