"""Pictures in an S3-compatible bucket, with a real server in front of it."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from moto.server import ThreadedMotoServer

PROJECT = Path(__file__).resolve().parents[2]
KEEP_AND_SERVE = """
from django.test import Client
from django.core.files.storage import default_storage
from shortener.own_previews import FOLDER, keep_picture
visitor = Client(headers={"host": "localhost"})
name = keep_picture(1, b"a picture")
assert keep_picture(1, b"a picture") == name
served = visitor.get(f"/preview/{name}")
assert (served.status_code, served.content) == (200, b"a picture"), served
assert visitor.get("/preview/Ab3dE9-0123456789abcdef.jpg").status_code == 404
default_storage.delete(FOLDER + name)
assert visitor.get(f"/preview/{name}").status_code == 404
print(name)
"""


@pytest.fixture
def bucket():
    """The variables that name a bucket, and the way to it."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    make = Request(f"http://{host}:{port}/pictures", method="PUT")
    urlopen(make, timeout=10).close()
    yield {
        "AWS_ENDPOINT_URL_S3": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
        "MEDIA_BUCKET": "pictures",
    }
    server.stop()


def test_pictures_lie_in_a_bucket(bucket, tmp_path):
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), **bucket}
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "--command", KEEP_AND_SERVE],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith(".jpg")
    assert not (tmp_path / "media").exists()
