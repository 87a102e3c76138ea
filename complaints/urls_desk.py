"""Addresses of the desk pages."""

from django.urls import URLPattern, path

from complaints.views import desk_act, desk_assist, desk_case, desk_import, desk_intake, desk_queue

app_name = "desk"
urlpatterns: list[URLPattern] = [
    path("", desk_queue.queue_page, name="queue"),
    path("new/", desk_intake.new, name="new"),
    path("import/", desk_import.uploads, name="imports"),
    path("import/<uuid:uid>/", desk_import.run_page, name="import_run"),
    path("import/<uuid:uid>/stop/", desk_import.stop, name="import_stop"),
    path("import/<uuid:uid>/problems.csv", desk_import.problems, name="import_problems"),
    path("cases/<str:number>/", desk_case.case_page, name="case"),
    path("cases/<str:number>/act/<slug:action>/", desk_act.act, name="act"),
    path("cases/<str:number>/evidence/", desk_act.evidence, name="evidence"),
    path("cases/<str:number>/share/<slug:verb>/", desk_assist.share, name="share"),
    path("cases/<str:number>/contact/", desk_case.contact, name="contact"),
]
