"""Whether a client still waits is seen at its connection."""

from __future__ import annotations

import socket

import pytest

from dataminer.connections import hung_up_of


@pytest.mark.parametrize("name", ["gunicorn.socket", "werkzeug.socket"])
def test_a_client_that_closes_its_connection_has_hung_up(name):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        hung_up = hung_up_of({name: ours})

        assert not hung_up()
        theirs.close()
        assert hung_up()


def test_a_client_that_sends_its_next_request_still_waits():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"GET")

        assert not hung_up_of({"gunicorn.socket": ours})()
        assert ours.recv(3) == b"GET"


def test_a_connection_that_is_gone_has_hung_up():
    ours, theirs = socket.socketpair()
    hung_up = hung_up_of({"gunicorn.socket": ours})
    ours.close()
    theirs.close()

    assert hung_up()


def test_nothing_is_known_where_the_server_shows_no_connection():
    assert hung_up_of({}) is None
    assert hung_up_of({"gunicorn.socket": object()}) is None
