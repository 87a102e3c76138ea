"""Addresses of the desk pages."""

from django.urls import URLPattern, path

from complaints.views import desk_act, desk_case, desk_intake, desk_queue

app_name = "desk"
urlpatterns: list[URLPattern] = [
    path("", desk_queue.queue_page, name="queue"),
    path("new/", desk_intake.new, name="new"),
    path("cases/<str:number>/", desk_case.case_page, name="case"),
    path("cases/<str:number>/act/<slug:action>/", desk_act.act, name="act"),
    path("cases/<str:number>/evidence/", desk_act.evidence, name="evidence"),
    path("cases/<str:number>/contact/", desk_case.contact, name="contact"),
]
