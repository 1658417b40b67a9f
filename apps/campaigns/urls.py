from django.urls import URLPattern, path

from . import views

urlpatterns: list[URLPattern] = [path("c/survey/<str:token>", views.survey, name="survey")]
