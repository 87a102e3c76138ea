"""The part of a benchmark that runs inside the product: sessions, addresses, statement counts.

    python deploy/bench/inside.py FILE      writes JSON for run.py

Runs with the production settings on the measured database, as a process of its own.
"""

import gc
import gzip
import json
import sys
import time
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import django

django.setup()

from allauth.account.internal.flows.login import (  # noqa: E402
    AUTHENTICATION_METHODS_SESSION_KEY as METHODS,
)
from django.conf import settings  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from PIL import Image, ImageFilter  # noqa: E402

from complaints.models import Case  # noqa: E402
from complaints.selectors.desk import PAGE_SIZE  # noqa: E402
from complaints.selectors.rules import categories  # noqa: E402
from complaints.visitors import remember_receipt  # noqa: E402
from foundation.places.selectors import towns  # noqa: E402
from foundation.versioned import Versioned  # noqa: E402

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
STAFF = ("dispatcher", "street", "bureau", "followup")
PHOTO_BYTES = 300_000
WORDS = "%E6%B2%B9%E7%83%9F"  # 油烟
CSRF = "b" * 32


def sign_in(username: str) -> str:
    """Return the session key of a demo login that has passed its second factor."""
    user = get_user_model().objects.get(username=username)
    client = Client()
    client.force_login(user, backend=BACKEND)
    session = client.session
    now = time.time()
    session[METHODS] = [
        {"method": "password", "at": now, "username": username},
        {"method": "mfa", "type": "totp", "at": now},
    ]
    session[f"{METHODS}_user"] = str(user.pk)
    session.save()
    return str(session.session_key)


def resident(case: Case) -> str:
    """Return the session key of a guest who has shown the receipt of ``case``."""
    session = Client().session
    remember_receipt(session, case)
    session.save()
    return str(session.session_key)


def photo() -> bytes:
    """Return a JPEG of about 300 kB: clouds of noise, as many details as a phone's picture."""
    random = Random(7)
    noise = Image.frombytes("RGB", (300, 225), random.randbytes(300 * 225 * 3))
    picture = noise.resize((2000, 1500), Image.Resampling.BICUBIC)
    picture = picture.filter(ImageFilter.GaussianBlur(1))
    for quality in range(92, 20, -4):
        buffer = BytesIO()
        picture.save(buffer, "JPEG", quality=quality)
        if buffer.tell() <= PHOTO_BYTES:
            break
    return buffer.getvalue()


def pages(case: Case) -> dict[str, dict[str, str]]:
    """Return name → who asks ('' = a guest) and path of every page that is measured by GET."""
    town = towns()[0].code
    category = next(c.code for c in categories() if c.parent_id is None)
    both = f"area={town}&category={category}"
    desk = {
        "desk, all open": "?tab=open",
        "desk, all open, page 2": f"?tab=open&cursor={second_page()}",
        "desk, to accept": "?tab=new",
        "desk, overdue": "?tab=overdue",
        "desk, ended": "?tab=ended",
        "desk, town": f"?tab=open&area={town}",
        "desk, category": f"?tab=open&category={category}",
        "desk, state": "?tab=open&state=in_progress",
        "desk, town + category": f"?tab=open&{both}",
        "desk, town + category + state": f"?tab=open&{both}&state=in_progress",
        "desk, ended, town + category": f"?tab=ended&{both}",
        "desk, ended, department": "?tab=ended&department=ecology",
        "desk, number": "?number=42",
    }
    found = {name: {"who": "dispatcher", "path": f"/desk/{query}"} for name, query in desk.items()}
    found |= {
        "desk of a street, my turn": {"who": "street", "path": "/desk/?tab=mine"},
        "desk of a street, all open": {"who": "street", "path": "/desk/?tab=open"},
        "desk of a street, ended": {"who": "street", "path": "/desk/?tab=ended"},
        "desk of a bureau, my turn": {"who": "bureau", "path": "/desk/?tab=mine"},
        "desk of a bureau, ended": {"who": "bureau", "path": "/desk/?tab=ended"},
        "case page": {"who": "dispatcher", "path": f"/desk/cases/{case.number}/"},
        "resident's case page": {"who": "resident", "path": f"/track/{case.number}/"},
        "track page": {"who": "", "path": "/track/"},
        "report form": {"who": "", "path": "/report/"},
        "home page": {"who": "", "path": "/"},
        "results page": {"who": "", "path": "/results/"},
        "search": {"who": "", "path": f"/search/?q={WORDS}"},
    }
    return found


def second_page() -> str:
    """Return the cursor behind the first page of all open cases."""
    from complaints.performer import Performer
    from complaints.selectors.desk import QueueFilter, queue
    from foundation.accounts.access import access_of
    from foundation.ledger.actor import Actor

    user = get_user_model().objects.get(username="dispatcher")
    by = Performer(Actor("staff", str(user.pk), "dispatcher"), access=access_of(user))
    return queue(by, QueueFilter(), counts=False).next_cursor


def look_again() -> None:
    """Let every value kept in memory look at its version row once more, as after two seconds."""
    # By type(): isinstance would wake lazy objects.
    for kept in [thing for thing in gc.get_objects() if type(thing) is Versioned]:
        kept._looked_at = float("-inf")


def client_of(session: str) -> Client:
    client = Client(headers={"accept-encoding": "gzip", "host": "127.0.0.1"})
    if session:
        client.cookies[settings.SESSION_COOKIE_NAME] = session
    return client


def measured(session: str, path: str) -> dict[str, Any]:
    """Ask twice, then count: statements of a warm process, and bytes as sent."""
    client = client_of(session)
    answers = [client.get(path, secure=True) for _ in range(2)]
    look_again()
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path, secure=True)
    return {
        "status": answer.status_code,
        "statements": statements_in(captured),
        "bytes_gz": len(answer.content),
        "bytes": len(_unpacked(answers[0])),
        "sql": [query["sql"][:2000] for query in captured],
    }


def _unpacked(answer: Any) -> bytes:
    packed = answer.headers.get("Content-Encoding") == "gzip"
    return gzip.decompress(answer.content) if packed else bytes(answer.content)


def statements_in(captured: CaptureQueriesContext) -> int:
    """What was asked of the tables; the words around a transaction are not counted."""
    return sum(query["sql"] not in {"BEGIN", "COMMIT"} for query in captured)


def measured_report(fields: dict[str, str], picture: bytes | None) -> dict[str, Any]:
    """Send two reports, then count the statements of the third."""
    for attempt in range(3):
        client = client_of("")
        data: dict[str, Any] = {**fields, "key": str(uuid4())}
        if picture:
            data["photos"] = BytesIO(picture)
            data["photos"].name = "photo.jpg"
        look_again()
        with CaptureQueriesContext(connection) as captured:
            answer = client.post("/report/", data, secure=True)
        assert answer.status_code == 302, (attempt, answer.content[:2000])
    return {
        "status": answer.status_code,
        "statements": statements_in(captured),
        "bytes_gz": len(answer.content),
        "sql": [query["sql"][:2000] for query in captured],
    }


def report_fields(case: Case) -> dict[str, str]:
    category = next(c for c in categories() if c.pk == case.category_id)
    return {
        "category": category.code,
        "description": "楼下饭店每天傍晚油烟直排，家里不敢开窗，希望有人来看看。",
        "lon": str(case.lon),
        "lat": str(case.lat),
        "accuracy": "12",
        "location_source": "browser",
    }


def main() -> None:
    target = Path(sys.argv[1])
    base = Case.objects.filter(is_demo=True, photo_count=0)
    case = base.filter(state="closed").order_by("-submitted_at")[0]
    sessions = {who: sign_in(who) for who in STAFF} | {"resident": resident(case), "": ""}
    picture = photo()
    target.with_suffix(".jpg").write_bytes(picture)
    fields = report_fields(case)
    asked = pages(case)
    counted = {n: measured(sessions[page["who"]], page["path"]) for n, page in asked.items()}
    counted["report"] = measured_report(fields, None)
    counted["report with a photo"] = measured_report(fields, picture)
    counted["trivial view"] = measured("", "/healthz")
    result = {
        "session_cookie": settings.SESSION_COOKIE_NAME,
        "csrf": CSRF,
        "page_size": PAGE_SIZE,
        "cases": Case.objects.count(),
        "open_cases": Case.objects.filter(is_open=True).count(),
        "sessions": sessions,
        "pages": asked,
        "fields": fields,
        "counted": counted,
    }
    target.write_text(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main()
