import pytest

from shortener.channels import BUTTONS, BY_NAME
from shortener.labels import LABELS, Labels, labels


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("de", "de"),
        ("de-AT", "de"),
        ("DE", "de"),
        ("pt", "pt"),
        ("pt-PT", "pt"),
        ("pt-BR", "pt-br"),
        ("zh-Hans-CN", "zh"),
        ("zh-Hant", "zh-hant"),
        ("zh-TW", "zh-hant"),
        ("zh-HK", "zh-hant"),
        ("eo", "en"),
        ("", "en"),
    ],
)
def test_a_language_tag_finds_its_words(tag, language):
    assert labels(tag) == LABELS[language]


@pytest.mark.parametrize("words", LABELS.values(), ids=list(LABELS))
def test_a_language_has_all_its_words(words):
    assert len(words) == len(Labels._fields)
    assert all(words)
    assert words.paste.count("{}") == 1
    assert all(word == word.strip() for word in words)


def test_every_button_has_a_label_in_every_language():
    for words in LABELS.values():
        found = {channel.name: words.of(channel) for channel in BUTTONS}
        assert len(set(found.values())) == len(BUTTONS), found


def test_apps_are_called_the_same_everywhere():
    assert {words.of(BY_NAME["whatsapp"]) for words in LABELS.values()} == {"WhatsApp"}
    assert LABELS["de"].of(BY_NAME["native"]) == "Teilen…"
    assert LABELS["de"].of(BY_NAME["email"]) == "E-Mail"
    assert LABELS["de"].of(BY_NAME["qr"]) == "QR"
