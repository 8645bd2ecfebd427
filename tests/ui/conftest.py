"""The real server in a process of its own, for tests over the wire and in a browser."""

import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager

import httpx
import pytest

from tests.ui.tab import CHROMIUM


class Address(str):
    """Where a server is open, and its process."""

    process: subprocess.Popen

    def kill(self):
        """End the server as a crash would: it saves and says nothing more."""
        self.process.kill()
        self.process.wait(20)


@contextmanager
def _running(home, **settings):
    """Start the server on a free port, and stop it as Ctrl+C would."""
    env = os.environ | {"GLOSSA_HOME": str(home), "GLOSSA_PORT": "0"} | settings
    command = [sys.executable, "-m", "ui.cli", "ui", "--no-browser"]
    server = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)
    try:
        address = Address(re.search(r"http://127\.0\.0\.1:\d+", server.stderr.readline())[0])
        address.process = server
        httpx.get(address, timeout=60)  # connections wait until it is ready
        yield address
    finally:
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=20)


@pytest.fixture(scope="session")
def running():
    """A context manager: ``with running(home) as address``."""
    return _running


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()
