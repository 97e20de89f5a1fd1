"""``manage.py up``: the whole product by one command."""

from __future__ import annotations

import errno
import http.client
import socket
import sys
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connections

from shortener import demo, valkey
from shortener.destinations import DEMO_PATH
from shortener.supervisor import Child, StartError, Supervisor, end_leftovers, locked

UNSPECIFIED = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - read, not bound


class Command(BaseCommand):
    help = "Start everything on this machine, until Ctrl-C: broker, worker, shipper, web server."

    def handle(self, **options: Any) -> None:
        supervisor = Supervisor(settings.DATA_DIR, python_path=settings.BASE_DIR)
        supervisor.stop_on_signals()
        try:
            with locked(settings.DATA_DIR / "up.lock"):
                end_leftovers(settings.DATA_DIR)
                try:
                    self._start(supervisor)
                    supervisor.run()
                    self._say("Stopping.")
                finally:
                    supervisor.stop()
        except StartError as error:
            raise CommandError(str(error)) from error
        self._say("Stopped. Everything counted is kept.")

    def _start(self, supervisor: Supervisor) -> None:
        self._say(f"Checking that {settings.HOST}:{settings.PORT} is free.")
        check_port(settings.HOST, settings.PORT)
        self._start_broker(supervisor)
        self._say("Bringing the database up to date.")
        migrate()
        call_command("roles", stdout=self.stdout)
        password = self._prepare_demo() if settings.DEMO else None
        # The supervisor lives long and needs the database no more.
        connections.close_all()
        self._say("Starting the worker.")
        supervisor.start(Child("worker", worker_command(), patience=15))
        self._say("Starting the shipper.")
        supervisor.start(Child("shipper", shipper_command(), patience=15))
        self._say("Starting the web server.")
        supervisor.start(Child("web", web_command(), patience=20), is_ready=web_answers)
        if not supervisor.is_stopping:
            self._say(box(welcome(password)))

    def _start_broker(self, supervisor: Supervisor) -> None:
        if settings.CELERY_BROKER_URL != settings.EMBEDDED_BROKER_URL:
            self._say("Using the broker that the settings name.")
            return
        path, directory = settings.VALKEY_SOCKET, settings.DATA_DIR / "valkey"
        self._say(f"Starting Valkey on {path}.")
        directory.mkdir(exist_ok=True)
        path.unlink(missing_ok=True)
        child = Child("valkey", valkey.command(path, directory), patience=15)
        try:
            supervisor.start(child, is_ready=lambda: valkey.answers(path), within=120)
        except StartError as error:
            raise StartError(
                f"{error} {valkey.log_file(directory)} says why. {directory} may be deleted: "
                "whatever is not in the database yet is sent again from the journal."
            ) from error

    def _prepare_demo(self) -> str | None:
        self._say("Preparing the demo.")
        demo.ensure()
        return demo.ensure_admin(settings.DATA_DIR / "admin_password")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def check_port(host: str, port: int) -> None:
    """Raise StartError unless we can listen there."""
    other = 9000 if port != 9000 else 9001
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            # Connections that have just been closed may stay, as they may for the server.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            # Two may bind with the option above, but only one may listen.
            probe.listen(1)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise StartError(
                f"Port {port} on {host} is taken by another program. "
                f"Stop that, or choose another port: PORT={other} make run"
            ) from error
        raise StartError(
            f"HOST={host!r} with PORT={port} cannot be used: {error.strerror}. "
            f"Another port: PORT={other} make run"
        ) from error


def migrate() -> None:
    try:
        call_command("migrate", verbosity=0, interactive=False)
    except OperationalError as error:
        raise StartError(f"The database cannot be used: {error}") from error


def worker_command() -> list[str]:
    """One worker with one thread: two would only wait for each other's SQLite transactions."""
    return [
        sys.executable,
        # Celery advises root against pickled messages; ours are JSON, and in a container
        # everybody is root.
        "-W",
        "ignore:You're running the worker with superuser",
        *("-m", "celery", "--quiet", "--app", "config", "worker", "--beat"),
        *("--pool", "threads", "--concurrency", "1", "--loglevel", "WARNING"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        *("--schedule", settings.CELERY_BEAT_SCHEDULE_FILENAME),
    ]


def shipper_command() -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), "ship"]


def web_command() -> list[str]:
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"),
        *("--host", settings.HOST, "--port", str(settings.PORT)),
        *("--workers", str(settings.WEB_WORKERS)),
        *("--blocking-threads", str(settings.WEB_THREADS)),
        *("--respawn-failed-workers", "--respawn-interval", "0.5"),
        *("--workers-kill-timeout", "15", "--log-level", "warning"),
        "config.wsgi:application",
    ]


def web_answers() -> bool:
    """Say whether the web server answers requests."""
    host = UNSPECIFIED.get(settings.HOST, settings.HOST)
    connection = http.client.HTTPConnection(host, settings.PORT, timeout=5)
    try:
        connection.request("GET", "/robots.txt", headers={"Host": settings.PUBLIC_HOST})
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    else:
        return True
    finally:
        connection.close()


def welcome(password: str | None) -> list[str]:
    """Return what to say once everything runs."""
    lines = ["Grapevine is running.", ""]
    if settings.DEMO:
        lines.append(f"Demo page  {settings.PUBLIC_URL}{DEMO_PATH}")
    lines.append(f"Admin      {admin_url()}")
    if password:
        lines += [f"Login      {demo.ADMIN}", f"Password   {password}"]
    return [*lines, "", "Ctrl-C stops it."]


def admin_url() -> str:
    """Return the admin's address: on an admin host, where there are some."""
    if not settings.ADMIN_HOSTS or settings.PUBLIC_HOST in settings.ADMIN_HOSTS:
        return f"{settings.PUBLIC_URL}/admin/"
    return f"{urlsplit(settings.PUBLIC_URL).scheme}://{settings.ADMIN_HOSTS[0]}/admin/"


def box(lines: list[str]) -> str:
    """Return the lines in a frame of characters that every terminal has."""
    width = max(map(len, lines))
    edge = f"+{'-' * (width + 4)}+"
    return "\n".join(["", edge, *(f"|  {line:<{width}}  |" for line in lines), edge, ""])
