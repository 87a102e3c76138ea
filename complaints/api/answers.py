"""The same answer as JSON or XML, and errors in Open311's own shape."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from django.http import HttpResponse

JSON, XML = "json", "xml"
TYPES = {JSON: "application/json; charset=utf-8", XML: "text/xml; charset=utf-8"}
Item = Mapping[str, Any]


def listed(
    root: str, item: str, found: Sequence[Item], kind: str, status: int = 200
) -> HttpResponse:
    """Answer a list: a bare array in JSON, ``<root><item>…`` in XML."""
    if kind == JSON:
        return _answer(json.dumps(list(found), ensure_ascii=False), JSON, status)
    tree = Element(root)
    for one in found:
        _fill(SubElement(tree, item), one)
    return _xml(tree, status)


def single(root: str, found: Item, kind: str) -> HttpResponse:
    """Answer one object: bare in JSON, ``<root>…`` in XML."""
    if kind == JSON:
        return _answer(json.dumps(found, ensure_ascii=False), JSON, 200)
    tree = Element(root)
    _fill(tree, found)
    return _xml(tree, 200)


def failed(status: int, sentence: str, kind: str, wait: int = 0) -> HttpResponse:
    """Answer an error: code and a sentence that says what to do."""
    body = [{"code": status, "description": sentence}]
    answer = listed("errors", "error", body, kind, status)
    if wait:
        answer.headers["Retry-After"] = str(wait)
    return answer


def _fill(element: Element, values: Item) -> None:
    for name, value in values.items():
        child = SubElement(element, name)
        if isinstance(value, Mapping):
            _fill(child, value)
        elif isinstance(value, list):
            for one in value:
                item = SubElement(child, name.removesuffix("s"))
                if isinstance(one, Mapping):
                    _fill(item, one)
                else:
                    item.text = _text(one)
        else:
            child.text = _text(value)


def _text(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _xml(tree: Element, status: int) -> HttpResponse:
    body = '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(tree, encoding="unicode")
    return _answer(body, XML, status)


def _answer(body: str, kind: str, status: int) -> HttpResponse:
    return HttpResponse(body, content_type=TYPES[kind], status=status)
