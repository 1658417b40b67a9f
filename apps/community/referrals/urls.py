from django.urls import URLPattern, path

from .views import landing, own_invite, own_join, own_page

urlpatterns: list[URLPattern] = [
    path("c/r/<str:token>", landing, name="referral"),
    path("c/recommend/<str:token>", own_page, name="recommend"),
    path("c/recommend/<str:token>/<slug:key>/join", own_join, name="recommend_join"),
    path("c/recommend/<str:token>/<slug:key>/invite", own_invite, name="recommend_invite"),
]
