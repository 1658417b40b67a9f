from django.urls import URLPattern, path

from . import views

urlpatterns: list[URLPattern] = [
    path("c/sharing/<str:token>", views.sharing, name="sharing"),
    path("c/ask/<str:token>", views.ask, name="ask"),
    path("c/challenges/<str:token>", views.challenges, name="challenges"),
    path("c/proof/<slug:key>/", views.proof, name="proof"),
    path("c/card/<str:token>.svg", views.card, name="card"),
]
