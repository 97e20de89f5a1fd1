import re

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env


@pytest.mark.parametrize(
    ("read", "value", "expected"),
    [
        (lambda: env.env_str("X"), " text ", "text"),
        (lambda: env.env_str("X", "default"), None, "default"),
        (lambda: env.env_str("X", "default"), "", "default"),
        (lambda: env.env_int("X", "1"), "", 1),
        (lambda: env.env_bool("X", "false"), "True", True),
        (lambda: env.env_bool("X", "true"), None, True),
        (lambda: env.env_bool("X", "true"), "false", False),
        (lambda: env.env_int("X", "5"), None, 5),
        (lambda: env.env_int("X", "5", minimum=1), "1", 1),
        (lambda: env.env_list("X"), None, []),
        (lambda: env.env_list("X"), " a, ,b,", ["a", "b"]),
        (lambda: env.env_choice("X", "a", ("a", "b")), "b", "b"),
        (lambda: env.env_url("X", "", ("redis",)), None, ""),
        (lambda: env.env_url("X", "", ("redis", "rediss")), "rediss://h/0", "rediss://h/0"),
    ],
)
def test_it_reads(monkeypatch, read, value, expected):
    set_or_delete(monkeypatch, value)

    assert read() == expected


@pytest.mark.parametrize(
    ("read", "value", "words"),
    [
        (lambda: env.env_str("X"), None, "Set the X environment variable."),
        (lambda: env.env_bool("X", "false"), "yes", "X='yes' should be 'true' or 'false'."),
        (
            lambda: env.env_int("X", "1"),
            "many",
            "X='many' should be a whole number of at least 0.",
        ),
        (lambda: env.env_int("X", "1"), "-1", "X='-1' should be a whole number of at least 0."),
        (lambda: env.env_int("X", "1", minimum=3), "2", "X='2' should be a whole number"),
        (lambda: env.env_choice("X", "a", ("a", "b")), "c", "X='c' should be one of: a, b."),
        (
            lambda: env.env_url("X", "", ("redis", "unix")),
            "h",
            "X should start with one of: redis,",
        ),
    ],
)
def test_it_names_the_variable_that_is_wrong(monkeypatch, read, value, words):
    set_or_delete(monkeypatch, value)

    with pytest.raises(ImproperlyConfigured, match=f"^{re.escape(words)}"):
        read()


def test_it_does_not_repeat_an_address_that_may_hold_a_password(monkeypatch):
    monkeypatch.setenv("X", "mysql://user:secret@host")

    with pytest.raises(ImproperlyConfigured) as caught:
        env.env_url("X", "", ("postgres",))
    assert "secret" not in str(caught.value)


def test_a_file_wins_over_the_variable(monkeypatch, tmp_path):
    (tmp_path / "secret").write_text("from the file\n")
    monkeypatch.setenv("X", "from the variable")
    monkeypatch.setenv("X_FILE", str(tmp_path / "secret"))

    assert env.env_str("X") == "from the file"


def test_a_file_that_is_missing_is_named(monkeypatch):
    monkeypatch.setenv("X_FILE", "/nowhere/secret")

    with pytest.raises(ImproperlyConfigured, match="X_FILE='/nowhere/secret' cannot be read"):
        env.env_str("X", "default")


def set_or_delete(monkeypatch, value):
    monkeypatch.delenv("X_FILE", raising=False)
    if value is None:
        monkeypatch.delenv("X", raising=False)
    else:
        monkeypatch.setenv("X", value)
