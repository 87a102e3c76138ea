"""Of whom an item of the catalogue tells on a given day."""

from dataclasses import dataclass
from datetime import date

from cms.models import CatalogueItem, EnterpriseListing, SubjectKind


@dataclass(frozen=True)
class Subject:
    """One subject of a duty and the department that answers for it."""

    key: str
    department_id: int
    enterprise_id: int | None = None


@dataclass(frozen=True)
class Member:
    """A subject with the days between which it is one; ``None`` is without end."""

    subject: Subject
    since: date
    until: date | None

    def belongs(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


class Subjects:
    """The subjects of one item over time. 1 query."""

    def __init__(self, item: CatalogueItem) -> None:
        self._members = list(_members(item))

    def on(self, day: date) -> dict[str, Subject]:
        """Return the subjects of ``day`` by key."""
        return {m.subject.key: m.subject for m in self._members if m.belongs(day)}


def _members(item: CatalogueItem) -> list[Member]:
    if item.subject == SubjectKind.ENTERPRISE:
        return _firms(item)
    if item.subject == SubjectKind.DEPARTMENT:
        departments = item.departments.filter(is_active=True)
        subjects = [Subject(f"d:{row.code}", item.department_id or row.pk) for row in departments]
    else:
        subjects = [Subject("district", item.department_id)] if item.department_id else []
    return [Member(subject, date.min, None) for subject in subjects]


def _firms(item: CatalogueItem) -> list[Member]:
    listings = EnterpriseListing.objects.filter(
        list_code=item.firm_list, enterprise__is_active=True
    ).select_related("enterprise")
    return [
        Member(
            Subject(
                f"e:{row.enterprise.code}",
                item.department_id or row.enterprise.supervisor_id,
                row.enterprise_id,
            ),
            row.valid_from,
            row.valid_until,
        )
        for row in listings
    ]
