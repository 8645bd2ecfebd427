"""What tests share that run Inspect."""

import gc
import warnings

import pytest


@pytest.fixture
def tidy():
    """Let go of the streams that Inspect leaves open when a sample fails; else a later test is blamed."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.collect()
