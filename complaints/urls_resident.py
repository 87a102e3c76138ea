"""Addresses of the resident pages."""

from django.urls import URLPattern, path, register_converter

from complaints.views import nearby, own_case, own_data, receipt, report, statistics, track


class CaseNumber:
    """The shape of a public number; anything else is no address of ours."""

    regex = r"[A-Za-z]{2}-[0-9]{8}-[0-9]{4,8}-[A-Za-z]"

    def to_python(self, value: str) -> str:
        return value.upper()

    def to_url(self, value: str) -> str:
        return value


register_converter(CaseNumber, "residents_number")

app_name = "resident"
urlpatterns: list[URLPattern] = [
    path("report/", report.report, name="report"),
    path("report/areas.json", report.areas, name="areas"),
    path("report/nearby.json", nearby.nearby, name="nearby"),
    path("report/<residents_number:number>/receipt/", receipt.receipt, name="receipt"),
    path("report/<residents_number:number>/contact/", receipt.contact, name="receipt_contact"),
    path("statistics/", statistics.statistics, name="statistics"),
    path("track/", track.track, name="track"),
    path("track/<residents_number:number>/", own_case.case, name="case"),
    path("track/<residents_number:number>/my-data.json", own_data.own_data, name="own_data"),
    path("track/<residents_number:number>/<slug:action>/", own_case.act, name="act"),
]
