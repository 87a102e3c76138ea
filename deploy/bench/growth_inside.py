"""The part of the growth bench that runs inside the product, on one size of database.

    python deploy/bench/growth_inside.py FILE      writes JSON for growth.py

Every way of asking the desk for a list is asked for over and over, as the people who may ask.
"""

import json
import sys
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode

import inside  # sets Django up
from django.db import connection
from django.test import Client
from django.utils import timezone

from complaints.models import Case, Clock
from complaints.selectors.desk import TABS
from complaints.selectors.rules import categories
from complaints.selectors.statistics import current_load
from complaints.services import ladder
from complaints.workflow import State
from foundation.places.selectors import departments, towns

SEED, WANTED = 320_402, 150
REPEATS = 5
READERS = ("dispatcher", "street", "bureau")
#: What the district map asks for when it opens; asked for when the product has it.
ELSEWHERE = {"overview page": ("leader", "/overview/"), "map of the district": ("", "/map/")}


def combinations() -> list[tuple[str, str]]:
    """Return who asks, and what: a drawn part of all combinations, and every filter alone."""
    random = Random(SEED)
    some = [""] * 2
    choices = {
        "tab": sorted(TABS),
        "state": [*some, *random.sample(sorted(State), 6)],
        "category": [*some, *random.sample([c.code for c in categories()], 8)],
        "area": [*some, *(town.code for town in towns())],
        "department": [*some, *random.sample([d.code for d in departments()], 6)],
    }
    every = sorted(set(product(*choices.values())))
    alone = [row for row in every if sum(map(bool, row[1:])) <= 1]
    drawn = random.sample(every, WANTED - len(alone[:60])) + random.sample(alone, 60)
    asked = [urlencode({k: v for k, v in zip(choices, row, strict=True) if v}) for row in drawn]
    return [(READERS[n % len(READERS)], f"/desk/?{query}") for n, query in enumerate(asked)]


def timed(ask: Callable[[], Any], repeats: int = REPEATS) -> list[float]:
    """Return the milliseconds of each of ``repeats`` warm runs."""
    ask()
    found = []
    for _ in range(repeats):
        began = time.perf_counter()
        ask()
        found.append((time.perf_counter() - began) * 1000)
    return found


def page_times(client: Client, path: str) -> list[float]:
    def ask() -> None:
        answer = client.get(path, secure=True)
        assert answer.status_code in {200, 302}, (path, answer.status_code)

    return timed(ask)


def rows_of_due_scan() -> dict[str, int]:
    """Return how many rows the scan for due clocks reads, and how many there are."""
    due = Clock.objects.filter(outcome="running", warn_at__lte=timezone.now())
    with connection.cursor() as cursor:
        sql, params = due.order_by("warn_at")[: ladder.BATCH].query.sql_with_params()
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
        plan = cursor.fetchone()[0]
    tree = plan if isinstance(plan, list) else json.loads(plan)
    leaf = tree[0]["Plan"]
    while "Plans" in leaf:
        leaf = leaf["Plans"][0]
    read = leaf["Actual Rows"] + leaf.get("Rows Removed by Filter", 0)
    return {"read": int(read), "due": due.count(), "clocks": Clock.objects.count()}


def main() -> None:
    everybody = (*READERS, "leader")
    clients = {who: inside.client_of(inside.sign_in(who)) for who in everybody}
    clients[""] = inside.client_of("")
    desk = {f"{who} {path}": page_times(clients[who], path) for who, path in combinations()}
    others = {
        name: page_times(clients[who], path)
        for name, (who, path) in ELSEWHERE.items()
        if clients[who].get(path, secure=True).status_code == 200
    }
    result = {
        "cases": Case.objects.count(),
        "open_cases": Case.objects.filter(is_open=True).count(),
        "desk": desk,
        "others": others | {"figures of the overview": timed(current_load)},
        "due_scan": rows_of_due_scan(),
    }
    Path(sys.argv[1]).write_text(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main()
