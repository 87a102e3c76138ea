"""No link of the public site leads nowhere: everything reachable from the home page answers."""

import re
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client

LINK = re.compile(r'(?:href|action)="([^"#]+)')
OUTSIDE = ("tel:", "mailto:", "http:", "https:", "data:", "geo:")
SKIPPED = ("/static/", "/accounts/logout/")
MOST = 400


def addresses_in(page: str, here: str) -> set[str]:
    """Addresses of this site that a page links to, without fragment."""
    found = set()
    for raw in LINK.findall(page):
        if raw.startswith(OUTSIDE):
            continue
        address = urlsplit(urljoin(here, raw.replace("&amp;", "&")))
        path = address.path + (f"?{address.query}" if address.query else "")
        if not path.startswith(SKIPPED):
            found.add(path)
    return found


@pytest.mark.django_db
def test_every_link_from_the_home_page_answers(client: Client, district_pack: str) -> None:
    waiting, seen, dead = ["/"], {"/"}, []
    while waiting and len(seen) < MOST:
        here = waiting.pop()
        answer = client.get(here)
        if answer.status_code >= 400 and answer.status_code != 405:
            dead.append(f"{here} → {answer.status_code}")
        if "text/html" not in answer.headers.get("Content-Type", ""):
            continue
        for path in addresses_in(answer.content.decode(), here) - seen:
            seen.add(path)
            waiting.append(path)
    assert dead == []
    assert len(seen) > 40
