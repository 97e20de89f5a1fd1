"""What ``share.js`` holds itself is what Python says, and it stays small."""

import gzip
import json
import re

import pytest
from django.conf import settings

from shortener import script, script_data
from shortener.channels import BY_NAME, DEFAULT_BUTTONS
from shortener.destinations import TRACKING
from shortener.labels import LABELS

SOURCE = script.SOURCE.read_text()
PROMISED = 5 * 1024
COMMENT = re.compile(r"\s*(//|/?\*)")
TEXT = re.compile(r"""\"[^"\n]*\"|'[^'\n]*'|`(?:\$\{[^`{}]*\}|[^`$])*`""")
"""A text in quotes or backticks, the latter with nothing in backticks or braces in its own."""


def table(name):
    """Return a constant of the script, whose names stand without quotes and commas behind all."""
    [body] = re.findall(rf"^const {name} = (\{{.*?\}})$", SOURCE, re.MULTILINE | re.DOTALL)
    quoted = re.sub(r"([{,]\s*)(\w+):", r'\1"\2":', body)
    return json.loads(re.sub(r",(\s*[}\]])", r"\1", quoted))


def test_it_is_as_small_as_promised():
    assert len(gzip.compress(script.served().encode(), 9)) <= PROMISED


def test_what_is_served_has_no_comments_and_ends_whole():
    served = script.served()

    assert not re.search(r"^\s*(//|/?\*)", served, re.MULTILINE)
    assert served.endswith("}\n")


def test_no_comment_stands_behind_code():
    assert not re.search(r"^(?!\s*(//|/?\*)).*\S[ \t]+(//|/\*)", SOURCE, re.MULTILINE)


def test_no_text_stands_within_another():
    code = "\n".join(line for line in SOURCE.splitlines() if not COMMENT.match(line))
    bare = TEXT.sub("", code)

    assert [mark for mark in "\"'`" if mark in bare] == []


def test_its_channels_are_the_ones_that_most_sites_show():
    channels = table("channels")

    assert tuple(channels) == script_data.INLINE == DEFAULT_BUTTONS
    for name, (icon, *rest) in channels.items():
        path, label, *address = script_data.row(BY_NAME[name])
        # These are called as the page's language has it.
        known = rest if name not in {"email", "copy", "native"} else [label, *rest[1:]]
        assert [icon, *known] == [path, label, *address]


def test_its_english_is_pythons():
    assert table("labels") == {"en": list(LABELS["en"])}


@pytest.mark.parametrize("name", ["email", "copy", "native"])
def test_what_is_no_app_is_called_by_a_word(name):
    assert re.search(rf"local = {{.*\b{name}\b.*}}", SOURCE)


@pytest.mark.parametrize(
    ("name", "tracks"),
    [
        ("utm_source", True),
        ("utm_", False),
        ("fbclid", True),
        ("gclid", True),
        ("msclkid", True),
        ("twclid", True),
        ("ttclid", True),
        ("yclid", True),
        ("igshid", True),
        ("mc_cid", True),
        ("mc_eid", True),
        ("_ga", True),
        ("ref_src", True),
        ("id", False),
        ("q", False),
        ("gv", False),
        ("circlid-x", False),
        ("my_gallery", False),
        ("ref", False),
        ("utm_sourcé", False),
        ("UTM_SOURCE", False),
    ],
)
def test_script_and_server_leave_out_the_same_parameters(name, tracks):
    [pattern] = re.findall(r"/\^(\(utm_.*\))\$/", SOURCE)

    assert pattern == f"({TRACKING.pattern})"
    assert bool(TRACKING.fullmatch(name)) is tracks


@pytest.mark.parametrize("words", ["innerHTML", "eval(", "style=", "document.cookie", "import("])
def test_it_does_nothing_that_a_strict_page_forbids(words):
    assert words not in SOURCE


def test_it_names_no_server_but_those_of_the_apps():
    hosts = set(re.findall(r"https?://([\w.]+)", script.served()))

    assert hosts == {"wa.me", "t.me", "www.w3.org"}


def test_the_sizes_in_the_docs_are_true():
    page = (settings.BASE_DIR / "docs/decisions/share-script.md").read_text()
    tables = re.compile(r"^const (channels|labels)=\{.*?\}$", re.MULTILINE | re.DOTALL)
    one, data = script.served(), script_data.served()
    sizes = [one, data, tables.sub("", one) + "const more = " + data]

    packed = [len(gzip.compress(text.encode(), 9)) for text in sizes]
    printed = [int(size.replace(",", "")) for size in re.findall(r"\| ([\d,]+) \|$", page, re.M)]
    assert printed == packed
