from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.sockets import MAX_BYTES, make_private, socket_path


@pytest.fixture
def long_directory(tmp_path):
    directory = tmp_path / ("long" * 25)
    directory.mkdir()
    yield directory
    stand_in = socket_path(directory, "s").parent
    if stand_in != directory:
        stand_in.rmdir()


def test_a_short_directory_holds_its_socket():
    assert socket_path(Path("/srv/grapevine"), "v.sock") == Path("/srv/grapevine/v.sock")


def test_a_long_one_gets_a_private_stand_in(long_directory):
    path = socket_path(long_directory, "v.sock")

    assert len(str(path)) <= MAX_BYTES
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path == socket_path(long_directory, "v.sock")


def test_bytes_count_and_not_letters(tmp_path):
    room = MAX_BYTES - len(str(tmp_path / "x" / "v.sock"))
    directory = tmp_path / ("ü" * room)
    directory.mkdir()
    path = socket_path(directory, "v.sock")
    path.parent.rmdir()

    assert len(str(directory / "v.sock")) < MAX_BYTES
    assert path.parent != directory


@pytest.mark.parametrize(("mode", "owners"), [(0o755, None), (0o700, {-1})])
def test_a_stand_in_that_is_not_ours_is_refused(tmp_path, mode, owners):
    directory = tmp_path / "stand-in"
    directory.mkdir()
    directory.chmod(mode)

    with pytest.raises(ImproperlyConfigured, match="Choose a shorter DATA_DIR"):
        make_private(directory, owners=owners or {directory.stat().st_uid})


def test_a_link_is_no_stand_in(tmp_path):
    target = tmp_path / "target"
    target.mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(target)

    with pytest.raises(ImproperlyConfigured):
        make_private(tmp_path / "link", owners={target.stat().st_uid})
