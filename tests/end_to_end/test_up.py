"""``manage.py up`` as an operator meets it: real processes, in a directory of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.end_to_end.processes import (
    PROJECT,
    Stack,
    family,
    is_alive,
    processes_of,
    wait_until,
)


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """A running product. The blank and the # are there to be minded."""
    with Stack(tmp_path_factory.mktemp("up") / "my data #1") as stack:
        yield stack


def up_once_more(stack, **environment):
    """Start another one, which is expected to refuse; return its exit code and words."""
    done = subprocess.run(
        [sys.executable, str(PROJECT / "manage.py"), "up"],
        env=stack.environment | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return done.returncode, done.stderr


def password(stack):
    return stack.said.partition("Password")[2].split()[0]


def test_it_serves_the_pages(stack):
    assert stack.get("/robots.txt").status == 200
    assert stack.get("/demo/").status == 200
    assert f"{stack.base}/demo/" in stack.said
    assert f"{stack.base}/admin/" in stack.said


def test_it_keeps_the_password_from_others(stack):
    file = stack.directory / "admin_password"

    assert file.read_text().strip() == password(stack)
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["valkey", "worker", "shipper", "web"])
def test_it_starts_a_killed_process_again(stack, name):
    killed = stack.pids()[name]
    os.kill(killed, signal.SIGKILL)

    wait_until(
        lambda: (pid := stack.pids().get(name)) and pid != killed and is_alive(pid),
        what=f"a new {name} process",
    )
    wait_until(stack.answers, what="an answer")
    assert f"The {name} process ended with -9" in stack.said


def test_it_ends_the_children_of_a_killed_process(stack):
    killed = stack.pids()["web"]
    members = family(stack, killed)
    assert len(members) >= 2
    os.kill(killed, signal.SIGKILL)

    wait_until(lambda: not any(map(is_alive, members)), what="the end of granian's workers")
    wait_until(stack.answers, what="an answer")


def test_it_refuses_a_port_that_is_taken(stack, tmp_path):
    code, words = up_once_more(stack, DATA_DIR=str(tmp_path / "other"))

    assert code == 1
    assert f"Port {stack.port} on 127.0.0.1 is taken" in words
    assert "PORT=9000 make run" in words
    assert not processes_of(tmp_path / "other")


def test_it_refuses_data_that_another_one_uses(stack):
    code, words = up_once_more(stack, PORT="1")

    assert code == 1
    assert f"already running on {stack.directory} (process {stack.process.pid})" in words


def test_it_stops_and_starts_again(tmp_path):
    with Stack(tmp_path / "data") as stack:
        first = password(stack)
        assert stack.stop(signal.SIGTERM) == 0
        assert processes_of(stack.directory) == {}

        stack.start()
        assert password(stack) == first
        # Killed, it can stop nothing; the kernel and the next start see to what is left.
        web = stack.pids()["web"]
        stack.kill()
        stack.start()
        assert not is_alive(web)
        assert stack.get("/robots.txt").status == 200

        assert stack.stop(signal.SIGINT) == 0
        assert processes_of(stack.directory) == {}


def test_what_outlives_its_supervisor_gives_way_to_the_next(tmp_path):
    with Stack(tmp_path / "data") as stack:
        pids = stack.pids()
        web = pids["web"]
        orphans = [pid for pid in family(stack, web) if pid != web]
        # Held, so that it sees nothing of the death that makes orphans of granian's workers.
        stack.process.send_signal(signal.SIGSTOP)
        os.kill(web, signal.SIGKILL)
        stack.kill()

        wait_until(lambda: not any(map(is_alive, pids.values())), what="the end of the others")
        assert orphans
        assert all(map(is_alive, orphans))
        stack.start()
        assert not any(map(is_alive, orphans))
        assert stack.answers()


@pytest.mark.skipif(
    not (os.environ.get("DATABASE_URL", "").startswith("postgres") and "REDIS_URL" in os.environ),
    reason="needs DATABASE_URL of a PostgreSQL server, and REDIS_URL",
)
def test_it_runs_on_services(tmp_path):
    server = urlsplit(os.environ["DATABASE_URL"])
    name = f"grapevine_up_{os.getpid()}"
    with psycopg.connect(server.geturl(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            with Stack(
                tmp_path / "data",
                DATABASE_URL=server._replace(path=f"/{name}").geturl(),
                REDIS_URL=os.environ["REDIS_URL"],
            ) as stack:
                assert stack.pids().keys() == {"worker", "shipper", "web"}
                assert stack.answers()
                assert stack.stop() == 0
                assert not (tmp_path / "data" / "grapevine.sqlite3").exists()
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
