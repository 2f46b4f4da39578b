"""Whatever a client writes, the answer is valid and the door stands."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wps_door import a_door
from wps_requests import (
    a_box,
    a_complex,
    a_document,
    a_literal,
    a_reference,
    an_output,
    execute,
    raw,
)

thorough = settings(deadline=None, max_examples=200, suppress_health_check=list(HealthCheck))

NAMES = ("literalInput", "complexInput", "boundingBoxInput", "count", "share", "table", "shape",
         "computation", "provenance", "none", "")  # fmt: skip
OUTPUTS = ("literalOutput", "complexOutput", "boundingBoxOutput", "share", "status", "none", "")
PROCESSES = ("echo", "TYPED", "FAILS", "ABSENT", "resubmit", "dismiss", "none", "echo@1.0", "")

_xml_text = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), include_characters="\t\n"), max_size=12
)
texts = _xml_text | st.sampled_from(
    ("1", "true", "base64", "utf-8", "text/plain", "text/xml", "image/png", "EPSG:4326", "1 2",
     "3 4", "1 2 3", "http://x.example/", "data:,x", "POST", "%", "]]>", "<r/>", "QQ==")
)  # fmt: skip


def attributes(*names: str) -> st.SearchStrategy[dict[str, str]]:
    return st.dictionaries(st.sampled_from(names), texts, max_size=3)


encodings = attributes("mimeType", "encoding", "schema")
names = st.sampled_from(NAMES)
inputs = (
    st.builds(lambda n, t, a: a_literal(n, t, **a), names, texts, attributes("uom", "dataType"))
    | st.builds(lambda n, t, a: a_complex(n, f"<![CDATA[{t.replace(']]>', '')}]]>", **a), names,
                texts, encodings)
    | st.builds(lambda n, a: a_complex(n, "<r a='1'>t</r>", **a), names, encodings)
    | st.builds(lambda n, low, high, a: a_box(n, _only(low), _only(high), **a), names, texts, texts,
                attributes("crs", "dimensions"))
    | st.builds(lambda n, h, a: a_reference(n, h, **a), names, texts,
                attributes("mimeType", "encoding", "schema", "method"))
)  # fmt: skip
outputs = st.builds(
    lambda n, a: an_output(n, **a),
    st.sampled_from(OUTPUTS),
    attributes("mimeType", "encoding", "schema", "uom", "asReference"),
)
forms = (
    st.just("")
    | st.builds(lambda o, a: a_document(*o, **a), st.lists(outputs, max_size=3),
                attributes("lineage", "storeExecuteResponse", "status"))
    | st.builds(lambda o, s: a_document(*o, lineage="true", storeExecuteResponse="true", status=s),
                st.lists(outputs, max_size=3), st.sampled_from(("true", "false")))
    | st.builds(raw, st.sampled_from(OUTPUTS))
)  # fmt: skip


def _only(text: str) -> str:
    return text.replace("<", "").replace("&", "").replace("]]>", "")


@thorough
@given(st.sampled_from(PROCESSES), st.lists(inputs, max_size=3), forms)
def test_any_execute_document_has_a_valid_answer(process, given_inputs, form):
    door = a_door()

    response = door.post(execute(process, *given_inputs, form=form))  # checked to be valid

    assert response.status_code in (200, 400, 404, 413, 501) or b"exit code 3" in response.data
    for computation in door.computations():
        assert computation.status.has_ended
        assert door.get(f"/computations/{computation.address_key}").status_code == 200


def _queries() -> st.SearchStrategy[dict[str, Any]]:
    entry = st.builds(
        lambda n, t, a: f"{n}={quote(t, safe='')}{a}",
        names | st.sampled_from(OUTPUTS),
        texts,
        st.sampled_from(("", "@mimeType=text/xml", "@encoding=base64", "@uom=%25", "@href=x", "@")),
    )
    entries = st.lists(entry, max_size=3).map(";".join) | texts
    parameters = {
        "service": st.sampled_from(("WPS", "wps", "WMS")),
        "request": st.sampled_from(("Execute", "DescribeProcess", "GetCapabilities", "x")),
        "version": st.sampled_from(("1.0.0", "2.0.0", "")),
        "language": st.sampled_from(("en-US", "fr", "")),
        "identifier": st.sampled_from((*PROCESSES, "ALL", "echo,TYPED", ",")),
        "DataInputs": entries,
        "ResponseDocument": entries,
        "RawDataOutput": entries,
        "lineage": st.sampled_from(("true", "0", "x")),
        "storeExecuteResponse": st.sampled_from(("true", "false")),
        "status": st.sampled_from(("true", "false")),
        "AcceptVersions": texts,
    }
    return st.fixed_dictionaries({}, optional=parameters)


@thorough
@given(_queries(), st.booleans())
def test_any_query_has_a_valid_answer(parameters, encode):
    door = a_door()
    plain = "&".join(f"{name}={value}" for name, value in parameters.items())

    response = door.get("/?" + (urlencode(parameters) if encode else plain))  # checked

    assert response.status_code in (200, 400, 404, 501) or b"exit code 3" in response.data


@thorough
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_body_has_a_valid_answer(body):
    assert a_door().post(body).status_code in (400, 501)
