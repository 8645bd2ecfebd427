"""Which tools an open question on the page needs: on one event, on the two sides, on the slowing of one of them."""

from __future__ import annotations

from typing import Any

from agent.embedded.draft import EPOCH, Situation
from tools.labels import LABELS

AROUND = 5.0
"""Seconds before and after an event beyond the page in view that are looked at with it."""


def page_calls(s: Situation, place: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Calls for an open question; none where it is another kind of question."""
    aspect = s.intent.aspect
    if aspect == "nature":
        at, page = s.intent.moment or 0.0, s.page
        if not page.onset <= at <= page.onset + page.duration:
            return [("find_waveforms", {"labels": list(LABELS), "onset": max(0.0, at - AROUND),
                                        "duration": 2 * AROUND})]  # fmt: skip
        there = {"onset": page.onset, "duration": page.duration}
        return [("find_waveforms", {"labels": list(LABELS), **there})]
    if aspect == "asymmetry":
        return [("compare_sides", place)]
    if aspect == "slowing" and s.intent.quantity == "symmetry":
        return [("describe_page", place), ("compare_sides", place | {"band": "delta"})]
    return []


def too_short_to_stage(s: Situation) -> bool:
    """Whether the recording holds no epoch, so that only signs of a state can be told."""
    return s.recording.duration < EPOCH and not s.about_the_night and s.intent.act != "why"


def taken_for_granted(s: Situation) -> list[tuple[str, dict[str, Any]]]:
    """Look on all channels for what the question supposes at some, and what is not there."""
    found = s.of("find_waveforms")
    if len(found) != 1 or not s.intent.channels or not s.intent.presumed or s.intent.event_index is not None:
        return []
    if s.intent.whole_recording or any(found[0].event_counts.get(label) for label in s.intent.presumed):
        return []
    onset, duration = s.place
    labels = list(s.intent.presumed)
    return [("find_waveforms", {"labels": labels, "onset": onset, "duration": duration})]
