"""The full-text index beside the table: FTS5 with triggers on SQLite, a tsvector on PostgreSQL.

SQLite drops triggers when a later migration rebuilds ``search_searchdocument``; such a migration
must run ``forwards`` again after it.
"""

from django.db import migrations

SQLITE = [
    """CREATE VIRTUAL TABLE IF NOT EXISTS search_fulltext USING fts5(
        terms, content='search_searchdocument', content_rowid='id', detail='none',
        tokenize="ascii tokenchars '-._/:'")""",
    "DROP TRIGGER IF EXISTS search_fulltext_insert",
    "DROP TRIGGER IF EXISTS search_fulltext_delete",
    "DROP TRIGGER IF EXISTS search_fulltext_update",
    """CREATE TRIGGER search_fulltext_insert AFTER INSERT ON search_searchdocument BEGIN
        INSERT INTO search_fulltext(rowid, terms) VALUES (new.id, new.terms); END""",
    """CREATE TRIGGER search_fulltext_delete AFTER DELETE ON search_searchdocument BEGIN
        INSERT INTO search_fulltext(search_fulltext, rowid, terms)
        VALUES ('delete', old.id, old.terms); END""",
    """CREATE TRIGGER search_fulltext_update AFTER UPDATE ON search_searchdocument BEGIN
        INSERT INTO search_fulltext(search_fulltext, rowid, terms)
        VALUES ('delete', old.id, old.terms);
        INSERT INTO search_fulltext(rowid, terms) VALUES (new.id, new.terms); END""",
    "INSERT INTO search_fulltext(search_fulltext) VALUES ('rebuild')",
]
SQLITE_BACK = [
    "DROP TRIGGER IF EXISTS search_fulltext_insert",
    "DROP TRIGGER IF EXISTS search_fulltext_delete",
    "DROP TRIGGER IF EXISTS search_fulltext_update",
    "DROP TABLE IF EXISTS search_fulltext",
]
POSTGRES = [
    """ALTER TABLE search_searchdocument ADD COLUMN fulltext tsvector GENERATED ALWAYS AS
        (array_to_tsvector(string_to_array(terms, ' '))) STORED""",
    # No pending list: every branch of a search would read it from end to end.
    "CREATE INDEX search_fulltext_gin ON search_searchdocument USING gin (fulltext)"
    " WITH (fastupdate = off)",
]
POSTGRES_BACK = ["ALTER TABLE search_searchdocument DROP COLUMN fulltext"]


def forwards(apps, schema_editor):
    for statement in POSTGRES if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def backwards(apps, schema_editor):
    is_postgres = schema_editor.connection.vendor == "postgresql"
    for statement in POSTGRES_BACK if is_postgres else SQLITE_BACK:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
