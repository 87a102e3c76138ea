"""Pages of the docs that are made from tables are those that the tables give today."""

import pytest
from django.core.management import CommandError, call_command

from complaints.models import ClockRule
from complaints.selectors import rules

pytestmark = pytest.mark.django_db


@pytest.mark.once
def test_the_diagram_is_that_of_the_table() -> None:
    call_command("workflow_diagram", "--check")


def test_the_table_of_clocks_is_that_of_the_pack(district_pack: str) -> None:
    call_command("clock_table", "--check")


def test_a_changed_rule_is_noticed(district_pack: str) -> None:
    ClockRule.objects.filter(code="accept", track="", urgency="").update(limit="2wd")
    rules.forget()
    with pytest.raises(CommandError, match=r"docs/clocks\.md is out of date"):
        call_command("clock_table", "--check")
