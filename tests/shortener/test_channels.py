import pytest

from shortener.channels import BUTTONS, BY_NAME, CHANNELS, DEFAULT_BUTTONS

URL = "https://go.example/Ab3dE9"


def test_numbers_and_names_are_unique():
    assert len({channel.number for channel in CHANNELS}) == len(CHANNELS)
    assert len(BY_NAME) == len(CHANNELS)


def test_numbers_fit_the_visitors_bit_mask():
    """A signed 64-bit column holds one bit for each channel."""
    assert all(0 <= channel.number < 62 for channel in CHANNELS)


def test_private_channels_have_the_numbers_below_32():
    for channel in CHANNELS[1:]:
        assert channel.private == (channel.number < 32), channel.name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "whatsapp",
            "https://wa.me/?text=Caf%C3%A9%20%26%20more%20https%3A%2F%2Fgo.example%2FAb3dE9",
        ),
        (
            "telegram",
            "https://t.me/share/url?url=https%3A%2F%2Fgo.example%2FAb3dE9&text=Caf%C3%A9%20%26%20more",
        ),
        ("sms", "sms:?&body=Caf%C3%A9%20%26%20more%20https%3A%2F%2Fgo.example%2FAb3dE9"),
        (
            "email",
            "mailto:?subject=Caf%C3%A9%20%26%20more"
            "&body=Caf%C3%A9%20%26%20more%20https%3A%2F%2Fgo.example%2FAb3dE9",
        ),
        (
            "facebook",
            "https://www.facebook.com/sharer/sharer.php?u=https%3A%2F%2Fgo.example%2FAb3dE9",
        ),
    ],
)
def test_compose_url(name, expected):
    assert BY_NAME[name].compose_url(text="Café & more", url=URL) == expected


def test_a_message_without_text_is_the_link_alone():
    expected = "https://wa.me/?text=https%3A%2F%2Fgo.example%2FAb3dE9"
    assert BY_NAME["whatsapp"].compose_url(text="", url=URL) == expected


def test_braces_in_a_text_are_text():
    assert "%7Burl%7D" in BY_NAME["whatsapp"].compose_url(text="{url}", url=URL)


def test_every_default_button_is_a_button():
    assert {BY_NAME[name] for name in DEFAULT_BUTTONS} <= set(BUTTONS)
