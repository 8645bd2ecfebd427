"""What a segment cannot be said to show: the test that every distractor and every false premise has to pass.

A finding is absent when nothing that carries its name was drawn, however faint or masked, nor anything that is
taken for it. Where a reader might argue, the answer is no.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from evals.glossa_bench.facts import mentioned
from models.truth import Truth
from tools.labels import EPILEPTIFORM, side_of

AWAKE = ("wake", "eyes_open", "low_voltage")
ASLEEP = ("drowsy", "n2", "n3", "rem")
_SHARP = (*EPILEPTIFORM, "vertex", "wicket", "POSTS", "lambda", "pop")
_RHYTHMIC = (*EPILEPTIFORM, "temporal theta", "drowsy theta", "wicket", "sweat", "movement", "respiration",
             "slow_wave", "kcomplex", "POSTS", "lambda", "ecg", "pulse", "chewing", "sem")  # fmt: skip
_EYES = ("eyem", "eyer+", "eyer-", "sem", "rem", "movement", "sweat", "extreme")
_GROSS = ("movement", "extreme", "bad_channel", "flat")


class Rule(NamedTuple):
    """When a finding is absent: these labels were not drawn, the state is one of these, and the rest holds."""

    labels: tuple[str, ...]
    states: tuple[str, ...] = ()
    """Any state when empty."""
    also: Callable[[Truth], bool] = lambda truth: True


def _steady(truth: Truth) -> bool:
    """Nothing of the background begins or ends within the segment."""
    lasting = (*truth.background.posterior, *truth.background.slowing)
    return not truth.background.changing and all(p.duration > 0.9 * truth.duration for p in lasting)


def _even(truth: Truth) -> bool:
    """Both sides alike, artifacts included."""
    background = truth.background
    one_sided = [e for e in mentioned(truth, ("hfnoise", *_GROSS)) if _sides(e.event.channels) != "both"]
    return background.asymmetry is None and not background.slowing and not one_sided


def _sides(channels: tuple[str, ...]) -> str:
    sides = {side_of(channel) for channel in channels} - {"midline"}
    return "both" if len(sides) == 2 else "one"


def _no_slowing(truth: Truth) -> bool:
    return not truth.background.slowing and not truth.patterns


def _no_fast(truth: Truth) -> bool:
    return truth.background.fast_activity_rms_uv is None


def _loud(truth: Truth) -> bool:
    return truth.background.rms_uv > 6 and truth.background.asymmetry is None


ABSENT: dict[str, Rule] = {
    "spike": Rule(_SHARP, also=lambda t: not t.patterns),
    "sharp": Rule(_SHARP, also=lambda t: not t.patterns),
    "spsw": Rule((*_SHARP, "slow_wave"), also=lambda t: not t.patterns),
    "spsw run": Rule(("spsw", "slow_wave", "movement", "chewing"), also=lambda t: not t.patterns),
    "spindle": Rule(("spindle", "arousal", "short arousal", "mu")),
    "kcomplex": Rule(("kcomplex", "slow_wave", "vertex", "movement"),
                     ("wake", "eyes_open", "low_voltage", "drowsy", "n2", "rem")),
    "drowsiness": Rule(("sem", "vertex", "drowsy theta", "temporal theta"), ("wake", "eyes_open", "low_voltage", "n3"),
                       _no_slowing),
    "deep sleep": Rule(("slow_wave", "kcomplex", "movement", "sweat"), (*AWAKE, "drowsy", "rem"), _no_slowing),
    "alpha": Rule(("mu", "alpha", "wicket"), also=lambda t: not t.background.posterior),
    "variation": Rule(("arousal", "short arousal", "movement"), also=_steady),
    "asymmetry": Rule(("temporal theta", "wicket"), also=_even),
    "generalized slowing": Rule(("sweat", "respiration", "movement", "temporal theta", "drowsy theta", "slow_wave"),
                                AWAKE, _no_slowing),
    "focal slowing": Rule(("sweat", "respiration", "movement", "temporal theta", "wicket", "pulse", "extreme"),
                          (*AWAKE, "drowsy", "n2", "rem"), lambda t: _no_slowing(t) and _even(t)),
    "fast": Rule(("hfnoise", "chewing", "movement", "arousal", "short arousal", "line_noise"), also=_no_fast),
    "low voltage": Rule((), ("wake", "eyes_open", "drowsy", "n2", "n3", "rem", "slowed"), _loud),
    "blink": Rule(_EYES),
    "gaze": Rule(_EYES),
    "movement": Rule((*_GROSS, "chewing", "sweat", "pop")),
    "saturation": Rule((*_GROSS, "pop")),
    "muscle": Rule(("hfnoise", "chewing", "movement", "line_noise", "bad_channel"), also=_no_fast),
    "chewing": Rule(("chewing", "hfnoise", "movement")),
    "LPD": Rule(_RHYTHMIC, (*AWAKE, "drowsy", "n2", "rem"), _no_slowing),
    "GPD": Rule(_RHYTHMIC, (*AWAKE, "drowsy", "n2", "rem"), _no_slowing),
    "GRDA": Rule((*_RHYTHMIC, "eyem"), AWAKE, _no_slowing),
    "LRDA": Rule((*_RHYTHMIC, "eyem"), AWAKE, _no_slowing),
    "seizure": Rule((*_RHYTHMIC, "mu", "hfnoise"), also=_no_slowing),
    "burst_suppression": Rule(("burst_suppression", "extreme", "flat"), ("wake", "eyes_open", "drowsy", "n2", "rem"),
                              lambda t: not t.patterns),
    "normal waking": Rule((), ("drowsy", "n2", "n3", "rem", "slowed")),
    "normal light sleep": Rule((), (*AWAKE, "n3", "slowed")),
    "normal deep sleep": Rule((), (*AWAKE, "drowsy", "rem")),
}  # fmt: skip
"""Findings that options and questions name."""


def absent(truth: Truth, finding: str) -> bool:
    """Whether a segment cannot be said to show a finding.

    Parameters
    ----------
    truth : Truth
        Of the segment.
    finding : str
        Key of `ABSENT`.
    """
    rule = ABSENT[finding]
    in_state = not rule.states or truth.background.state in rule.states
    return in_state and not mentioned(truth, rule.labels) and rule.also(truth)


def absent_on(truth: Truth, side: str) -> bool:
    """Whether nothing epileptiform, nor a look-alike of it, reaches a side."""
    return not any(side_of(channel) == side for e in mentioned(truth, _SHARP) for channel in e.event.channels)


def unremarkable(truth: Truth) -> bool:
    """Whether nothing abnormal was drawn, however faint."""
    background = truth.background
    return (
        not mentioned(truth, EPILEPTIFORM)
        and _no_slowing(truth)
        and background.state not in ("slowed", "low_voltage")
        and not background.changing
        and background.asymmetry is None
    )
