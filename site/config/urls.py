"""Addresses of the house (design/contract.md); apps are named by dotted string only."""

from django.urls import include, path

urlpatterns = [
    path("", include("foundation.metrics.urls")),
    path("", include("foundation.ui.urls")),
    path("", include("foundation.media.urls")),
    path("accounts/", include("foundation.accounts.urls")),
    path("", include("complaints.urls")),
    path("", include("campaigns.urls")),
    path("search/", include("search.urls")),
    path("", include("cms.urls")),
    path("", include("wagtail.urls")),
]

handler400 = "foundation.ui.views.bad_request"
handler403 = "foundation.ui.views.permission_denied"
handler404 = "foundation.ui.views.page_not_found"
handler500 = "foundation.ui.views.server_error"
