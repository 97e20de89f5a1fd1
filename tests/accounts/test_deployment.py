"""An installation that is reached over HTTPS has nothing to be told by Django's own check."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

PRODUCTION = {
    "PUBLIC_URL": "https://go.example.com",
    "ADMIN_HOSTS": "admin.example.com",
    "ALLOWED_HOSTS": "go.example.com,admin.example.com",
    "TRUSTED_PROXIES": "1",
}


def check(data_dir, **environment):
    clean = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=settings.BASE_DIR,
        env={**clean, "DATA_DIR": str(data_dir), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_deployment_check_is_content(tmp_path):
    checked = check(tmp_path, **PRODUCTION)

    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize(
    ("name", "value", "warning"),
    [("PUBLIC_URL", "http://go.example.com", "security.W012"), ("DEBUG", "true", "security.W018")],
)
def test_it_still_tells_what_is_wrong(tmp_path, name, value, warning):
    checked = check(tmp_path, **{**PRODUCTION, name: value})

    assert checked.returncode == 1
    assert warning in checked.stderr
