"""What earlier disputes about a case mean for its next owner."""

from complaints.models import Act, Case


def owner_key(case: Case) -> str:
    """Return the present owner as ``grid:<code>`` or ``department:<code>``; '' without one."""
    if case.owner_grid is not None:
        return f"grid:{case.owner_grid.code}"
    return f"department:{case.owner_department.code}" if case.owner_department else ""


def returned_owners(case: Case) -> frozenset[str]:
    """Return the owners (as keys) whose return was accepted. One query, none without returns.

    Who owns it now is not among them: a later ruling gave it back, and 重办 goes to the same.
    """
    if not case.return_count:
        return frozenset()
    upheld = Act.objects.filter(case=case, action="uphold_return").values_list("data", flat=True)
    return frozenset(data.get("returned_owner", "") for data in upheld) - {"", owner_key(case)}
