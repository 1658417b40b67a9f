"""The doors of the house."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from apps.core.api.errors import not_found
from apps.dashboards.urls import websocket_urlpatterns as staff_sockets
from apps.messaging.urls import websocket_urlpatterns as customer_sockets

from . import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/live", views.live),
    path("health/ready", views.ready),
    path("admin/", admin.site.urls),
    path("", include("apps.integrations.urls")),
    path("", include("apps.messaging.urls")),
    # After messaging's own addresses below /api/v1/, since this one answers all the rest.
    path("api/v1/", include("cs_platform.api")),
    path("api/", not_found),
    path("", include("apps.dashboards.urls")),
]

websocket_urlpatterns = [*staff_sockets, *customer_sockets]
