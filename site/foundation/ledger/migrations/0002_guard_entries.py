"""Triggers that refuse changes, and the head row. Repeated after every migrate (``ledger.apps``),
because SQLite drops triggers when a later migration remakes the table."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from foundation.ledger import guard


def guard_entries(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("ledger", "Head").objects.using(schema_editor.connection.alias).get_or_create(
        pk=1
    )
    guard.install(schema_editor.connection)


def unguard_entries(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    guard.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [migrations.RunPython(guard_entries, unguard_entries)]
