import json

import pytest

from shortener.channels import BUTTONS, BY_NAME
from shortener.labels import LABELS
from shortener.script_data import ICONS, row, served


def test_it_has_every_language_and_every_button():
    data = json.loads(served())

    assert data["labels"] == {language: list(words) for language, words in LABELS.items()}
    assert list(data["channels"]) == [channel.name for channel in BUTTONS]


@pytest.mark.parametrize("channel", BUTTONS, ids=lambda channel: channel.name)
def test_a_button_is_an_icon_a_label_and_the_way_to_open_the_app(channel):
    icon, label, *compose = row(channel)

    assert f'<path d="{icon}"' in (ICONS / f"{channel.name}.svg").read_text()
    assert label == LABELS["en"].of(channel)
    assert len(compose) == (2 if channel.app_compose else bool(channel.compose))


def test_what_is_filled_in_has_a_letter_for_its_name():
    assert row(BY_NAME["x"])[2] == "https://x.com/intent/post?text={t}&url={u}"
    assert row(BY_NAME["line"])[2] == "https://line.me/R/share?text={m}"
    assert row(BY_NAME["messenger"])[2:] == [
        "",
        "https://www.facebook.com/dialog/send?app_id={a}&link={u}&redirect_uri={p}",
    ]
