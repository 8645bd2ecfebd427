"""Imports point one way, as ARCHITECTURE.md draws them."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "tools": set(),
    "knowledge": set(),
    "models": {"tools"},
    "agent": {"tools", "knowledge", "models"},
    "evals": {"tools", "knowledge", "models", "agent"},
    "ui": {"tools", "knowledge", "models", "agent", "evals"},
}
INSIDE_FUNCTIONS_ONLY = {"ui": {"models", "evals"}}
FRAMEWORKS = {
    "langchain",
    "langchain_core",
    "langchain_openai",
    "langgraph",
    "gradio",
    "torch",
    "transformers",
}
HEAVY = {"torch", "transformers", "gradio", "yasa", "chromadb", "ultralytics", "matplotlib", "mne"}
MADE_OF_GRADIO = {"app", "asking", "brain_panel", "layout", "showing"}
"""Modules of ``ui`` that are Gradio through and through; only functions and each other import them."""
FILES = sorted(path for folder in MAY_IMPORT for path in (ROOT / folder).rglob("*.py"))


def imported(tree, *, top_level=False):
    nodes = tree.body if top_level else ast.walk(tree)
    names = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(path):
    folder = path.relative_to(ROOT).parts[0]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    ours = imported(tree) & {*MAY_IMPORT, "tests"}
    assert ours <= MAY_IMPORT[folder] | {folder}
    assert not imported(tree, top_level=True) & INSIDE_FUNCTIONS_ONLY.get(folder, set())
    front = folder == "ui" and path.stem in MADE_OF_GRADIO
    heavy = HEAVY - {"gradio"} if front else HEAVY
    assert not imported(tree, top_level=True) & heavy, "heavy imports belong inside functions"
    of_front = {f"ui.{name}" for name in MADE_OF_GRADIO}
    at_top = {node.module for node in tree.body if isinstance(node, ast.ImportFrom)}
    assert front or not at_top & of_front, "Gradio would come along"


@pytest.mark.parametrize("folder", ["tools", "knowledge"])
def test_measuring_and_rules_know_no_framework(folder):
    for path in (ROOT / folder).rglob("*.py"):
        assert not imported(ast.parse(path.read_text(encoding="utf-8"))) & FRAMEWORKS, path.name


def test_importing_every_tool_pulls_no_framework():
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in (ROOT / "tools").rglob("*.py")
        if path.stem != "__init__"
    ]
    code = (
        f"import importlib, sys; [importlib.import_module(m) for m in {modules!r}]; "
        f"print(sorted({FRAMEWORKS!r} & set(sys.modules)))"
    )
    seen = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert seen.stdout.strip() == "[]"


def test_no_other_distribution_provides_our_package_names():
    from importlib.metadata import packages_distributions

    providers = packages_distributions()
    for folder in MAY_IMPORT:
        assert set(providers.get(folder, [])) <= {"glossa-eeg"}, folder
