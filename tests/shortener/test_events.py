"""What may stand in the body of POST /events, and the sentence for all that may not."""

import json

import pytest

from shortener.events import MAX_BYTES, read_events

CODE = {"kind": "press", "code": "Ab3dE9"}
PAGE = {"site": "demo", "url": "https://example.com/"}
VISIT = {"kind": "visit", **PAGE}
CONVERSION = {"kind": "conversion", **PAGE, "visit": "v-1", "name": "signup"}


def read(*items):
    return read_events(json.dumps(items).encode())


def details(item):
    (event,), problem = read(item)
    assert problem == ""
    return event.details


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "The body is not JSON"),
        (b"[", "The body is not JSON"),
        (b"\xff\xfe", "The body is not JSON"),
        (b'[{"kind": "press", "code": "\\ud800"}]', "The body is not JSON"),
        (b"{}", "The body should be a JSON array of events."),
        (b"null", "The body should be a JSON array of events."),
        (b"[" + b" " * MAX_BYTES + b"]", "At most 16384 bytes are taken at once."),
        (json.dumps([CODE] * 21).encode(), "At most 20 events are taken at once, not 21."),
    ],
)
def test_a_body_that_cannot_be_read_is_named(body, problem):
    events, found = read_events(body)
    assert events == []
    assert found.startswith(problem)


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        (3, "it should be an object"),
        ({"kind": "jump", "code": "x"}, "its kind is 'jump' and should be one of: press, cancel"),
        ({"code": "x"}, "its kind is 'None' and should be one of"),
        ({"kind": ["press"], "code": "x"}, "its kind is"),
        ({"kind": "press"}, "its code is missing"),
        ({"kind": "cancel", **PAGE}, "its code is missing"),
        ({"kind": "press", "code": " \n"}, "its code is missing"),
        ({"kind": "press", "code": 5}, "its code should be text"),
        (CODE | {"parent": 5}, "its parent should be text"),
        (CODE | {"placement": ["top"]}, "its placement should be text"),
        ({"kind": "visit"}, "it needs a code, or a site and a url"),
        ({"kind": "visit", "site": "demo"}, "it needs a code, or a site and a url"),
        ({"kind": "conversion", "url": "https://example.com/"}, "it needs a code, or a site"),
        (VISIT | {"site": {}}, "its site should be text"),
        (VISIT | {"referrer": 1}, "its referrer should be text"),
        (
            VISIT | {"navigation": "teleport"},
            "its navigation should be one of: navigate, reload, back_forward, prerender",
        ),
        (VISIT | {"navigation": []}, "its navigation should be one of"),
        (VISIT | {"automated": "yes"}, "its automated should be true or false"),
        (VISIT | {"automated": 1}, "its automated should be true or false"),
        (CONVERSION | {"visit": ""}, "its visit is missing"),
        (CONVERSION | {"visit": None}, "its visit is missing"),
        (CONVERSION | {"name": "\x00"}, "its name is missing"),
        (CONVERSION | {"value": "5"}, "its value should be a number"),
        (CONVERSION | {"value": True}, "its value should be a number"),
        (CONVERSION | {"value": 1e13}, "its value is out of range"),
        (CONVERSION | {"currency": "euro"}, "its currency should be a code of three letters"),
        (CONVERSION | {"currency": "E\u0130R"}, "its currency should be a code of three letters"),
        (CONVERSION | {"currency": 5}, "its currency should be text"),
    ],
)
def test_a_wrong_event_is_named(item, problem):
    events, found = read(CODE, item)
    assert len(events) == 1
    assert found.startswith(f"Event 2: {problem}")
    assert found.endswith(".")


def test_one_bad_event_takes_no_other_with_it():
    events, problem = read(CODE, 3, CODE | {"placement": "top"}, {"kind": "jump"})
    assert [event.details["placement"] for event in events] == ["", "top"]
    assert [event.number for event in events] == [1, 3]
    assert problem == "Event 2: it should be an object."


def test_no_more_than_the_fields_of_its_kind_are_taken():
    assert details(CODE | {"visitor": 5, "link": 9}) == {"parent": "", "placement": ""}
    assert details(CODE | {"kind": "cancel", "placement": "top"}) == {}


def test_what_is_left_out_has_a_value():
    assert details(VISIT) == {
        "parent": "",
        "referrer": "",
        "navigation": "navigate",
        "automated": False,
    }
    assert details(CONVERSION) == {
        "visit": "v-1",
        "name": "signup",
        "value": None,
        "currency": "",
        "automated": False,
    }


def test_texts_are_cut_and_cleaned():
    assert details(CODE | {"placement": " a\x00b\n" + "c" * 100})["placement"] == "ab" + "c" * 38
    assert details(VISIT | {"referrer": "News.Example\u202e"})["referrer"] == "news.example"
    assert details(CONVERSION | {"visit": "v" * 99, "name": "n" * 99}) | {} == {
        **details(CONVERSION),
        "visit": "v" * 40,
        "name": "n" * 40,
    }
    assert details(CONVERSION | {"currency": "eur"})["currency"] == "EUR"


def test_amounts_may_be_negative_and_have_a_fraction():
    assert details(CONVERSION | {"value": -3.5})["value"] == -3.5
    assert details(CONVERSION | {"value": 10**12})["value"] == 1e12
