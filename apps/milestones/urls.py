from django.urls import URLPattern, path

from . import views
from .api import own
from .consumers import PathConsumer

urlpatterns: list[URLPattern] = [
    path("api/v1/path/", own.OwnPath.as_view(), name="own-path"),
    path("c/path/<str:token>", views.path_page, name="path"),
]
websocket_urlpatterns: list[URLPattern] = [path("ws/path/", PathConsumer.as_asgi())]
