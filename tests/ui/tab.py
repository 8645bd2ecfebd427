"""A tab of Debian's Chromium, for tests of the page as it is used."""

from __future__ import annotations

import shutil
import time
from urllib.parse import urlsplit

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
IN_A_BROWSER = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium here (apt-get install chromium)"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


class Tab:
    """One browser with its own cookies; it notes where its requests go."""

    def __init__(self, chromium, address, state=None):
        self.context = chromium.new_context(viewport={"width": 1366, "height": 768}, storage_state=state)
        self.page = self.context.new_page()
        self.requests, self.faults = [], []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.goto(address)
        self.page.wait_for_selector("#viewer img", timeout=60_000)

    def address(self):
        return self.page.get_attribute("#viewer img", "data-address")

    def wait_for(self, condition, seconds=30):
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "it did not happen"
            self.page.wait_for_timeout(50)

    def begin(self, question):
        self.page.fill("#question textarea", question)
        self.page.click("#ask")
        self.page.wait_for_selector("#stop", timeout=30_000)

    def ask(self, question):
        self.begin(question)
        self.page.wait_for_selector("#ask", timeout=60_000)
        return self.page.inner_text("#chat")

    def said(self):
        return self.page.inner_text("#chat")

    def agree_to(self, base_url):
        """Choose a server in the settings, with consent."""
        self.page.click("#settings-button")
        self.page.get_by_label("OpenAI-compatible server").click()
        self.page.fill("#base-url textarea", base_url)
        self.page.fill("#model textarea", "any")
        self.page.wait_for_selector("text=will be sent to 127.0.0.1")
        self.page.check("#consent input")
        self.page.click("#apply")
        self.page.wait_for_selector("#brain-line >> text=are sent to 127.0.0.1")

    def elsewhere(self):
        return [
            url for url in self.requests
            if urlsplit(url).scheme not in ("data", "blob") and urlsplit(url).hostname != "127.0.0.1"
        ]  # fmt: skip
