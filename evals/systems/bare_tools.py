"""The bare tools: what the detectors find, with no understanding of the question and no rules."""

from __future__ import annotations

import time
from collections import defaultdict
from pathlib import Path

from evals.records import LETTERS, Item, Reply
from evals.scorers.assertions import assertions, labels_of
from evals.systems.assistant import found_events, opened, staged
from tools.labels import SPOKEN
from tools.types import Detection, ToolError


class BareTools:
    """Lists what was detected; of options it takes the one whose labels were found most surely."""

    name = "tools"

    def reply(self, item: Item, folder: Path) -> Reply:
        """Run the detectors on the item's page."""
        from tools.detect import detect

        begun = time.perf_counter()
        try:
            with opened(item, folder) as (recording, onset):
                item = item.model_copy(update={"onset": onset})
                if item.kind == "boxes":
                    made = found_events(recording, item)
                elif item.kind == "stages":
                    made = staged(recording)
                else:
                    made = _words(item, detect(recording, onset=item.onset, duration=item.duration))
        except ToolError as error:
            made = Reply(error=error.message)
        return made.model_copy(update={"seconds": round(time.perf_counter() - begun, 3)})


def _words(item: Item, found: Detection) -> Reply:
    standing = [event for event in found.events if not event.masked_by]
    if item.options:
        weight: dict[str, float] = defaultdict(float)
        for event in standing:
            weight[event.label] += event.confidence if event.confidence is not None else 0.5
        named = [
            {label for one in assertions(option).phenomena for label in labels_of(one.label)}
            for option in item.options
        ]
        marks = [sum(weight.get(label, 0.0) for label in labels) for labels in named]
        best = LETTERS[marks.index(max(marks))] if max(marks) else None
        return Reply(texts=(f"**{best}.**" if best else "no option was detected",), choice=best)
    lines = [
        f"{SPOKEN[e.label].capitalize()} at {', '.join(e.channels[:4]) or 'all channels'}, "
        f"{e.onset:.1f}-{e.onset + e.duration:.1f} s."
        for e in standing
    ]
    return Reply(texts=(" ".join(lines) or "Nothing was detected.",) * len(item.turns))
