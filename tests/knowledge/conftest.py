"""One built store for all tests that only read it."""

import pytest

from knowledge.store import RuleStore, open_store


@pytest.fixture(scope="session")
def rules(tmp_path_factory) -> RuleStore:
    return open_store(tmp_path_factory.mktemp("rules"))
