"""The README's commands and files exist: a document that lies is worse than none."""

import re
from pathlib import Path

import pytest

from ui.cli import build_parser

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def test_the_first_two_commands_are_demo_and_test():
    assert re.findall(r"make ([a-z-]+)", README)[:2] == ["demo", "test"]
    assert set(re.findall(r"make ([a-z-]+)  ", README)) <= TARGETS


@pytest.mark.parametrize("command", sorted(set(re.findall(r"glossa ([a-z]+)(?: |\n|`)", README))))
def test_every_command_it_names_exists(command):
    subparsers = next(a for a in build_parser()._actions if a.dest == "command")
    assert command in subparsers.choices


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#]+)\)", README))))
def test_every_file_it_links_exists(link):
    assert (ROOT / link).exists()


@pytest.mark.parametrize("folder", sorted(set(re.findall(r"^([a-z]+)/ ", README, re.MULTILINE))))
def test_every_folder_of_its_tree_exists(folder):
    assert (ROOT / folder).is_dir()
