"""Our documents against the schemas that the standards' owners publish."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft4Validator
from lxml import etree

from provenance.writer import PROV_JSON, PROV_N, PROV_XML, TURTLE, ProvWriter
from tests.unit.provenance.prov_records import PUBLIC_URL, a_method, every_ending, records

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "tests" / "conformance" / "prov"
thorough = settings(deadline=None, max_examples=100, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def prov_xml() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(SCHEMAS / "prov.xsd"))


@pytest.fixture(scope="module")
def prov_json() -> Draft4Validator:
    return Draft4Validator(json.loads((SCHEMAS / "prov-json.schema.json").read_text()))


@pytest.mark.parametrize("ending", every_ending())
def test_every_ending_is_valid_prov_xml(prov_xml, ending):
    document = ProvWriter(PUBLIC_URL).write(every_ending()[ending], a_method(), PROV_XML)

    prov_xml.assertValid(etree.fromstring(document))


@pytest.mark.parametrize("ending", every_ending())
def test_every_ending_is_valid_prov_json(prov_json, ending):
    document = ProvWriter(PUBLIC_URL).write(every_ending()[ending], a_method(), PROV_JSON)

    prov_json.validate(json.loads(document))


@given(record=records())
@thorough
def test_any_values_are_valid_prov_xml(prov_xml, record):
    document = ProvWriter(PUBLIC_URL).write(*record, PROV_XML)

    prov_xml.assertValid(etree.fromstring(document))


@given(record=records())
@thorough
def test_any_values_are_valid_prov_json(prov_json, record):
    document = ProvWriter(PUBLIC_URL).write(*record, PROV_JSON)

    prov_json.validate(json.loads(document))


@pytest.mark.parametrize("media_type", [PROV_XML, PROV_JSON, TURTLE, PROV_N])
def test_another_process_writes_the_same_bytes(media_type):
    script = (
        "import sys; from tests.unit.provenance.prov_records import *\n"
        "from provenance.writer import ProvWriter\n"
        "record = every_ending()['differing repetition']\n"
        f"written = ProvWriter(PUBLIC_URL).write(record, a_method(), {media_type!r})\n"
        "sys.stdout.buffer.write(written)"
    )

    written = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env={"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed, "PATH": os.defpath},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(written) == 1
