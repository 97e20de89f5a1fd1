"""The parts of ``manage.py up`` that need no processes; tests/end_to_end has the rest."""

import socket

import pytest
import redis

from shortener import valkey
from shortener.management.commands import up
from shortener.supervisor import StartError
from tests.end_to_end.processes import free_port


def test_a_free_port_may_be_used():
    up.check_port("127.0.0.1", free_port())


def test_a_taken_port_is_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StartError, match=f"Port {port} on 127.0.0.1 is taken .*PORT=9000"):
            up.check_port("127.0.0.1", port)


def test_a_port_shared_by_others_counts_as_taken():
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(StartError, match="taken"):
            up.check_port("127.0.0.1", taken.getsockname()[1])


def test_an_address_of_another_machine_is_named():
    with pytest.raises(StartError, match=r"HOST='192\.0\.2\.1' with PORT=8000 cannot be used"):
        up.check_port("192.0.2.1", 8000)


@pytest.mark.parametrize(
    ("public_url", "admin_hosts", "expected"),
    [
        ("http://localhost:8000", [], "http://localhost:8000/admin/"),
        ("https://go.example", ["go.example"], "https://go.example/admin/"),
        ("https://go.example", ["desk.example"], "https://desk.example/admin/"),
    ],
)
def test_admin_url(settings, public_url, admin_hosts, expected):
    settings.PUBLIC_URL = public_url
    settings.PUBLIC_HOST = public_url.partition("//")[2].partition(":")[0]
    settings.ADMIN_HOSTS = admin_hosts

    assert up.admin_url() == expected


@pytest.mark.parametrize(
    ("demo", "password", "told"),
    [
        (True, "abcd", ["Demo page", "Admin", "Login", "Password"]),
        (True, None, ["Demo page", "Admin"]),
        (False, None, ["Admin"]),
    ],
)
def test_welcome_tells_what_there_is(settings, demo, password, told):
    settings.DEMO = demo

    assert [line.split("  ")[0] for line in up.welcome(password)[2:-2]] == told


def test_box_fits_its_longest_line():
    assert up.box(["a", "long"]).strip().split("\n") == [
        "+--------+",
        "|  a     |",
        "|  long  |",
        "+--------+",
    ]


def test_valkey_listens_on_the_socket_alone(tmp_path):
    command = valkey.command(tmp_path / "socket", tmp_path)

    assert command[command.index("--port") + 1] == "0"
    assert command[command.index("--unixsocketperm") + 1] == "700"
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"


def test_valkey_on_the_path_stands_in_for_ours(monkeypatch):
    monkeypatch.setattr(valkey, "SERVERS", ("sh",))
    monkeypatch.setattr("platform.machine", lambda: "riscv64")

    assert valkey.binary().endswith("/sh")


def test_no_valkey_at_all_is_said(monkeypatch):
    monkeypatch.setattr(valkey, "SERVERS", ())
    monkeypatch.setattr("platform.machine", lambda: "riscv64")

    with pytest.raises(
        StartError, match="Install valkey-server or redis-server, or set REDIS_URL"
    ):
        valkey.binary()


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (lambda self: True, True),
        (redis.exceptions.BusyLoadingError("loading"), False),
        (redis.exceptions.ConnectionError("refused"), False),
    ],
)
def test_answers(monkeypatch, tmp_path, outcome, expected):
    def ping(self):
        if isinstance(outcome, Exception):
            raise outcome
        return outcome(self)

    monkeypatch.setattr(redis.Redis, "ping", ping)

    assert valkey.answers(tmp_path / "socket") is expected
