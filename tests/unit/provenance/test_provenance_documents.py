from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from prov.constants import PROV, PROV_ATTR_TIME, PROV_LABEL, PROV_ROLE, PROV_TYPE, PROV_VALUE
from prov.model import (
    ProvActivity,
    ProvAgent,
    ProvAssociation,
    ProvCommunication,
    ProvDelegation,
    ProvDocument,
    ProvEntity,
    ProvGeneration,
    ProvRelation,
    ProvUsage,
)

from dataminer.domain.addresses import Addresses
from dataminer.domain.errors import NotFound
from dataminer.domain.values import Literal
from provenance import vocabulary as words
from provenance.model import document_of
from provenance.writer import PROV_JSON, PROV_N, PROV_XML, TURTLE, ProvWriter
from tests.unit.provenance.prov_records import (
    MORNING,
    PUBLIC_URL,
    a_computation,
    a_file,
    a_method,
    bindings,
    every_ending,
    records,
)

FORMATS = [PROV_XML, PROV_JSON, TURTLE, PROV_N]


def document(computation, method=None) -> ProvDocument:
    return document_of(computation, method or a_method(), Addresses(base_url=PUBLIC_URL))


def only(records):
    (record,) = records
    return record


def facts(record) -> dict:
    return dict(record.attributes)


def test_the_activity_says_what_ran_when_and_where():
    activity = only(document(a_computation()).get_records(ProvActivity))

    said = facts(activity)
    assert activity.get_startTime() == MORNING + timedelta(seconds=1)
    assert activity.get_endTime() == MORNING + timedelta(seconds=4)
    assert said[words.COMPUTATION] == a_computation().id
    assert said[words.STATUS] == "succeeded"
    assert said[words.EXIT_CODE] == 0
    assert said[words.TARGET] == "local"
    assert said[words.ATTEMPT] == 1
    assert said[words.NODE] == "local@host"
    assert said[words.ENGINE] == "0.1.0"
    assert said[words.PLATFORM] == "Linux x86_64"
    assert said[words.INTERPRETER] == "Python 3.11.7"


def test_the_activity_says_what_it_used():
    said = facts(only(document(a_computation()).get_records(ProvActivity)))

    assert said[words.WALL_SECONDS] == 2.75
    assert said[words.CPU_SECONDS] == 2.0
    assert said[words.PEAK_MEMORY_BYTES] == 3_000_000_000
    assert said[words.READ_BYTES] == 10**12
    assert said[words.WRITTEN_BYTES] == 0
    unstarted = only(document(every_ending()["never started"]).get_records(ProvActivity))
    assert words.WALL_SECONDS not in facts(unstarted)


@pytest.mark.parametrize("media_type", FORMATS)
def test_usage_is_written_in_every_format(media_type):
    written = ProvWriter(PUBLIC_URL).write(a_computation(), a_method(), media_type).decode()

    for word, value in (("wallSeconds", "2.75"), ("peakMemoryBytes", "3000000000"),
                        ("readBytes", "1000000000000")):  # fmt: skip
        assert word in written
        assert value in written


def test_a_computation_is_named_by_its_address():
    activity = only(document(a_computation()).get_records(ProvActivity))

    address = f"{PUBLIC_URL}/api/computations/{a_computation().id}"
    assert activity.identifier.uri == f"{address}#activity"


def test_the_plan_is_the_method_version_by_digest():
    told = document(a_computation())
    associations = {facts(a)[PROV_ROLE]: a for a in told.get_records(ProvAssociation)}

    plan = only(told.get_record(associations["engine"].args[2]))
    said = facts(plan)
    assert said[PROV_TYPE] == PROV["Plan"]
    assert said[words.METHOD] == "DBSCAN"
    assert said[words.VERSION] == "1.2"
    assert said[words.PACKAGE] == a_method().digest
    assert said[words.LOCK] == "e" * 64
    assert said[words.LICENCE] == "Apache-2.0"
    assert said[words.AUTHOR] == "A. Person"


def test_the_node_works_for_the_engine_for_the_person_for_the_tenant():
    told = document(a_computation())
    labels = {agent.identifier: facts(agent)[PROV_LABEL] for agent in told.get_records(ProvAgent)}

    delegations = {(labels[d.args[0]], labels[d.args[1]]) for d in told.get_records(ProvDelegation)}
    assert delegations == {
        ("local@host", "DataMiner 0.1.0"),
        ("DataMiner 0.1.0", "ann"),
        ("ann", "demo"),
    }


def test_literals_have_their_type_in_xml():
    written = ProvWriter(PUBLIC_URL).write(a_computation(), a_method(), PROV_XML).decode()

    assert '<prov:value xsi:type="xsd:double">0.5</prov:value>' in written
    assert '<prov:value xsi:type="xsd:integer">4</prov:value>' in written
    assert '<prov:value xsi:type="xsd:boolean">true</prov:value>' in written
    assert '<prov:value xsi:type="xsd:string">first</prov:value>' in written


def test_a_text_that_is_no_value_of_its_type_stays_a_text():
    computation = a_computation(inputs=bindings(("eps", Literal(text="half"))))

    told = document(computation)

    values = [facts(e).get(PROV_VALUE) for e in told.get_records(ProvEntity)]
    assert "half" in values


def test_every_relation_has_an_identifier_of_its_own():
    relations = list(document(every_ending()["differing repetition"]).get_records(ProvRelation))

    assert all(relation.identifier for relation in relations)
    assert len({relation.identifier for relation in relations}) == len(relations)


def test_a_repetition_names_the_original_and_the_verdict():
    told = document(every_ending()["differing repetition"])

    communication = only(told.get_records(ProvCommunication))
    said = facts(only(told.get_records(ProvActivity)))
    original = f"{PUBLIC_URL}/api/computations/DBSCAN_ID_0#activity"
    assert communication.args[1].uri == original
    assert said[words.REPEATS] == "DBSCAN_ID_0"
    assert said[words.VERDICT] == "differs"
    assert said[words.DIFFERING] == r'["clusters", "a \"b\""]'


def test_a_computation_that_never_ran_has_no_software_and_no_times():
    told = document(every_ending()["without times"])

    activity = only(told.get_records(ProvActivity))
    assert activity.get_startTime() is activity.get_endTime() is None
    assert not any(facts(usage).get(PROV_ATTR_TIME) for usage in told.get_records(ProvUsage))
    assert {facts(a)[PROV_LABEL] for a in told.get_records(ProvAgent)} == {"ann", "demo"}


@pytest.mark.parametrize("ending", every_ending())
def test_things_happen_in_an_order_that_prov_constraints_allow(ending):
    computation = every_ending()[ending]

    told = document(computation)

    used = {r.args[1]: facts(r).get(PROV_ATTR_TIME) for r in told.get_records(ProvUsage)}
    generated = {r.args[0]: facts(r).get(PROV_ATTR_TIME) for r in told.get_records(ProvGeneration)}
    assert set(used.values()) <= {computation.started_at}
    assert set(generated.values()) <= {computation.ended_at}
    assert not used.keys() & generated.keys()


def test_everything_that_a_relation_names_is_described():
    told = document(a_computation())

    described = {record.identifier for record in told.get_records() if record.is_element()}
    named = {
        name for relation in told.get_records(ProvRelation) for name in relation.args[:2] if name
    }
    assert named <= described


@pytest.mark.parametrize("media_type", FORMATS)
def test_the_same_record_gives_the_same_bytes(media_type):
    first = ProvWriter(PUBLIC_URL).write(a_computation(), a_method(), media_type)
    second = ProvWriter(f"{PUBLIC_URL}/").write(a_computation(), a_method(), media_type)

    assert first == second


@pytest.mark.parametrize("media_type", FORMATS)
def test_no_credential_reaches_a_document(media_type):
    addresses = [
        "https://ann:PLANTED@data.example.org/a.csv",
        "https://data.example.org/a.csv?gcube-token=PLANTED&year=2026",
        "https://data.example.org/a.csv?access_token=PLANTED",
        "https://s3.example.org/a.csv?X-Amz-Signature=PLANTED&X-Amz-Credential=PLANTED",
        "https://data.example.org/a.csv#access_token=PLANTED",
        "https://[PLANTED/a.csv",
    ]
    files = [("points", a_file(source=a, schema=a.partition("#")[0])) for a in addresses]
    computation = a_computation(
        inputs=bindings(*files),
        outputs=bindings(*files),
        log=a_file(source=addresses[0]),
        address_key="PLANTED",
    )

    written = ProvWriter(PUBLIC_URL).write(computation, a_method(), media_type)

    assert b"PLANTED" not in written
    assert b"data.example.org/a.csv?year=2026" in written


def test_an_unknown_format_is_refused_with_those_that_there_are():
    with pytest.raises(NotFound, match=r"'text/html'.*application/provenance\+xml"):
        ProvWriter(PUBLIC_URL).write(a_computation(), a_method(), "text/html")


@given(record=records())
@settings(deadline=None, max_examples=50, suppress_health_check=list(HealthCheck))
def test_the_notation_can_be_read_by_others(record):
    computation, method = record

    written = ProvWriter(PUBLIC_URL).write(computation, method, PROV_N)

    told = ProvDocument.deserialize(content=written.decode(), format="provn")
    assert len(told.get_records()) == len(document(computation, method).get_records())
