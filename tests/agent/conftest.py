"""A desk for talks: a home folder, the rule store, and a way to ask turn by turn."""

from pathlib import Path

import pytest

from agent.memory import ThreadStore
from agent.run import ask
from agent.settings import Settings
from knowledge.store import open_store
from tools.io import open_recording
from tools.page import default_page


class Talk:
    """One conversation about one recording; every answer is checked for what must always hold."""

    def __init__(self, path, home, rules, *, start=None, duration=10.0, brain=None, settings=None):
        self.recording = open_recording(path)
        self.settings = settings or Settings(home=home)
        self.threads = ThreadStore(home / "threads")
        self.rules, self.brain = rules, brain
        self.thread = self.threads.create("tester", self.recording.info.handle)
        self.page = default_page(self.recording.info, start, duration) if start is not None else None

    def steps(self, question):
        page, self.page = self.page, None
        return list(
            ask(question, self.recording, settings=self.settings, threads=self.threads, rules=self.rules,
                owner="tester", thread=self.thread, page=page, brain=self.brain)
        )  # fmt: skip

    def ask(self, question):
        answer = self.steps(question)[-1].answer
        assert answer.answer.strip()
        assert all(finding.evidence for finding in answer.findings)
        return answer

    def close(self):
        self.threads.close()
        self.recording.close()


@pytest.fixture(scope="session")
def rules(tmp_path_factory):
    return open_store(tmp_path_factory.mktemp("rules"))


@pytest.fixture(scope="session")
def demo(tmp_path_factory) -> Path:
    from models.demo import demo_recording

    return demo_recording(tmp_path_factory.mktemp("demo"))


@pytest.fixture
def talk(tmp_path, rules):
    opened = []

    def begin(path, **options):
        opened.append(Talk(path, tmp_path / f"home{len(opened)}", rules, **options))
        return opened[-1]

    yield begin
    for each in opened:
        each.close()
