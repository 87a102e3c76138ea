"""The pack reader and its registries: clear sentences for every mistake."""

from datetime import date

import pytest

from foundation.places.errors import DuplicateLoader
from foundation.places.pack import Changes, LoaderRegistry, Pack, PackError, Row, loaders

pytestmark = pytest.mark.once


@pytest.fixture
def folder(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return Pack(tmp_path)

    return write


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(PackError, match="no such folder"):
        Pack(tmp_path / "nowhere")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(PackError, match=r"clocks\.toml: is missing"):
        Pack(tmp_path).toml("clocks")


def test_names_cannot_leave_the_folder(tmp_path):
    with pytest.raises(PackError, match="outside"):
        Pack(tmp_path).toml("../secret")


def test_toml_mistakes_name_file_and_line(folder):
    pack = folder("clocks.toml", 'a = 1\nb = "open\n')
    with pytest.raises(PackError, match=r"clocks\.toml: is not valid TOML.*line 2"):
        pack.toml("clocks")


def test_json_mistakes_name_line_and_column(folder):
    pack = folder("areas.json", '{"areas": [\n  {"code": 1,}\n]}')
    with pytest.raises(PackError, match=r"areas\.json, line 2, column"):
        pack.json("areas")


def test_files_that_are_not_utf8_say_so(folder):
    pack = folder("areas.json", "天宁".encode("gbk"))
    with pytest.raises(PackError, match="save it as UTF-8"):
        pack.json("areas")


def test_a_byte_order_mark_is_accepted(folder):
    pack = folder("t.csv", b"\xef\xbb\xbfcode,name\na,\xe7\x94\xb2\n")
    assert pack.csv("t") == [{"code": "a", "name": "甲"}]


@pytest.mark.parametrize("line", ["a", "a,b,c"])
def test_csv_lines_of_another_length_are_refused_by_number(folder, line):
    pack = folder("t.csv", f"code,name\nx,y\n{line}\n")
    with pytest.raises(PackError, match=r"t\.csv, line 3: must have 2 cells"):
        pack.csv("t")


def test_lines_skip_comments_and_blanks(folder):
    pack = folder("words.txt", "# note\n\n 油烟 \n异味\n")
    assert pack.lines("words") == [(3, "油烟"), (4, "异味")]


def test_has_finds_files_with_any_ending_and_in_folders(folder):
    pack = folder("demo/cases.toml", "a = 1")
    assert pack.has("demo/cases")
    assert not pack.has("demo/news")
    assert pack.toml("demo/cases") == {"a": 1}


def test_rows_know_their_line_and_code(folder):
    pack = folder("c.toml", '[[clock]]\ncode = "a"\n\n[[clock]]\ncode = "b"\nlimit = 5\n')
    first, second = pack.rows("c", "clock")
    assert first.text("code") == "a"
    with pytest.raises(
        PackError, match=r"c\.toml, \[\[clock\]\] 2 \(line 4\) b, limit: must be text"
    ):
        second.text("limit")


def test_a_table_instead_of_a_list_is_refused(folder):
    pack = folder("c.toml", "[clock]\na = 1\n")
    with pytest.raises(PackError, match="written as"):
        pack.rows("c", "clock")


@pytest.mark.parametrize(
    ("read", "says"),
    [
        (lambda r: r.text("absent"), "missing; add it"),
        (lambda r: r.text("empty"), "must not be empty"),
        (lambda r: r.text("number"), "must be text"),
        (lambda r: r.text("long", longest=3), "at most 3"),
        (lambda r: r.choice("kind", {"district", "town"}), "did you mean 'district'"),
        (lambda r: r.choice("long", {"a", "b"}), "use one of a, b"),
        (lambda r: r.flag("number"), "true or false"),
        (lambda r: r.whole("minus"), "whole number"),
        (lambda r: r.whole("yes"), "whole number"),
        (lambda r: r.number("long"), "must be a number"),
        (lambda r: r.day("long"), "not a date like"),
        (lambda r: r.day("number"), "must be a date"),
        (lambda r: r.texts("long"), "list of texts"),
        (lambda r: r.texts("mixed"), "not a text"),
        (lambda r: r.table("long"), "table of fields"),
        (lambda r: r.rows("long"), "list of tables"),
        (lambda r: r.rows("mixed"), "table of fields"),
    ],
)
def test_every_reader_refuses_with_a_sentence(read, says):
    data = {
        "empty": " ",
        "number": 3,
        "minus": -1,
        "yes": True,
        "long": "abcdef",
        "kind": "distrikt",
        "mixed": ["a", 3],
    }
    with pytest.raises(PackError, match=says):
        read(Row(data, file="x.toml", where="row 1"))


def test_readers_return_clean_values():
    row = Row({"t": " a ", "d": "2026-08-15", "k": ["a", "b", "a"], "n": 2}, file="x", where="")
    assert row.text("t") == "a"
    assert row.day("d") == date(2026, 8, 15)
    assert row.texts("k") == ("a", "b")
    assert row.number("n") == 2.0
    assert row.day("absent", None) is None
    assert row.text("absent", "") == ""
    row.finish()


def test_misspelt_fields_are_refused_with_a_suggestion():
    row = Row({"keyword": ["a"]}, file="categories.toml", where="category 1")
    row.texts("keywords", ())
    with pytest.raises(
        PackError, match=r"keyword: nobody knows this field; did you mean 'keywords'"
    ):
        row.finish()


def test_a_second_loader_for_a_section_is_refused():
    registry = LoaderRegistry()

    def one(pack):
        return Changes()

    def two(pack):
        return Changes()

    registry.register("areas", 1)(one)
    registry.register("areas", 1)(one)
    with pytest.raises(DuplicateLoader, match="areas"):
        registry.register("areas", 2)(two)


def test_loaders_run_by_order_then_name():
    registry = LoaderRegistry()
    for name, order in [("c", 2), ("b", 1), ("a", 2)]:
        registry.register(name, order)(lambda pack: Changes())
    assert [entry.section for entry in registry.in_order()] == ["b", "a", "c"]


def test_foundation_loads_first():
    sections = [entry.section for entry in loaders()]
    assert sections[:4] == ["district", "areas", "departments", "calendar"]


def test_changes_add_up_and_know_whether_anything_changed():
    assert Changes(1, 2, 3, 4) + Changes(1, 1, 1, 1) == Changes(2, 3, 4, 5)
    assert not Changes(unchanged=9)
    assert Changes(removed=1)
