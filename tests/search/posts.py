"""A public thing that exists for these tests only: it has a table, but belongs to no app."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import connection, models

from search.registry import Document, Projection, Registry, replaced


class Post(models.Model):
    """Something somebody wrote; ``is_public`` decides whether anybody may find it."""

    title = models.CharField(max_length=200)
    body = models.TextField(default="")
    secret = models.TextField(default="")
    area = models.CharField(max_length=80, default="")
    category = models.CharField(max_length=80, default="")
    published_on = models.DateField(null=True)
    is_public = models.BooleanField(default=True)

    class Meta:
        app_label = "search_tests"
        db_table = "search_tests_post"


class PostDocument:
    def __init__(self, kind: str, *, is_letter: bool = False) -> None:
        self.kind = kind
        self.is_letter = is_letter

    def queryset(self) -> Any:
        posts = Post.objects.filter(is_public=True)
        return posts.filter(category="来信") if self.is_letter else posts.exclude(category="来信")

    def project(self, obj: Post) -> Projection:
        return Projection(
            id=str(obj.pk),
            title=obj.title,
            body=obj.body,
            url=f"/posts/{obj.pk}/",
            kind=self.kind,
            facets={"area": obj.area, "category": obj.category},
            date=obj.published_on,
        )


@contextmanager
def posts_registered() -> Iterator[Registry]:
    """Make posts and letters the only searchable kinds, in a table of their own."""
    with connection.cursor() as cursor:
        exists = Post._meta.db_table in connection.introspection.table_names(cursor)
    if not exists:
        # SQLite's editor refuses to work inside of a test's transaction; its SQL does not.
        statement, parameters = connection.SchemaEditorClass(connection).table_sql(Post)
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
    registry = Registry()
    source = PostDocument("post")
    letters = PostDocument("letter", is_letter=True)
    registry.add(Document("post", Post, source, "公开结果", 10))
    registry.add(Document("letter", Post, letters, "来信", 20))
    with replaced(registry):
        yield registry


def post(title: str, body: str = "", **values: Any) -> Post:
    values.setdefault("published_on", date(2026, 3, 1))
    return Post.objects.create(title=title, body=body, **values)
