import pytest

from shortener import tags


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("utm_source", "whatsapp", None),
        ("utm_source", "{channel}", None),
        ("utm_content", "{share}-{placement}", None),
        ("ref", "Any Text", None),
        ("utm_campaign", "Summer", "has capitals: write “summer”"),
        ("utm_campaign", "summer sale", "write “summer-sale”"),
        ("UTM_source", "x", "Write “UTM_source” as “utm_source”"),
        ("utm_source", "{chanel}", "{chanel} in “utm_source” is not one of {channel}"),
        ("bad name", "x", "The tag name “bad name”"),
        ("", "x", "The tag name “”"),
        ("ref", "a\nb", "control character"),
        ("ref", "x" * 201, "longer than 200"),
    ],
)
def test_problems(name, value, problem):
    found = tags.problems({name: value})
    assert (problem in " ".join(found)) if problem else found == []


def test_a_placeholder_without_a_value_leaves_its_tag_out():
    filled = tags.fill({"a": "{channel}-{share}", "b": "{channel}"}, {"channel": "sms"})
    assert filled == {"b": "sms"}


@pytest.mark.parametrize(
    ("url", "parameters", "expected"),
    [
        ("https://e.com", [("a", "1")], "https://e.com?a=1"),
        ("https://e.com/p", [("a", "1"), ("b", "ü &")], "https://e.com/p?a=1&b=%C3%BC%20%26"),
        ("https://e.com/p?a=0", [("a", "1"), ("b", "2")], "https://e.com/p?a=0&b=2"),
        ("https://e.com/p?a=", [("a", "1")], "https://e.com/p?a="),
        ("https://e.com/p#top", [("a", "1")], "https://e.com/p?a=1#top"),
        ("https://e.com/p?x=%2B+%20&&y", [("a", "1")], "https://e.com/p?x=%2B+%20&&y&a=1"),
        ("https://e.com/p", [("a", "1"), ("a", "2")], "https://e.com/p?a=1"),
        ("https://e.com/p?q=1", [], "https://e.com/p?q=1"),
        (
            "https://e.com/p",
            [("a", "x\r\nSet-Cookie: b")],
            "https://e.com/p?a=x%0D%0ASet-Cookie%3A%20b",
        ),
    ],
)
def test_add_parameters(url, parameters, expected):
    assert tags.add_parameters(url, parameters) == expected
