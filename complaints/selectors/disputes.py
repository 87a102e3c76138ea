"""What earlier disputes about a case mean for its next owner."""

from complaints.models import Act, Case


def returned_owners(case: Case) -> frozenset[str]:
    """Return the owners (as keys) whose return was accepted. One query, none without returns."""
    if not case.return_count or case.is_ruled:
        return frozenset()
    upheld = Act.objects.filter(case=case, action="uphold_return").values_list("data", flat=True)
    return frozenset(data.get("returned_owner", "") for data in upheld) - {""}
