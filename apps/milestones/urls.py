from django.urls import URLPattern, path

from . import views
from .api import own
from .consumers import PathConsumer

urlpatterns: list[URLPattern] = [
    path("api/v1/path/", own.OwnPath.as_view(), name="own-path"),
    path("api/v1/path/recognition/", own.OwnRecognition.as_view(), name="own-recognition"),
    path("api/v1/path/redeem/", own.OwnRedemption.as_view(), name="own-redemption"),
    path("c/path/<str:token>", views.path_page, name="path"),
    path("c/path/<str:token>/choose", views.path_choose, name="path_choose"),
    path("c/path/<str:token>/redeem", views.path_redeem, name="path_redeem"),
]
websocket_urlpatterns: list[URLPattern] = [path("ws/path/", PathConsumer.as_asgi())]
