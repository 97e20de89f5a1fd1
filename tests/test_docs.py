"""The documentation says what the code does."""

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
SETTINGS = (PROJECT / "config" / "settings.py").read_text()
DOCUMENTED = dict(
    re.findall(r"^\| `([A-Z_]+)` \| (.*)$", (PROJECT / "docs" / "settings.md").read_text(), re.M)
)


def test_settings_and_their_documentation_agree():
    read = re.findall(r'\benv_\w+\(\s*"([A-Z_]+)"', SETTINGS)

    assert sorted(DOCUMENTED) == sorted(read)


@pytest.mark.parametrize(
    ("name", "default"), re.findall(r'\benv_\w+\(\s*"([A-Z_]+)",\s*"([^"]+)"', SETTINGS)
)
def test_defaults_are_documented(name, default):
    assert DOCUMENTED[name].startswith(f"`{default}`")
