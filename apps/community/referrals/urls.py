from django.urls import URLPattern, path

from . import views

urlpatterns: list[URLPattern] = [
    path("c/r/<str:token>", views.landing, name="referral"),
    path("c/recommend/<str:token>", views.own_page, name="recommend"),
    path("c/recommend/<str:token>/<slug:key>/join", views.own_join, name="recommend_join"),
    path("c/recommend/<str:token>/<slug:key>/invite", views.own_invite, name="recommend_invite"),
]
