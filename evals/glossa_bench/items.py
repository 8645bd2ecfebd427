"""What is asked about a segment: a description, a choice, a question, and all boxes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from evals.glossa_bench.choices import OPTIONS, choice
from evals.glossa_bench.describe import description
from evals.glossa_bench.questions import question
from evals.glossa_bench.slots import Slot
from evals.glossa_bench.voice import Voice, Wordings
from evals.glossa_bench.words_test import TEST
from evals.glossa_bench.words_tuning import TUNING
from evals.records import LETTERS, Item
from models.truth import Truth

WORDS: dict[str, Wordings] = {"test": TEST, "tuning": TUNING}


def segment_items(slot: Slot, truth: Truth, number: int, partner: int) -> list[Item]:
    """The four things that are asked about one segment."""
    rng = np.random.default_rng([slot.seed, slot.source == "test", slot.row, slot.number])
    voice = Voice(WORDS[slot.source], rng)
    name = f"{number:03d}"
    place: dict[str, Any] = {
        "group": name, "category": truth.category or "normal", "recording": f"eeg/{name}.edf",
        "images": (f"img/{number}_av.jpg",), "duration": truth.duration, "truth": f"truth/{name}.json",
        "partner": f"eeg/{partner:03d}.edf",
    }  # fmt: skip
    about = {"generator": truth.generator, "slot": slot.category}
    told = description(truth, voice)
    pick = choice(truth, slot_letter(slot), voice)
    asked = question(truth, voice, false_premise=slot.false_premise)
    return [
        Item(id=f"{name}-description", kind="description", turns=(voice.say("ask description"),),
             reference=told, expects=about, **place),
        Item(id=f"{name}-mcq", kind="mcq", turns=(pick.text,), options=pick.options, key=pick.key,
             reference=pick.reference, expects=about | {"findings": list(pick.kinds)}, **place),
        Item(id=f"{name}-qa", kind="qa", turns=(asked.text,), reference=asked.answer,
             expects=about | asked.expects, **place),
        Item(id=f"{name}-boxes", kind="boxes", turns=(voice.say("ask boxes"),), reference=box_table(truth),
             expects=about, **place),
    ]  # fmt: skip


def slot_letter(slot: Slot) -> str:
    """Letter of the right option: of four segments of a category in a row, each has another one."""
    order = np.random.default_rng([slot.seed, 5, slot.row, slot.number // OPTIONS]).permutation(OPTIONS)
    return LETTERS[int(order[slot.number % OPTIONS])]


def box_table(truth: Truth) -> str:
    """All boxes as JSON, in the form of CerebraGloss: ``{label: [[channel, start, stop], ...]}``."""
    table: dict[str, list[list[Any]]] = {}
    for event in truth.events:
        rows = table.setdefault(event.label, [])
        rows += [[s.channel, round(s.onset, 1), round(s.onset + s.duration, 1)] for s in event.per_channel]
    return json.dumps(table)
