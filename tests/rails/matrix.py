"""What every visitor may expect of every address: data, read by the tests and by write_matrix.

A route is written as the resolver writes it; one that is missing here fails
``test_every_route_is_listed``. An expectation is one or more words (``ok|bad``):

ok 2xx · go redirect inside the site · login to the sign-in page · prove to the second factor ·
bad 400, 413, 415 or 422 · no 401 or 403 · hidden 404 or 410 · wrong 405 · late 409 · busy 429 ·
shut anything but 2xx · any anything below 500

``get`` is asked with GET, ``post`` with POST and an empty body. The editors' admin of Wagtail is
declared by prefix: the longest prefix counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

from tests.rails.world import FAR_STAFF, FOREIGNERS, LAPSED, NEAR_STAFF, RESIDENTS, ROLES, VISITORS

Expected = Mapping[str, str]


def everyone(words: str, **but: str) -> dict[str, str]:
    """All visitors get ``words``; ``but`` names exceptions."""
    return {**dict.fromkeys(VISITORS, words), **but}


def signed_in(words: str, **but: str) -> dict[str, str]:
    """A page of one's own account: visitors without one go to the sign-in page."""
    return everyone(words, **{"guest": "login", "holder": "login", **but})


def only(words: str, *names: str, others: str) -> dict[str, str]:
    """``names`` get ``words``, all others ``others``."""
    return everyone(others, **dict.fromkeys(names, words))


#: What the gate of every staff area says before any view is asked. Areas for a few roles refuse a
#: dispatcher without a second factor as they refuse any dispatcher.
GATE = {
    "guest": "login", "holder": "login", "resident": "no", "owner": "no", "ended": "no",
    "no_mfa": "prove",
}  # fmt: skip
NOT_THEIRS = {"no_mfa": "no"}


def on_duty(words: str, *names: str, others: str = "no", **but: str) -> dict[str, str]:
    """Inside a staff area ``names`` get ``words``, other staff ``others``, the rest the gate."""
    staff = {name: words if name in names else others for name in [*ROLES, *FOREIGNERS]}
    return {**staff, **GATE, **but}


DESK = ("dispatcher", "followup", "supervisor", "leader", "auditor", "street", "street2",
        "bureau", "bureau2")  # fmt: skip
FIELD = ("grid", "grid2", "street", "street2", "bureau", "bureau2")
LEADERS = ("leader", "supervisor", "auditor", "admin")
CMS = ("editor", "surveyor", "admin")
NEAR, FAR = sorted(NEAR_STAFF), sorted(FAR_STAFF)
NEAR_DESK = [name for name in NEAR if name in DESK]
FAR_DESK = [name for name in FAR if name in DESK]
OUTSIDE_FIELD = {name: "no" for name in ROLES if name not in FIELD}
OUTSIDE_DESK = {name: "no" for name in [*ROLES, *FOREIGNERS] if name not in DESK}
NO_SECOND_FACTOR = ("resident", "owner", *LAPSED)


@dataclass(frozen=True)
class Route:
    """One address: its pattern, a path to ask for, and what each visitor gets.

    ``behind`` names the pattern that answers instead, for a pattern that is out of reach.
    """

    pattern: str
    path: str
    get: Expected
    post: Expected
    behind: str = ""

    @property
    def takes_post(self) -> bool:
        """Whether a POST does something for anybody."""
        return any(words not in {"wrong", "login", "no", "prove"} for words in self.post.values())


WRONG = everyone("wrong")
HIDDEN = everyone("hidden")
OK = everyone("ok")
LOGIN = everyone("login")


def route(
    pattern: str, get: Expected, post: Expected = WRONG, path: str = "", behind: str = ""
) -> Route:
    return Route(pattern, path or "/" + pattern, get, post, behind)


ONLY_ADMIN = on_duty("ok", "admin", **NOT_THEIRS)
STAFF_CLOSED = on_duty("wrong", "admin", **NOT_THEIRS)
MACHINES = [
    route("healthz", OK),
    route("readyz", OK),
    route("metrics", OK),
    route("overview/", on_duty("ok", *LEADERS, **NOT_THEIRS),
          on_duty("wrong", *LEADERS, **NOT_THEIRS)),
    route("preferences/", OK, everyone("go")),
    route("offline/", OK),
    route("site.webmanifest", OK),
    route("favicon.ico", everyone("go")),
    route("ui/gallery/", HIDDEN),
    route("photos/<uuid:photo_id>/<slug:size>.jpg", only("ok", "holder", *NEAR, others="hidden"),
          path="/photos/{photo}/thumb.jpg"),
    route("photos/<uuid:photo_id>/<slug:size>.jpg", only("ok", "holder", *NEAR, others="hidden"),
          path="/photos/{photo}/full.jpg"),
    route("photos/<uuid:photo_id>/<slug:size>.jpg", HIDDEN, path="/photos/{photo}/original.jpg"),
    route("photos/<uuid:photo_id>/<slug:size>.jpg", HIDDEN, path="/photos/{no_uuid}/full.jpg"),
]  # fmt: skip

A = "accounts/"
IN_ALREADY = everyone("go", guest="ok", holder="ok")
RESIDENTS_ONLY = signed_in("no", resident="ok", owner="ok", ended="ok")
WITHOUT_IT = dict.fromkeys(NO_SECOND_FACTOR, "go")
ACCOUNTS = [
    route(A, signed_in("ok"), signed_in("wrong")),
    route(A + "home/", signed_in("go"), signed_in("wrong")),
    route(A + "close/", RESIDENTS_ONLY, RESIDENTS_ONLY),
    route(A + "signup/", LOGIN, LOGIN),
    route(A + "login/", IN_ALREADY, IN_ALREADY),
    route(A + "login/code/", IN_ALREADY, IN_ALREADY),
    route(A + "login/code/confirm/", signed_in("go"), signed_in("go")),
    route(A + "logout/", everyone("ok", guest="go", holder="go"), everyone("go")),
    route(A + "inactive/", OK),
    route(A + "reauthenticate/", signed_in("ok"), signed_in("ok")),
    route(A + "email/", signed_in("ok"), signed_in("go")),
    route(A + "confirm-email/", OK),
    route(A + r"confirm-email/(?P<key>[-:\w]+)/$", OK, HIDDEN, "/accounts/confirm-email/x/"),
    route(A + "password/change/", signed_in("ok"), signed_in("ok")),
    route(A + "password/set/", signed_in("go"), signed_in("go")),
    route(A + "password/reset/", OK, OK),
    route(A + "password/reset/done/", OK),
    route(A + "password/reset/key/done/", OK),
    route(A + r"password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$", OK, OK,
          "/accounts/password/reset/key/1-x/"),
    route(A + "phone/verify/", signed_in("go"), signed_in("go")),
    route(A + "phone/change/", signed_in("ok"), signed_in("ok")),
    route(A + "2fa/", signed_in("ok"), signed_in("wrong")),
    route(A + "2fa/authenticate/", signed_in("go"), signed_in("go")),
    route(A + "2fa/reauthenticate/", signed_in("ok", **WITHOUT_IT), signed_in("ok", **WITHOUT_IT)),
    route(A + "2fa/totp/activate/", signed_in("any"), signed_in("any")),
    route(A + "2fa/totp/deactivate/", signed_in("any"), signed_in("any")),
    route(A + "2fa/recovery-codes/", signed_in("hidden"), signed_in("wrong")),
    route(A + "2fa/recovery-codes/generate/", signed_in("any"), signed_in("any")),
    route(A + "2fa/recovery-codes/download/", signed_in("hidden"), signed_in("hidden")),
    route(A + "sessions/", signed_in("ok"), signed_in("go")),
    route(A + "staff/", ONLY_ADMIN, STAFF_CLOSED),
    route(A + "staff/new/", ONLY_ADMIN, ONLY_ADMIN),
    route(A + "staff/<int:user_id>/", ONLY_ADMIN, ONLY_ADMIN, "/accounts/staff/{user}/"),
    route(A + "staff/<int:user_id>/", on_duty("hidden", "admin", **NOT_THEIRS),
          on_duty("hidden", "admin", **NOT_THEIRS), "/accounts/staff/{owner_user}/"),
    route(A + "staff/<int:user_id>/posts/<int:post_id>/end/", STAFF_CLOSED,
          on_duty("go", "admin", **NOT_THEIRS), "/accounts/staff/{user}/posts/{post}/end/"),
    route(A + "staff/(?P<user_id>[0-9]{1,15})/(?P<action>reset|deactivate|reactivate)/$",
          STAFF_CLOSED, ONLY_ADMIN, "/accounts/staff/{user}/reset/"),
    route(A + "staff/(?P<user_id>[0-9]{1,15})/(?P<action>reset|deactivate|reactivate)/$",
          STAFF_CLOSED, on_duty("go", "admin", **NOT_THEIRS), "/accounts/staff/{user}/deactivate/"),
]  # fmt: skip

N = "<residents_number:number>"
RESIDENT_PAGES = [
    route("report/", OK, everyone("bad")),
    route("report/areas.json", OK),
    route("report/nearby.json", WRONG, everyone("bad")),
    route(f"report/{N}/receipt/", HIDDEN, path="/report/{near}/receipt/"),
    route(f"report/{N}/contact/", WRONG, HIDDEN, "/report/{near}/contact/"),
    route("track/", OK, everyone("bad")),
    route(f"track/{N}/", only("ok", "holder", others="hidden"), path="/track/{near}/"),
    route(f"track/{N}/", only("ok", "owner", others="hidden"), path="/track/{far}/"),
    route(f"track/{N}/my-data.json", only("ok", "holder", others="hidden"),
          path="/track/{near}/my-data.json"),
    route(f"track/{N}/<slug:action>/", WRONG, only("bad", "holder", others="hidden"),
          "/track/{near}/supplement/"),
    route(f"track/{N}/<slug:action>/", WRONG, only("bad", "owner", others="hidden"),
          "/track/{far}/contact/"),
    route(f"track/{N}/<slug:action>/", WRONG, only("go", "owner", others="hidden"),
          "/track/{far}/urge/"),
]  # fmt: skip

PUBLIC = [
    route("search/", OK, path="/search/?q=烧烤"),
    route("results/", OK),
    route("results/<int:pk>/", OK, path="/results/{result}/"),
    route("results/<int:pk>/", HIDDEN, path="/results/{draft_result}/"),
    route("statistics/", OK),
    route("api/v1/", OK),
    route("api/v1/openapi.json", OK),
    route("api/v1/categories", OK),
    route("api/v1/areas", OK),
    route("api/v1/cases", OK, everyone("no")),
    route("api/v1/cases/<str:id>", HIDDEN,
          path="/api/v1/cases/00000000-0000-4000-8000-000000000000"),
    route("api/v1/statistics/<str:month>", OK, path="/api/v1/statistics/2026-10"),
    route("api/v1/work/cases", everyone("no")),
    route("api/v1/work/cases/<str:number>", everyone("no"), path="/api/v1/work/cases/X"),
    route("api/v1/work/cases/<str:number>/acts", WRONG, everyone("no"),
          "/api/v1/work/cases/X/acts"),
    route("open311/v2/discovery.<open311_format:kind>", OK, path="/open311/v2/discovery.json"),
    route("open311/v2/services.<open311_format:kind>", OK, path="/open311/v2/services.xml"),
    route("open311/v2/services/<slug:code>.<open311_format:kind>", OK,
          path="/open311/v2/services/air.json"),
    route("open311/v2/requests.<open311_format:kind>", OK, everyone("no"),
          "/open311/v2/requests.json"),
    route("open311/v2/requests/<str:public_id>.<open311_format:kind>", HIDDEN,
          path="/open311/v2/requests/x.json"),
    route("open311/v2/tokens/<str:public_id>.<open311_format:kind>", HIDDEN,
          path="/open311/v2/tokens/x.json"),
    route("map/", OK),
    route("map/clusters.json", OK, path="/map/clusters.json?zoom=12&bbox=119.8,31.6,120.2,31.9"),
    route("map/clusters.json", HIDDEN),
    route("map/alerts/", OK, everyone("bad")),
    route("map/alerts/asked/", OK),
    route("map/alerts/confirm/<str:token>/", HIDDEN, HIDDEN, "/map/alerts/confirm/x/"),
    route("map/alerts/end/<str:token>/", HIDDEN, HIDDEN, "/map/alerts/end/x/"),
    route("feeds/cases.atom", OK, OK),
    route("indicators/", OK),
    route("indicators/indicators.csv", OK),
    route("indicators/<str:code>/", OK, path="/indicators/17/"),
    route("indicators/<str:code>/values.csv", OK, path="/indicators/17/values.csv"),
    route("disclosure/", OK),
    route("disclosure/duties/", OK),
    route("disclosure/duties/<int:pk>/", OK, path="/disclosure/duties/{duty}/"),
    route("disclosure/items/<slug:code>/", OK, path="/disclosure/items/environment-state/"),
    route("indicators/projects/", OK),
    route("data/", OK),
    route("data/catalog.jsonld", OK),
    route("data/catalog.ttl", OK),
    route("data/corrections/", OK),
    route("data/<slug:code>.csv", OK, path="/data/figures.csv"),
    route("data/<slug:code>.json", OK, path="/data/cases.json"),
    route("data/<slug:code>.json", HIDDEN, path="/data/nobody.json"),
    route("data/<slug:code>/", OK, path="/data/results/"),
    route("data/<slug:code>/dictionary.csv", OK, path="/data/results/dictionary.csv"),
    route("site-map/", OK),
    route("sitemap.txt", OK),
    route("robots.txt", OK),
    route("feeds/results/", OK, OK),
    route("feeds/news/", OK, OK),
    route("feeds/corrections/", OK, OK),
    route("feeds/data/", OK, OK),
    route("media/<path:path>", HIDDEN, path="/media/original_images/x.jpg"),
    route("media/<path:path>", HIDDEN, path="/media/../manage.py"),
    route(r"documents/(\d+)/(.*)$", HIDDEN, HIDDEN, "/documents/1/x.pdf"),
    route("_util/login/", LOGIN, LOGIN),
    route("^_util/authenticate_with_password/(?P<rest>.*)$", HIDDEN, HIDDEN,
          "/_util/authenticate_with_password/x"),
    route("^documents/authenticate_with_password/(?P<rest>.*)$", HIDDEN, HIDDEN,
          "/documents/authenticate_with_password/x"),
    route("documents/authenticate_with_password/<int:restriction_id>/", HIDDEN, HIDDEN,
          "/documents/authenticate_with_password/1/",
          "^documents/authenticate_with_password/(?P<rest>.*)$"),
    route("_util/authenticate_with_password/<int:page_view_restriction_id>/<int:page_id>/",
          HIDDEN, HIDDEN, "/_util/authenticate_with_password/1/1/",
          "^_util/authenticate_with_password/(?P<rest>.*)$"),
    route(r"^((?:[\w\-]+/)*)$", OK, OK, "/"),
    route(r"^((?:[\w\-]+/)*)$", OK, OK, "/news/"),
    route(r"^((?:[\w\-]+/)*)$", HIDDEN, HIDDEN, "/news/draft/"),
    route(r"^((?:[\w\-]+/)*)$", HIDDEN, HIDDEN, "/nowhere/at/all/"),
]  # fmt: skip

N_, D, Y = "<request_number:number>/", "desk/requests/", "report/<int:year>/"
A, Q = "disclosure/requests/", "disclosure/requests/<request_number:number>/"
NO_POST = on_duty("wrong", others="wrong")
OFFICE = on_duty("ok", "editor", "supervisor", "leader", "auditor")
OFFICE_POST = {k: "shut|go" if words == "ok" else words for k, words in OFFICE.items()}
REQUESTS = [
    *(route(A, OK, everyone("bad")), route(A + "send/", WRONG, everyone("bad"))),
    *(route(A + "answers-me/", WRONG, everyone("go")), route(A + "answered/", OK)),
    route(A + "answered/<uuid:uid>/", HIDDEN, path=f"/{A}answered/{{no_uuid}}/"),
    *(route(A + "track/", OK, everyone("bad")), route(Q, HIDDEN, path=f"/{A}{{request}}/")),
    route(Q + "receipt/", HIDDEN, path=f"/{A}{{request}}/receipt/"),
    route(Q + "released.txt", HIDDEN, path=f"/{A}{{request}}/released.txt"),
    route(Q + "<slug:action>/", WRONG, HIDDEN, f"/{A}{{request}}/withdraw/"),
    route(D, OFFICE, NO_POST),
    route(D + Y, OFFICE, OFFICE_POST, "/desk/requests/report/2026/"),
    route(D + Y + "report.csv", OFFICE, NO_POST, "/desk/requests/report/2026/report.csv"),
    route(D + "proposals/<int:pk>/", NO_POST, OFFICE_POST, "/desk/requests/proposals/1/"),
    route(D + N_, OFFICE, NO_POST, "/desk/requests/{request}/"),
    route(f"{D}{N_}act/<slug:action>/", NO_POST, OFFICE_POST, "/desk/requests/{request}/act/x/"),
    route(D + N_ + "<slug:verb>/", NO_POST, OFFICE_POST, "/desk/requests/{request}/publish/"),
]  # fmt: skip

C = "desk/cases/<str:number>/"
DESK_PAGES = [
    route("desk/", on_duty("ok", *DESK), on_duty("wrong", *DESK, others="wrong")),
    route("desk/exports/", on_duty("ok", *DESK), on_duty("bad", *DESK)),
    route("desk/exports/<uuid:uid>/", on_duty("hidden", *DESK), on_duty("wrong", others="wrong"),
          "/desk/exports/0b6f0f4e-5f64-4c57-9a4c-0a8d64d8a001/"),
    route("desk/exports/<uuid:uid>/stop/", on_duty("wrong", others="wrong"),
          on_duty("hidden", *DESK), "/desk/exports/0b6f0f4e-5f64-4c57-9a4c-0a8d64d8a001/stop/"),
    route("desk/exports/<uuid:uid>/file", on_duty("hidden", *DESK),
          on_duty("wrong", others="wrong"),
          "/desk/exports/0b6f0f4e-5f64-4c57-9a4c-0a8d64d8a001/file"),
    route("desk/new/", on_duty("ok", "dispatcher"), on_duty("ok|bad", "dispatcher")),
    route("desk/rechecks/", on_duty("ok", "followup", "supervisor"),
          on_duty("wrong", others="wrong")),
    route("desk/rechecks/<uuid:uid>/", on_duty("hidden", "followup", "supervisor"),
          on_duty("hidden", "followup", "supervisor"), "/desk/rechecks/{no_uuid}/"),
    route("desk/supervision/", on_duty("ok", *DESK), on_duty("wrong", *DESK, others="wrong")),
    route("desk/supervision/<uuid:uid>/sheet/", on_duty("hidden", *DESK),
          on_duty("wrong", others="wrong"), "/desk/supervision/{no_uuid}/sheet/"),
    route("desk/supervision/<uuid:uid>/<slug:verb>/", on_duty("wrong", others="wrong"),
          on_duty("hidden", *DESK), "/desk/supervision/{no_uuid}/sign/"),
    route("desk/import/", on_duty("ok", "dispatcher"), on_duty("bad", "dispatcher")),
    route("desk/import/<uuid:uid>/", on_duty("hidden", "dispatcher"),
          on_duty("wrong", others="wrong"), "/desk/import/{no_uuid}/"),
    route("desk/import/<uuid:uid>/stop/", on_duty("wrong", others="wrong"),
          on_duty("hidden", "dispatcher"), "/desk/import/{no_uuid}/stop/"),
    route("desk/import/<uuid:uid>/problems.csv", on_duty("hidden", "dispatcher"),
          on_duty("wrong", others="wrong"), "/desk/import/{no_uuid}/problems.csv"),
    route("desk/assign/", on_duty("wrong", others="wrong"), on_duty("bad", "dispatcher")),
    route("desk/filters/", on_duty("wrong", others="wrong"),
          on_duty("go", *DESK, others="no", **OUTSIDE_DESK)),
    route("desk/filters/<int:pk>/drop/", on_duty("wrong", others="wrong"),
          on_duty("go", *DESK, others="no", **OUTSIDE_DESK), "/desk/filters/1/drop/"),
    route(C + "looking/", on_duty("wrong", others="wrong"),
          on_duty("ok", *NEAR_DESK, others="hidden", **OUTSIDE_DESK),
          "/desk/cases/{near}/looking/"),
    route(C, on_duty("ok", *NEAR_DESK, others="hidden", **OUTSIDE_DESK),
          on_duty("wrong", others="wrong"), "/desk/cases/{near}/"),
    route(C, on_duty("ok", *FAR_DESK, others="hidden", **OUTSIDE_DESK),
          on_duty("wrong", others="wrong"), "/desk/cases/{far}/"),
    route(C + "act/<slug:action>/", on_duty("wrong", others="wrong"),
          on_duty("shut", *NEAR_DESK, others="hidden", **OUTSIDE_DESK),
          "/desk/cases/{near}/act/complete/"),
    route(C + "act/<slug:action>/", on_duty("wrong", others="wrong"),
          on_duty("shut", *FAR_DESK, others="hidden", **OUTSIDE_DESK),
          "/desk/cases/{far}/act/recall/"),
    route(C + "main/", on_duty("wrong", others="wrong"),
          on_duty("bad|no", *NEAR_DESK, others="hidden", **OUTSIDE_DESK),
          "/desk/cases/{near}/main/"),
    route(C + "kinds/", on_duty("wrong", others="wrong"),
          on_duty("bad|no", *NEAR_DESK, others="hidden", **OUTSIDE_DESK),
          "/desk/cases/{near}/kinds/"),
    route(C + "evidence/", on_duty("wrong", others="wrong"),
          on_duty("bad|no", *NEAR_DESK, others="hidden", **OUTSIDE_DESK),
          "/desk/cases/{near}/evidence/"),
    route(C + "supervise/", on_duty("wrong", others="wrong"),
          on_duty("bad|no", *NEAR_DESK, others="hidden", **OUTSIDE_DESK),
          "/desk/cases/{near}/supervise/"),
    route(C + "wording/<slug:action>/", on_duty("wrong", others="wrong"),
          on_duty("hidden", *NEAR_DESK, others="hidden", **OUTSIDE_DESK),
          "/desk/cases/{near}/wording/approve/"),
    route(C + "share/<slug:verb>/", on_duty("wrong", others="wrong"),
          on_duty("bad|no|shut", *NEAR_DESK, others="hidden", **OUTSIDE_DESK),
          "/desk/cases/{near}/share/task/"),
    route(C + "contact/", on_duty("wrong", others="wrong"),
          on_duty("bad|no", *NEAR_DESK, others="hidden", **OUTSIDE_DESK),
          "/desk/cases/{near}/contact/"),
    route(C + "conflict/<slug:verb>/", on_duty("wrong", others="wrong"),
          on_duty("bad|no", *NEAR_DESK, others="hidden", **OUTSIDE_DESK),
          "/desk/cases/{near}/conflict/recuse/"),
    route(C + "slip/", on_duty("wrong", others="wrong"),
          on_duty("ok|no", *NEAR_DESK, others="hidden", **OUTSIDE_DESK),
          "/desk/cases/{near}/slip/"),
    route("desk/reveals/", on_duty("ok", "auditor"), on_duty("wrong", others="wrong")),
]  # fmt: skip

FIELD_PAGES = [
    route("field/", on_duty("ok", *FIELD), on_duty("wrong", others="wrong")),
    route("field/sw.js", on_duty("ok", *FIELD), on_duty("wrong", others="wrong")),
    route("field/new/", on_duty("ok", *FIELD), on_duty("bad", *FIELD)),
    route("field/not-kept/", on_duty("ok", *FIELD), on_duty("wrong", others="wrong")),
    route("field/<slug:number>/", on_duty("ok", "grid", "street", others="hidden", **OUTSIDE_FIELD),
          on_duty("wrong", others="wrong"), "/field/{near}/"),
    route("field/<slug:number>/", on_duty("ok", "bureau2", others="hidden", **OUTSIDE_FIELD),
          on_duty("wrong", others="wrong"), "/field/{far}/"),
    route("field/<slug:number>/<slug:action>/", on_duty("wrong", others="wrong"),
          on_duty("shut", "grid", "street", others="hidden", **OUTSIDE_FIELD),
          "/field/{near}/complete/"),
]  # fmt: skip

ROUTES = [*MACHINES, *ACCOUNTS, *RESIDENT_PAGES, *PUBLIC, *REQUESTS, *DESK_PAGES, *FIELD_PAGES]


@dataclass(frozen=True)
class Group:
    """Addresses of Wagtail's admin with a common prefix, and what its three roles get there."""

    prefix: str
    editor: str
    surveyor: str
    admin: str

    def expected(self) -> Expected:
        """By visitor; everybody else is stopped at the gate of /cms/."""
        words = {"editor": self.editor, "surveyor": self.surveyor, "admin": self.admin}
        return {**on_duty("", *CMS, **NOT_THEIRS), **words}


#: Only the administrator reaches settings; users and groups lead to our own page of staff.
GROUPS = [
    Group("cms/", "any", "any", "any"),
    Group("cms/api/main/", "any", "any", "any"),
    Group("cms/duties/", "any", "shut", "any"),
    Group("cms/pages/", "any", "shut", "any"),
    Group("cms/pages/create/", "any", "any", "any"),
    Group("cms/pages/workflow/", "any", "any", "any"),
    Group("cms/pages/<int:page_to_move_id>/move/", "any", "any", "any"),
    Group("cms/images/", "any", "any", "any"),
    Group("cms/documents/", "any", "any", "any"),
    Group("cms/snippets/", "any", "any", "any"),
    Group("cms/snippets/cms/", "any", "shut", "any"),
    Group("cms/snippets/cms/publishedresult/workflow/", "any", "any", "any"),
    Group("cms/snippets/cms/publishedresult/delete/", "shut", "shut", "any"),
    Group("cms/snippets/cms/publishedresult/unpublish/", "shut", "shut", "any"),
    Group("cms/snippets/cms/indicator/add/", "shut", "shut", "any"),
    Group("cms/snippets/cms/indicator/delete/", "shut", "shut", "any"),
    Group("cms/collections/", "shut", "shut", "any"),
    Group("cms/workflows/", "shut", "shut", "any"),
    Group("cms/workflows/task_chooser/", "any", "any", "any"),
    Group("cms/reports/", "any", "any", "any"),
    Group("cms/redirects/", "shut", "shut", "any"),
    Group("cms/settings/", "shut", "shut", "any"),
    Group("cms/sites/", "shut", "shut", "any"),
    Group("cms/users/", "go", "go", "go"),
    Group("cms/groups/", "go", "go", "go"),
    Group("cms/failwhale/", "hidden", "hidden", "hidden"),
]
#: What is known to be read and why it stays: (path, visitor, mark).
TOLERATED = {
    # Wagtail 8 asks for the right to move a page on POST only; the question names the page.
    ("cms/pages/<int:page_to_move_id>/move/<int:destination_id>/confirm/", "surveyor",
     "draft of a page"),
}  # fmt: skip
#: Doors that are closed before Wagtail is asked.
CLOSED = ("cms/login/", "cms/password_reset/", "^cms/password_reset/")
#: A POST to Wagtail's admin is asked as these; all others stand before the same gate as with GET.
EDITORS_POSTS = ("guest", "dispatcher", "no_mfa", *CMS)
#: Those whom the gate refuses whatever the address take turns: each asks every ninth of Wagtail's
#: addresses in an ordinary run, and all of them when the document is written.
TURNS = 9


def editors_visitors(turn: int, *, full: bool) -> list[str]:
    """Who asks the ``turn``-th address of Wagtail's admin with GET.

    Beside PostgreSQL four take turns: gate and rights do not depend on the database.
    """
    if settings.IS_POSTGRES:
        return [("guest", "dispatcher", "editor", "admin")[turn % 4]]
    rest = [name for name in VISITORS if name not in EDITORS_POSTS]
    chosen = [name for at, name in enumerate(rest) if full or (at + turn) % TURNS == 0]
    return [*EDITORS_POSTS, *chosen]


#: Fills the parameters of Wagtail's addresses; the longest prefix counts.
EDITORS_SAMPLES = {
    "cms/": {
        "page_id": "{draft_page}", "parent_page_id": "{home_page}", "pk": "1",
        "page_to_move_id": "{draft_page}", "destination_id": "{home_page}",
        "content_type_app_name": "cms", "content_type_model_name": "newspage",
        "app_label": "cms", "app_name": "cms", "model_name": "newspage", "action": "delete",
        "action_name": "copy", "page_pk": "{draft_page}", "object_id": "{draft_page}",
        "filter_spec": "original", "revision_id_a": "earliest", "revision_id_b": "latest",
        "uidb64": "MQ", "token": "x", "rest": "x",
    },
    "cms/duties/": {"pk": "{duty}"},
    "cms/snippets/cms/publishedresult/": {"pk": "{draft_result}"},
    "cms/users/": {"pk": "{user}"},
}  # fmt: skip


def group_of(pattern: str) -> Group:
    """The group that a route of Wagtail's admin belongs to."""
    fitting = [group for group in GROUPS if pattern.startswith(group.prefix)]
    return max(fitting, key=lambda group: len(group.prefix))


def is_editors(pattern: str) -> bool:
    """Whether a route is declared by prefix."""
    return pattern.removeprefix("^").startswith("cms/")


@dataclass(frozen=True)
class Socket:
    """One socket: its pattern, a path, and who may listen."""

    pattern: str
    path: str
    listeners: frozenset[str]


TRACK_NUMBER = "(?P<number>[A-Za-z]{2}-[0-9]{8}-[0-9]{4,8}-[A-Za-z])"
SOCKETS = [
    Socket("^ws/desk/$", "/ws/desk/", frozenset(DESK)),
    Socket(f"^ws/track/{TRACK_NUMBER}/$", "/ws/track/{near}/", frozenset({"holder"})),
    Socket(f"^ws/track/{TRACK_NUMBER}/$", "/ws/track/{far}/", frozenset({"owner"})),
]

__all__ = ["RESIDENTS", "ROUTES", "SOCKETS", "VISITORS"]
