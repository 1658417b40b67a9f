from django.urls import URLPattern, path

from . import views

urlpatterns: list[URLPattern] = [
    path("c/sharing/<str:token>", views.sharing, name="sharing"),
]
