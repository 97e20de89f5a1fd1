import json

import pytest

from shortener.events import MAX_BYTES, read_events

PRESS = {"kind": "press", "code": "Ab3dE9"}


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "not JSON"),
        (b"[", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"{}", "should be a JSON array"),
        (b"[" + b" " * MAX_BYTES + b"]", "At most 16384 bytes"),
        (json.dumps([PRESS] * 21).encode(), "At most 20 events are taken at once, not 21"),
        (b"[3]", "Event 1: it should be an object"),
        (b'[{"kind": "jump", "code": "x"}]', "its kind is 'jump' and should be one of: press"),
        (b'[{"code": "x"}]', "its kind is 'None'"),
        (b'[{"kind": "press"}]', "needs a code"),
        (b'[{"kind": "press", "code": 5}]', "needs a code"),
        (b'[{"kind": "press", "code": "x", "parent": 5}]', "its parent should be text"),
    ],
)
def test_what_cannot_be_read_is_named(body, problem):
    events, found = read_events(body)
    assert events == []
    assert problem in found


def test_one_bad_event_does_not_take_the_others_with_it():
    events, problem = read_events(json.dumps([PRESS, 3, PRESS | {"placement": "top"}]).encode())
    assert [event.placement for event in events] == ["", "top"]
    assert problem == "Event 2: it should be an object."


def test_placements_are_cut_and_cleaned():
    body = json.dumps([PRESS | {"placement": "a\x00b\n" + "c" * 100}]).encode()
    (event,), _ = read_events(body)
    assert event.placement == "ab" + "c" * 38


def test_an_unreadable_parent_is_left_out():
    (event,), _ = read_events(json.dumps([PRESS | {"parent": "nonsense"}]).encode())
    assert event.fact(1, 65, lambda code: None)["parent"] == 0
    assert event.fact(1, 65, lambda code: (1, 129))["parent"] == 129
