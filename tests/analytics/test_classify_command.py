"""``manage.py classify``: why a request was taken for what."""

import json
import sys
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.facts import PERSON, WHATSAPP


@pytest.fixture
def explained(monkeypatch):
    """Return a function that gives lines to the command and returns what it prints."""

    def explained(*lines, **options):
        monkeypatch.setattr(sys, "stdin", StringIO("".join(f"{line}\n" for line in lines)))
        out = StringIO()
        call_command("classify", stdout=out, **options)
        return out.getvalue().splitlines()

    return explained


def test_a_user_agent_a_line(explained):
    assert explained(WHATSAPP, "WhatsApp/2", PERSON, "", "Googlebot/2.1") == [
        "preview\twhatsapp\tpreview:whatsapp",
        "preview\tsignal\tpreview:signal",
        "click\t\tperson",
        "scanner\t\tscanner:empty-agent",
        "bot\t\tbot:isbot",
    ]


@pytest.mark.parametrize(
    ("request_", "row"),
    [
        ({"user_agent": PERSON, "method": "head"}, "scanner\t\tscanner:head"),
        (
            {"user_agent": PERSON, "headers": {"Sec-Purpose": "prefetch;prerender"}},
            "prefetch\t\tprefetch:sec-purpose",
        ),
        (
            {"user_agent": PERSON, "referrer": "https://web.telegram.org/k/"},
            "click\ttelegram\treferrer:telegram",
        ),
        ({"user_agent": PERSON, "referrer": "T.me"}, "click\ttelegram\treferrer:telegram"),
        ({}, "scanner\t\tscanner:empty-agent"),
    ],
)
def test_a_request_as_json(explained, request_, row):
    assert explained(json.dumps(request_)) == [row]


@pytest.mark.parametrize(
    ("agent", "declared", "conflict"),
    [
        ("TelegramBot (like TwitterBot)", "whatsapp", True),
        ("TelegramBot (like TwitterBot)", "telegram", False),
        ("TelegramBot (like TwitterBot)", "copy", False),
        (PERSON, "whatsapp", False),
    ],
)
def test_what_denies_the_declared_channel_is_a_conflict(explained, agent, declared, conflict):
    [line] = explained(json.dumps({"user_agent": agent, "declared": declared}), json=True)
    found = json.loads(line)
    assert (found["declared"], found["conflict"]) == (declared, conflict)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "Line 2: unexpected end"),
        ('{"agent": "x"}', "Line 2: 'agent' is not one of: user_agent, method"),
        ('{"user_agent": 7}', "Line 2: user_agent should be text."),
        ('{"headers": []}', "Line 2: headers should be an object"),
        ('{"declared": "pigeon"}', "Line 2: There is no channel 'pigeon'."),
    ],
)
def test_a_line_that_cannot_be_read_is_named(explained, line, why):
    with pytest.raises(CommandError, match=why):
        explained(PERSON, line)
