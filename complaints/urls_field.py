"""Addresses of the field pages."""

from django.urls import URLPattern, path

from complaints.views import field, field_acts, field_new

app_name = "field"
urlpatterns: list[URLPattern] = [
    path("", field.tasks, name="tasks"),
    path("sw.js", field.worker, name="worker"),
    path("not-kept/", field.not_kept, name="not_kept"),
    path("new/", field_new.new, name="new"),
    path("<slug:number>/", field.task, name="task"),
    path("<slug:number>/<slug:action>/", field_acts.act, name="act"),
]
