"""What every test shares: quiet threads, no network but loopback, and the way to real recordings."""

import os
import socket
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import pytest

LOOPBACK = {"127.0.0.1", "::1", "localhost", "0.0.0.0", None, ""}


@pytest.fixture(autouse=True)
def _only_loopback(monkeypatch):
    """Fail on any look-up or connection that leaves the machine."""
    look_up, connect = socket.getaddrinfo, socket.socket.connect

    def guarded_look_up(host, *args, **kwargs):
        name = host.decode() if isinstance(host, bytes) else host
        assert name in LOOPBACK, f"a test tried to look up {name}"
        return look_up(host, *args, **kwargs)

    def guarded_connect(sock, address):
        if isinstance(address, tuple):
            assert address[0] in LOOPBACK, f"a test tried to reach {address[0]}"
        return connect(sock, address)

    monkeypatch.setattr(socket, "getaddrinfo", guarded_look_up)
    monkeypatch.setattr(socket.socket, "connect", guarded_connect)


@pytest.fixture
def glossa_home(tmp_path, monkeypatch) -> Path:
    """An empty home folder for threads, uploads and the rule store."""
    home = tmp_path / "home"
    monkeypatch.setenv("GLOSSA_HOME", str(home))
    return home


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real recordings; tests that need it skip, and are counted, without it."""
    folder = os.environ.get("GLOSSA_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("real recordings absent: set GLOSSA_DATA to their folder")
    return Path(folder)


def pytest_terminal_summary(terminalreporter):
    """Say how many tests were skipped for want of real recordings."""
    skipped = terminalreporter.stats.get("skipped", [])
    missing = sum("GLOSSA_DATA" in str(report.longrepr) for report in skipped)
    terminalreporter.write_line(f"skipped for want of real recordings: {missing}")
