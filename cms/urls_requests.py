"""Addresses of information requests: the public's pages and the office's desk."""

from django.urls import path, register_converter

from cms.views import own_request, request_desk, requests


class RequestNumber:
    """The shape of a request's number; anything else is no address of ours."""

    regex = r"YSQ-[0-9]{8}-[0-9]{4,8}-[A-Z]"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(RequestNumber, "request_number")
HOME, N = "disclosure/requests/", "<request_number:number>"

public = [
    path(HOME, requests.ask, name="requests"),
    path(HOME + "send/", requests.send, name="request-send"),
    path(HOME + "answers-me/", requests.answered_me, name="request-answers-me"),
    path(HOME + "answered/", own_request.answered, name="answered-requests"),
    path(HOME + "answered/<uuid:uid>/", own_request.answered_one, name="answered-request"),
    path(HOME + "track/", own_request.track, name="request-track"),
    path(f"{HOME}{N}/", own_request.own_request, name="own-request"),
    path(f"{HOME}{N}/receipt/", requests.receipt, name="request-receipt"),
    path(f"{HOME}{N}/released.txt", own_request.released, name="released"),
    path(f"{HOME}{N}/<slug:action>/", own_request.own_act, name="own-request-act"),
]

desk = [
    path("", request_desk.queue, name="queue"),
    path("report/<int:year>/", request_desk.report, name="report"),
    path("report/<int:year>/report.csv", request_desk.report_csv, name="report-csv"),
    path("proposals/<int:pk>/", request_desk.proposal, name="proposal"),
    path(f"{N}/", request_desk.page, name="page"),
    path(f"{N}/act/<slug:action>/", request_desk.act, name="act"),
    path(f"{N}/<slug:verb>/", request_desk.beside, name="beside"),
]
