"""What a merge does to the links of others, inside its transaction."""

from complaints.models import Case
from complaints.services.effects import Change


def take_members_along(change: Change) -> None:
    """Let those joined to a case that is merged itself follow it: groups stay flat.

    One statement for a merge, none for any other act. Who follows keeps the day of joining.
    """
    case = change.case
    if change.row.action == "merge":
        Case.objects.filter(main_case=case).update(main_case=case.main_case)
