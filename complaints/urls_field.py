"""Addresses of the field pages."""

from django.urls import URLPattern, path

from complaints.views import field, field_acts

app_name = "field"
urlpatterns: list[URLPattern] = [
    path("", field.tasks, name="tasks"),
    path("sw.js", field.worker, name="worker"),
    path("not-kept/", field.not_kept, name="not_kept"),
    path("<slug:number>/", field.task, name="task"),
    path("<slug:number>/<slug:action>/", field_acts.act, name="act"),
]
