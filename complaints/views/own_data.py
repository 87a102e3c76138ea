"""Everything kept about one's own report, to take along."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from complaints.selectors.tracking import find_for_complainant
from complaints.services.own_data import export_own_data
from complaints.views.track import code_page
from complaints.visitors import performer_of


@require_safe
def own_data(request: HttpRequest, number: str) -> HttpResponseBase:
    """Answer a JSON file to whoever holds the receipt or filed the report; else the code form."""
    by = performer_of(request)
    case = find_for_complainant(number, by.receipts, by.account_id)
    if case is None:
        return code_page(request, number)
    if request.method == "HEAD":
        return HttpResponse(content_type="application/json")
    answer = JsonResponse(
        export_own_data(case=case, by=by), json_dumps_params={"ensure_ascii": False, "indent": 2}
    )
    answer["Content-Disposition"] = f'attachment; filename="{case.number}.json"'
    answer["Cache-Control"] = "no-store, private"
    return answer
