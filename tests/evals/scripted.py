"""A small task of pictures, a model that answers by a script, and a run of it in a process of its own."""

import re
import sys
from pathlib import Path

import pytest
from PIL import Image

from agent.settings import Settings
from evals import provenance
from evals.records import Card, Item, Task
from evals.systems.bare_model import BareModel
from tests.agent.openai_server import say

CARD = Card(
    name="toy", title="Toy", measures="Nothing.", source="Made up", licence="none", floor="50 %",
    ceiling="100 %", primary="MCQ accuracy",
)  # fmt: skip
LETTERS = "ABBABAAB"
RUNS_INSPECT = [
    pytest.mark.usefixtures("tidy"),  # it leaves streams open where a sample fails
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def toy(folder, count=8):
    """Questions with two options on a white picture each; the question names the item."""
    folder.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8), "white").save(folder / "page.png")
    items = tuple(
        Item(
            id=f"item-{n}", kind="mcq", group=f"patient {n // 2}", category="toy", images=("page.png",),
            turns=(f"Is it so in item-{n}?\nA) Yes\nB) No",), options=("Yes", "No"), key=LETTERS[n % 8],
        )
        for n in range(count)
    )  # fmt: skip
    return Task(card=CARD, folder=folder, items=items)


def served(url, home, **settings):
    """The bare model on a server."""
    more = {"max_retries": 0, "timeout_s": 20.0} | settings
    return BareModel(
        Settings(home=home, brain="openai", base_url=url, model="scripted", **more), "model scripted"
    )


def asked(server):
    """Which items of the toy task a server was asked, in order."""
    return [
        re.search(r"item-\d+", str(message["content"]))[0]
        for request in server.requests
        for message in request.messages[-1:]
    ]


def answers(request):
    """A plausible answer to whatever a task asks."""
    text = str(request.messages[-1]["content"])
    if "A) " in text or "A. " in text:
        return say("**A.** That is what it looks like.")
    if "sleep_stage" in text:
        return say('{"reasoning_text": "Spindles.", "applicable_rules": ["N2.1"], "sleep_stage": "N2"}')
    return say("N2: sleep spindles at C3 and C4 at 2.0 s, 13 Hz.")


def fixed_code():
    """Let a run be the same run although somebody edits the source while tests run."""
    provenance.code = lambda: "the code under test"


def main(url, place):
    """Run the toy task over a server, as a process that can be killed."""
    from evals.running import run

    fixed_code()
    place = Path(place)
    run([toy(place / "data", 12)], {"toy": [served(url, place / "home")]}, place / "logs")


if __name__ == "__main__":
    main(*sys.argv[1:])
