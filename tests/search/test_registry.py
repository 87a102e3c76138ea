import pytest

from search.errors import DuplicateKind
from search.registry import Document, Projection, Registry, active, document, replaced
from tests.search.posts import Post, PostDocument


def test_a_kind_is_taken_once() -> None:
    registry = Registry()
    registry.add(Document("post", Post, PostDocument("post")))
    with pytest.raises(DuplicateKind):
        registry.add(Document("post", Post, PostDocument("post")))
    with pytest.raises(DuplicateKind):
        registry.add(Document("a:b", Post, PostDocument("a:b")))


def test_the_decorator_takes_classes_and_functions() -> None:
    with replaced() as registry:

        @document(kind="letter", model="places.Area", order=2)
        class Letters:
            queryset = project = None

        @document(kind="post", model=Post, title="公开结果", order=1)
        def posts() -> PostDocument:
            return PostDocument("post")

        assert [entry.kind for entry in registry.all()] == ["post", "letter"]
        assert registry.all()[0].label == "公开结果"
        assert registry.all()[1].model._meta.label == "places.Area"
        assert active() is registry
    assert active() is not registry


def test_a_projection_must_be_of_its_kind() -> None:
    entry = Document("letter", Post, PostDocument("post"))
    with pytest.raises(ValueError, match="letter"):
        entry.project(Post(pk=1, title="t"))


def test_an_id_that_is_no_key_is_none() -> None:
    entry = Document("post", Post, PostDocument("post"))
    assert entry.primary_key("7") == 7
    assert entry.primary_key("x") is None


def test_projections_are_frozen_and_hold_text_ids() -> None:
    projection = Projection(7, "t", "", "/", "post")  # type: ignore[arg-type]
    assert projection.key == "post:7"
    with pytest.raises(AttributeError):
        projection.title = "x"  # type: ignore[misc]


def test_documents_of_installed_apps_were_found() -> None:
    from importlib.util import find_spec

    if find_spec("cms.documents"):
        assert active().get("result") is not None
