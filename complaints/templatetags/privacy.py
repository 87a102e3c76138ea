"""Words of reporters in templates: whole for those who call them, without numbers for others."""

from django import template

from complaints.privacy import without_contacts

register = template.Library()


@register.filter
def discreet(text: str, may_read_whole: object = False) -> str:
    """Return ``text`` as a reader may see it; without a word on that, the numbers are hidden."""
    return text if may_read_whole else without_contacts(text or "")
