"""An index on the queue's table, which another package owns: counts, reaper and pruning read by it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0001_initial"),
        ("django_tasks_database", "0021_conditional_partial_index_ordering"),
    ]
    operations = [
        migrations.RunSQL(
            "CREATE INDEX IF NOT EXISTS jobs_status_finished "
            "ON django_tasks_database_dbtaskresult (status, finished_at)",
            "DROP INDEX IF EXISTS jobs_status_finished",
        ),
    ]
