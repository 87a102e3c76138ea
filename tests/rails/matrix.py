"""What every visitor may expect of every address: data, read by the tests and by write_matrix.

A route is written as the resolver writes it; an address that is missing here fails
``test_every_route_is_listed``. An expectation is one or more words (``ok|bad``):

ok 2xx · go redirect inside the site · login to the sign-in page · prove to the second factor ·
bad 400 · no 403 or 401 · hidden 404 or 410 · wrong 405 · late 409 · busy 429 · shut anything but
2xx · any anything below 500

``get`` is asked with GET, ``post`` with POST and an empty body.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.rails.world import FAR_STAFF, FOREIGNERS, NEAR_STAFF, ROLES, VISITORS

Expected = Mapping[str, str]


def everyone(words: str, **but: str) -> dict[str, str]:
    """All visitors get ``words``; ``but`` names exceptions."""
    return {**dict.fromkeys(VISITORS, words), **but}


def signed_in(words: str, guest: str = "login", **but: str) -> dict[str, str]:
    """A page of one's own account: visitors without one go to the sign-in page."""
    return everyone(words, **{"guest": guest, "holder": guest, **but})


#: What the gate of every staff area says before any view is asked.
GATE = {
    "guest": "login", "holder": "login", "resident": "no", "owner": "no", "ended": "no",
    "no_mfa": "prove",
}  # fmt: skip


def on_duty(words: str, *names: str, others: str = "no", **but: str) -> dict[str, str]:
    """Inside a staff area ``names`` get ``words``, other staff ``others``, the rest the gate."""
    staff = {name: words if name in names else others for name in [*ROLES, *FOREIGNERS]}
    return {**staff, **GATE, **but}


#: The gate of areas for a few roles refuses a dispatcher before asking for the second factor.
NOT_THEIRS = {"no_mfa": "no"}
DESK = ("dispatcher", "followup", "supervisor", "leader", "auditor", "street", "street2",
        "bureau", "bureau2")  # fmt: skip
NEAR, FAR = sorted(NEAR_STAFF), sorted(FAR_STAFF)
CMS = ("editor", "surveyor", "admin")
LEADERS = ("leader", "supervisor", "auditor", "admin")


@dataclass(frozen=True)
class Route:
    """One address: its pattern, a path to ask for, and what each visitor gets."""

    pattern: str
    path: str
    get: Expected
    post: Expected

    @property
    def takes_post(self) -> bool:
        """Whether a POST does something for anybody."""
        return any(words != "wrong" for words in self.post.values())


WRONG = everyone("wrong")


def route(pattern: str, get: Expected, post: Expected = WRONG, path: str = "") -> Route:
    return Route(pattern, path or "/" + pattern, get, post)


HIDDEN = everyone("hidden")
OK = everyone("ok")

MACHINES = [
    route("healthz", OK),
    route("readyz", OK),
    route("metrics", OK),
    route("overview/", on_duty("ok", *LEADERS, **NOT_THEIRS),
          on_duty("wrong", *LEADERS, **NOT_THEIRS)),
    route("preferences/", OK, everyone("go")),
    route("offline/", OK),
    route("site.webmanifest", OK),
    route("ui/gallery/", HIDDEN, HIDDEN),
    route("photos/<uuid:photo_id>/<slug:size>.jpg",
          everyone("hidden", holder="ok", **dict.fromkeys(NEAR, "ok")),
          path="/photos/{photo}/thumb.jpg"),
]  # fmt: skip

ACCOUNTS = [
]

RESIDENTS = [
    route("report/", OK, everyone("bad")),
    route("report/areas.json", OK),
    route("report/<residents_number:number>/receipt/", HIDDEN, path="/report/{near}/receipt/"),
    route("report/<residents_number:number>/contact/", WRONG, HIDDEN,
          path="/report/{near}/contact/"),
    route("track/", OK, everyone("bad")),
    route("track/<residents_number:number>/", everyone("hidden", holder="ok"),
          path="/track/{near}/"),
    route("track/<residents_number:number>/<slug:action>/", WRONG,
          everyone("hidden", holder="bad"), path="/track/{near}/supplement/"),
]  # fmt: skip

PUBLIC = [
]

DESKS: list[Route] = [
]

ROUTES = [*MACHINES, *ACCOUNTS, *RESIDENTS, *PUBLIC, *DESKS]
