"""Addresses of the desk pages."""

from django.urls import URLPattern, path

from complaints.views import (
    desk_act,
    desk_assist,
    desk_case,
    desk_exports,
    desk_groups,
    desk_import,
    desk_intake,
    desk_privacy,
    desk_queue,
    desk_rechecks,
    desk_supervision,
    desk_views,
    desk_wording,
)

app_name = "desk"
urlpatterns: list[URLPattern] = [
    path("", desk_queue.queue_page, name="queue"),
    path("new/", desk_intake.new, name="new"),
    path("import/", desk_import.uploads, name="imports"),
    path("import/<uuid:uid>/", desk_import.run_page, name="import_run"),
    path("import/<uuid:uid>/stop/", desk_import.stop, name="import_stop"),
    path("import/<uuid:uid>/problems.csv", desk_import.problems, name="import_problems"),
    path("rechecks/", desk_rechecks.rechecks, name="rechecks"),
    path("rechecks/<uuid:uid>/", desk_rechecks.recheck, name="recheck"),
    path("supervision/", desk_supervision.board_page, name="supervision"),
    path("supervision/<uuid:uid>/sheet/", desk_supervision.sheet, name="supervision_sheet"),
    path("supervision/<uuid:uid>/<slug:verb>/", desk_supervision.act, name="supervision_act"),
    path("cases/<str:number>/supervise/", desk_supervision.issue, name="supervise"),
    path("exports/", desk_exports.exports, name="exports"),
    path("exports/<uuid:uid>/", desk_exports.export_page, name="export"),
    path("exports/<uuid:uid>/stop/", desk_exports.stop, name="export_stop"),
    path("exports/<uuid:uid>/file", desk_exports.fetch, name="export_file"),
    path("assign/", desk_views.assign, name="assign"),
    path("filters/", desk_views.save, name="filter_save"),
    path("filters/<int:pk>/drop/", desk_views.drop, name="filter_drop"),
    path("cases/<str:number>/", desk_case.case_page, name="case"),
    path("cases/<str:number>/looking/", desk_views.looking, name="looking"),
    path("cases/<str:number>/act/<slug:action>/", desk_act.act, name="act"),
    path("cases/<str:number>/main/", desk_groups.main, name="make_main"),
    path("cases/<str:number>/kinds/", desk_groups.kinds, name="kinds"),
    path("cases/<str:number>/wording/<slug:action>/", desk_wording.wording, name="wording"),
    path("cases/<str:number>/evidence/", desk_act.evidence, name="evidence"),
    path("cases/<str:number>/share/<slug:verb>/", desk_assist.share, name="share"),
    path("reveals/", desk_privacy.reveals, name="reveals"),
    path("cases/<str:number>/conflict/<slug:verb>/", desk_privacy.conflict, name="conflict"),
    path("cases/<str:number>/slip/", desk_privacy.slip, name="slip"),
    path("cases/<str:number>/contact/", desk_case.contact, name="contact"),
]
