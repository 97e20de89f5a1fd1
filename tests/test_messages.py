"""Every text of the admin and of visitors' pages stands in every language that is offered."""

from __future__ import annotations

from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

SCRIPT = Path(settings.BASE_DIR) / "bin/messages"


@pytest.fixture(scope="module")
def messages() -> Any:
    loader = SourceFileLoader("messages", str(SCRIPT))
    spec = spec_from_loader("messages", loader)
    assert spec
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.fixture
def template(messages) -> Any:
    return messages.collect()


def test_catalogs_are_in_step_with_the_texts(messages, template):
    found = [line for locale in messages.locales() for line in messages.problems(locale, template)]

    assert len(messages.locales()) == len(settings.LANGUAGES) - 1
    assert len(template) > 1000
    assert found == []


def test_a_text_that_lacks_a_translation_is_found(messages, template):
    template.add("Nobody has translated this.", locations=[("somewhere.py", 1)])

    [found] = messages.problems("de", template)

    assert found == (
        "locale/de/LC_MESSAGES/django.po: missing: 'Nobody has translated this.' (somewhere.py)"
    )
