"""The catalogue of datasets as DCAT-AP in RDF, and as schema.org for search engines. No ORM.

Classes and properties follow DCAT-AP 3.0: Catalogue (title, description, publisher), Dataset
(title, description, publisher, contact point, frequency, spatial and temporal coverage),
Distribution (access address, format, licence). Concepts of frequency, file type and language are
those of the authority tables of the EU's Publications Office.
"""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from rdflib import BNode, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, SKOS, XSD

from cms.selectors.open_data import Entry, Publisher
from foundation.places.district import DistrictProfile

VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
SCHEMA_ORG = "https://schema.org"
AUTHORITY = "http://publications.europa.eu/resource/authority"
MEDIA_TYPES = {"CSV": "text/csv", "JSON": "application/json"}
CHINESE = "zh"
CONTEXT = {
    "dcat": str(DCAT), "dcterms": str(DCTERMS), "foaf": str(FOAF), "vcard": str(VCARD),
    "xsd": str(XSD), "skos": str(SKOS),
}  # fmt: skip
#: What "<" and its like become inside a script element.
INERT = {ord(sign): f"\\u{ord(sign):04X}" for sign in "<>&"}


def catalogue_graph(
    entries: Sequence[Entry], *, base: str, title: str, description: str, district: DistrictProfile
) -> Graph:
    """Return the whole catalogue; ``base`` is the site's address without a closing slash."""
    graph = Graph()
    for prefix, address in CONTEXT.items():
        graph.bind(prefix, address)
    catalogue = URIRef(f"{base}/data/#catalog")
    publisher = _agent(graph, Publisher("", district.full_name, ""), base)
    place = _place(graph, district, base)
    graph.add((catalogue, RDF.type, DCAT.Catalog))
    graph.add((catalogue, DCTERMS.title, Literal(title, lang=CHINESE)))
    graph.add((catalogue, DCTERMS.description, Literal(description, lang=CHINESE)))
    graph.add((catalogue, DCTERMS.publisher, publisher))
    graph.add((catalogue, DCTERMS.spatial, place))
    graph.add((catalogue, DCTERMS.language, _language(graph)))
    graph.add((catalogue, FOAF.homepage, _document(graph, f"{base}/data/")))
    for entry in entries:
        _add_dataset(graph, catalogue, place, entry, base)
    moments = [entry.updated_at for entry in entries if entry.updated_at]
    if moments:
        graph.add((catalogue, DCTERMS.modified, Literal(max(moments))))
    return graph


def _language(graph: Graph) -> URIRef:
    node = URIRef(f"{AUTHORITY}/language/ZHO")
    graph.add((node, RDF.type, DCTERMS.LinguisticSystem))
    return node


def _document(graph: Graph, address: str) -> URIRef:
    node = URIRef(address)
    graph.add((node, RDF.type, FOAF.Document))
    return node


def _agent(graph: Graph, publisher: Publisher, base: str) -> URIRef:
    node = URIRef(f"{base}/data/#publisher-{publisher.code or 'district'}")
    graph.add((node, RDF.type, FOAF.Agent))
    graph.set((node, FOAF.name, Literal(publisher.name, lang=CHINESE)))
    return node


def _place(graph: Graph, district: DistrictProfile, base: str) -> URIRef:
    """The district with its bounding box (WGS-84)."""
    node = URIRef(f"{base}/data/#district-{district.code}")
    graph.add((node, RDF.type, DCTERMS.Location))
    graph.add((node, SKOS.prefLabel, Literal(district.full_name, lang=CHINESE)))
    west, south, east, north = district.bbox
    ring = ", ".join(
        f"{x} {y}"
        for x, y in ((west, south), (east, south), (east, north), (west, north), (west, south))
    )
    wkt = URIRef("http://www.opengis.net/ont/geosparql#wktLiteral")
    graph.add((node, DCAT.bbox, Literal(f"POLYGON(({ring}))", datatype=wkt)))
    return node


def _add_dataset(graph: Graph, catalogue: URIRef, place: URIRef, entry: Entry, base: str) -> None:
    found = entry.dataset
    node = URIRef(f"{base}/data/{found.code}/#dataset")
    graph.add((catalogue, DCAT.dataset, node))
    graph.add((node, RDF.type, DCAT.Dataset))
    graph.add((node, DCTERMS.identifier, Literal(found.code)))
    graph.add((node, DCTERMS.title, Literal(str(found.title), lang=CHINESE)))
    graph.add((node, DCTERMS.description, Literal(str(found.description), lang=CHINESE)))
    graph.add((node, DCTERMS.publisher, _agent(graph, entry.publisher, base)))
    graph.add((node, DCTERMS.spatial, place))
    graph.add((node, DCTERMS.language, _language(graph)))
    graph.add((node, DCTERMS.accrualPeriodicity, _frequency(graph, entry)))
    graph.add((node, DCAT.landingPage, _document(graph, f"{base}/data/{found.code}/")))
    graph.add((node, DCAT.contactPoint, _contact(graph, entry.publisher)))
    for word in found.keywords:
        graph.add((node, DCAT.keyword, Literal(str(word), lang=CHINESE)))
    if entry.updated_at:
        graph.add((node, DCTERMS.modified, Literal(entry.updated_at)))
    covered = found.covers() if found.covers else None
    if covered:
        graph.add((node, DCTERMS.temporal, _stretch(graph, *covered)))
    for name, address in entry.formats:
        graph.add((node, DCAT.distribution, _distribution(graph, entry, name, base + address)))


def _frequency(graph: Graph, entry: Entry) -> URIRef:
    node = URIRef(f"{AUTHORITY}/frequency/{entry.dataset.frequency.authority}")
    graph.add((node, RDF.type, DCTERMS.Frequency))
    return node


def _contact(graph: Graph, publisher: Publisher) -> BNode:
    node = BNode()
    graph.add((node, RDF.type, VCARD.Kind))
    graph.add((node, RDF.type, VCARD.Organization))
    graph.add((node, VCARD.fn, Literal(publisher.name, lang=CHINESE)))
    if publisher.phone:
        number = "".join(sign for sign in publisher.phone if sign.isdigit() or sign == "-")
        graph.add((node, VCARD.hasTelephone, URIRef(f"tel:{number}")))
    return node


def _stretch(graph: Graph, first: date, last: date) -> BNode:
    node = BNode()
    graph.add((node, RDF.type, DCTERMS.PeriodOfTime))
    graph.add((node, DCAT.startDate, Literal(first)))
    graph.add((node, DCAT.endDate, Literal(last)))
    return node


def _distribution(graph: Graph, entry: Entry, name: str, address: str) -> URIRef:
    node = URIRef(f"{address}#distribution")
    graph.add((node, RDF.type, DCAT.Distribution))
    title = f"{entry.dataset.title} ({name})"
    graph.add((node, DCTERMS.title, Literal(title, lang=CHINESE)))
    graph.add((node, DCAT.accessURL, URIRef(address)))
    graph.add((node, DCAT.downloadURL, URIRef(address)))
    licence = URIRef(entry.dataset.licence.address)
    graph.add((licence, RDF.type, DCTERMS.LicenseDocument))
    graph.add((node, DCTERMS.license, licence))
    file_type = URIRef(f"{AUTHORITY}/file-type/{name}")
    graph.add((file_type, RDF.type, DCTERMS.MediaTypeOrExtent))
    graph.add((node, DCTERMS["format"], file_type))
    media = URIRef(f"https://www.iana.org/assignments/media-types/{MEDIA_TYPES[name]}")
    graph.add((media, RDF.type, DCTERMS.MediaType))
    graph.add((node, DCAT.mediaType, media))
    return node


def turtle(graph: Graph) -> str:
    """Return the graph as Turtle."""
    return graph.serialize(format="turtle")


def json_ld(graph: Graph) -> str:
    """Return the graph as JSON-LD with its prefixes."""
    return graph.serialize(format="json-ld", context=CONTEXT, indent=1, ensure_ascii=False)


def schema_org(entry: Entry, *, base: str, place: str) -> SafeString:
    """Return a dataset as search engines read it: the text of a data block, safe in a page."""
    found = entry.dataset
    about: dict[str, Any] = {
        "@context": SCHEMA_ORG,
        "@type": "Dataset",
        "@id": f"{base}/data/{found.code}/#dataset",
        "identifier": found.code,
        "name": str(found.title),
        "description": str(found.description),
        "url": f"{base}/data/{found.code}/",
        "license": found.licence.address,
        "inLanguage": "zh-CN",
        "isAccessibleForFree": True,
        "creator": {"@type": "GovernmentOrganization", "name": entry.publisher.name},
        "spatialCoverage": {"@type": "Place", "name": place},
        "variableMeasured": [str(column.title) for column in found.columns],
        "distribution": [
            {
                "@type": "DataDownload",
                "encodingFormat": MEDIA_TYPES[name],
                "contentUrl": base + address,
            }
            for name, address in entry.formats
        ],
    }
    if entry.updated_at:
        about["dateModified"] = entry.updated_at.isoformat()
    text = json.dumps(about, ensure_ascii=False).translate(INERT)
    return mark_safe(text)  # noqa: S308  every sign that could end the element is written as an escape
