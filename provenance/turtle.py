"""Turtle, written and read; loaded only when it is asked for, since rdflib takes 12 MB."""

from __future__ import annotations

from prov.constants import PROV, PROV_N_MAP
from prov.model import ProvDocument, ProvRelation
from prov.serializers.provrdf import ProvRDFSerializer
from rdflib import Graph, URIRef


def to_turtle(document: ProvDocument) -> bytes:
    """The document in PROV-O, each relation both with its details and as one plain triple."""
    graph = ProvRDFSerializer(document).encode_container(document)
    for relation in document.get_records(ProvRelation):
        subject, target = relation.args[:2]
        word = PROV[PROV_N_MAP[relation.get_type()]]
        graph.add((URIRef(subject.uri), URIRef(word.uri), URIRef(target.uri)))
    return graph.serialize(format="turtle", encoding="utf-8")


def from_turtle(text: str) -> ProvDocument:
    """The PROV document that a graph in PROV-O holds."""
    graph = Graph()
    graph.parse(data=text, format="turtle")
    document = ProvDocument()
    for prefix, address in graph.namespaces():
        document.add_namespace(prefix, str(address))
    ProvRDFSerializer(document).decode_container(graph, document)
    return document
