"""Which channel a share belongs to, and where else it was seen."""

import pytest

from analytics.observed import conflicts
from shortener.channels import BY_NAME


@pytest.mark.parametrize(
    ("declared", "observed", "seen", "own", "others"),
    [
        ("whatsapp", "whatsapp", "whatsapp", "whatsapp", ""),
        ("whatsapp", "whatsapp", "whatsapp telegram", "whatsapp", "telegram"),
        ("whatsapp", "telegram", "telegram", "whatsapp", "telegram"),
        ("copy", "telegram", "telegram", "telegram", ""),
        ("native", "telegram", "telegram signal line", "telegram", "signal line"),
        ("addressbar", "line", "line x", "line", "x"),
        ("qr", "wechat", "wechat", "wechat", ""),
        # Evidence that cannot tell the two apart contradicts nothing.
        ("messenger", "meta", "meta facebook", "messenger", ""),
        ("messenger", "meta", "meta instagram", "messenger", "instagram"),
        ("sms", "imessage", "imessage google-messages", "sms", ""),
        ("sms", "whatsapp", "whatsapp", "sms", "whatsapp"),
        ("copy", "meta", "meta instagram", "meta", ""),
    ],
)
def test_conflicts(declared, observed, seen, own, others):
    bits = sum(1 << BY_NAME[name].number for name in seen.split())
    found, elsewhere = conflicts(BY_NAME[declared].number, BY_NAME[observed].number, bits)
    assert found == BY_NAME[own].number
    assert set(elsewhere) == {BY_NAME[name].number for name in others.split()}
