import os
import signal
import sys

import pytest

from shortener import supervisor
from shortener.supervisor import Child, StartError, Supervisor, leftovers, locked, restart_delay
from tests.end_to_end.processes import is_alive, wait_until

STUBBORN = """
import pathlib, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
pathlib.Path(sys.argv[1]).write_text(str(child.pid))
time.sleep(60)
"""


@pytest.fixture
def supervise(tmp_path):
    watcher = Supervisor(tmp_path, python_path=tmp_path)
    yield watcher
    watcher.stop()


def running(child):
    """Return the process of a child, which must have one."""
    assert child.process is not None
    return child.process


def python(code, *arguments):
    return [sys.executable, "-c", code, *arguments]


@pytest.mark.parametrize(
    ("deaths", "expected"),
    [(1, 0.5), (2, 1.0), (3, 2.0), (6, 16.0), (7, 30.0), (8, 30.0), (10_000, 30.0)],
)
def test_restart_delay(deaths, expected):
    assert restart_delay(deaths) == expected


def test_it_names_what_it_started(supervise, tmp_path):
    child = Child("sleeper", python("import time; time.sleep(60)"), patience=5)
    supervise.start(child)
    pid = int((tmp_path / "run" / "sleeper.pid").read_text())

    assert pid == running(child).pid
    assert os.getpgid(pid) == pid
    wait_until(lambda: leftovers(tmp_path) == [pid], what="the mark")
    supervise.stop()
    assert not (tmp_path / "run" / "sleeper.pid").exists()
    assert leftovers(tmp_path) == []


def test_it_says_when_a_process_ends_at_once(supervise):
    child = Child("hasty", python("raise SystemExit(3)"), patience=5)

    with pytest.raises(StartError, match=r"The hasty process ended at once, with 3\."):
        supervise.start(child, is_ready=lambda: False)


def test_it_says_when_a_process_does_not_get_ready(supervise):
    child = Child("slow", python("import time; time.sleep(60)"), patience=5)

    with pytest.raises(StartError, match=r"The slow process was not ready in 0 s\."):
        supervise.start(child, is_ready=lambda: False, within=0.2)


def test_it_kills_a_family_that_does_not_stop(supervise, tmp_path):
    note = tmp_path / "pid"
    child = Child("stubborn", python(STUBBORN, str(note)), patience=0.2)
    supervise.start(child, is_ready=lambda: note.exists() and bool(note.read_text()))
    members = [running(child).pid, int(note.read_text())]
    assert all(map(is_alive, members))

    supervise.stop()

    wait_until(lambda: not any(map(is_alive, members)), what="the end of the family")


def test_it_starts_again_later_each_time(supervise, monkeypatch, caplog):
    now = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    child = Child("mortal", python("import time; time.sleep(60)"), patience=5)
    supervise.start(child)

    for lived, delay in [(1.0, 0.5), (1.0, 1.0), (1.0, 2.0), (61.0, 0.5)]:
        now += lived
        running(child).kill()
        os.waitid(os.P_PID, running(child).pid, os.WEXITED | os.WNOWAIT)
        supervise._tend(child)
        assert child.restart_at - now == delay
        supervise._tend(child)
        assert child.process is None
        now += delay
        supervise._tend(child)
        assert running(child).poll() is None
    assert "The mortal process ended with -9; starting it again in 2.0 s." in caplog.text


def test_it_starts_nothing_once_it_is_stopping(supervise):
    supervise.is_stopping = True
    child = Child("late", ["/nowhere"], patience=5)
    supervise.start(child, is_ready=lambda: False)

    assert child.process is None


def test_a_lock_is_held_once(tmp_path):
    path = tmp_path / "up.lock"
    refusal = rf"already running on .* \(process {os.getpid()}\)"
    with locked(path):
        with pytest.raises(StartError, match=refusal), locked(path):
            pass
        assert path.read_text() == f"{os.getpid()}\n"
    with locked(path):
        pass


def test_leftovers_are_ended(tmp_path):
    watcher = Supervisor(tmp_path, python_path=tmp_path)
    child = Child("forgotten", python("import time; time.sleep(60)"), patience=5)
    watcher.start(child, is_ready=lambda: leftovers(tmp_path) == [running(child).pid])

    supervisor.end_leftovers(tmp_path, patience=0.1)

    assert running(child).wait(5) == -signal.SIGKILL
    assert leftovers(tmp_path / "elsewhere") == []
