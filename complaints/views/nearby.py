"""The hint to a reporter that somebody may have told us of this already."""

import math
from dataclasses import asdict

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from complaints.selectors.nearby import neighbours
from complaints.services.guessing import BUDGET, level_of
from foundation.places.datum import Datum

#: So many questions at once, then one a minute: enough for a report, tedious for a survey.
QUESTIONS = BUDGET + 8


@require_POST
@never_cache
def nearby(request: HttpRequest) -> JsonResponse:
    """Answer ``{"near": […]}``: kind, rough distance, state and age, and a sealed token each.

    400 for nonsense, 429 when asked too often. Two statements. Nothing of the
    question is kept: it is posted, so that no place stands in a log, and the page rounds it.
    """
    try:
        lon, lat = float(request.POST["lon"]), float(request.POST["lat"])
        datum = Datum(request.POST.get("datum") or Datum.WGS84)
    except (KeyError, ValueError):
        return JsonResponse({"near": []}, status=400)
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
        return JsonResponse({"near": []}, status=400)
    if level_of("nearby", get_adapter(request).get_client_ip(request)) > QUESTIONS:
        return JsonResponse({"near": []}, status=429)
    found = neighbours(lon, lat, request.POST.get("category", "")[:60], datum)
    return JsonResponse({"near": [asdict(one) for one in found]})
