"""Addresses of accounts: our own pages first, then allauth's."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from foundation.accounts.views import own, staff

urlpatterns: list[URLPattern | URLResolver] = [
    path("", own.account, name="accounts_account"),
    path("home/", own.home, name="accounts_home"),
    path("close/", own.close, name="accounts_close"),
    path("signup/", own.sign_up, name="account_signup"),
    path("login/code/", own.sign_in_code, name="account_request_login_code"),
    path("staff/", staff.index, name="accounts_staff"),
    path("staff/new/", staff.create, name="accounts_staff_create"),
    path("staff/<int:user_id>/", staff.detail, name="accounts_staff_detail"),
    path("staff/<int:user_id>/posts/<int:post_id>/end/", staff.end, name="accounts_staff_end"),
    re_path(
        r"^staff/(?P<user_id>[0-9]{1,15})/(?P<action>reset|deactivate|reactivate)/$",
        staff.act,
        name="accounts_staff_act",
    ),
    path("", include("allauth.account.urls")),
    path("2fa/", include("allauth.mfa.urls")),
    path("sessions/", include("allauth.usersessions.urls")),
]
