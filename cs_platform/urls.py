"""The doors of the house."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from apps.core.api.errors import not_found

from . import views
from .privacy import views as privacy

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/live", views.live),
    path("health/ready", views.ready),
    path("health/deep", views.Deep.as_view()),
    path("metrics", views.metrics),
    path("admin/", admin.site.urls),
    path("", include("apps.integrations.urls")),
    path("", include("apps.messaging.urls")),
    path("", include("apps.milestones.urls")),
    path("", include("apps.campaigns.urls")),
    path("", include("apps.community.referrals.urls")),
    path("", include("apps.community.urls")),
    path("privacy/<str:kind>/<int:key>/", privacy.page, name="privacy"),
    path("privacy/<str:kind>/<int:key>/tell.zip", privacy.tell, name="privacy_tell"),
    path("privacy/<str:kind>/<int:key>/erase/", privacy.forget, name="privacy_forget"),
    # After the addresses of customers' own products below /api/v1/, since this one answers all the rest.
    path("api/v1/", include("cs_platform.api")),
    path("api/", not_found),
    path("", include("apps.dashboards.urls")),
]
