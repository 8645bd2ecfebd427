"""The one finding that a segment is about, and others that it might have been: the matter of the options.

A finding has what its sentence names (side, region, frequency); options that are wrong are drawn with the same
detail as the one that is right, so that length and numbers give nothing away.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from evals.glossa_bench import describe, facts
from evals.glossa_bench.voice import Voice
from models.truth import Truth
from tools.labels import EPILEPTIFORM, mirror, side_of

KEYS = (
    "spike", "sharp", "spsw", "spsw run", "spindle", "kcomplex", "drowsiness", "deep sleep", "alpha", "variation",
    "asymmetry", "generalized slowing", "focal slowing", "fast", "low voltage", "blink", "gaze", "movement",
    "saturation", "muscle", "chewing",
)  # fmt: skip
NORMAL = ("normal waking", "normal light sleep", "normal deep sleep")
FOCI = {"temporal": ("T3", "F7"), "frontal": ("F3",), "occipital": ("O1",), "central": ("C3",), "parietal": ("P3",),
        "centrotemporal": ("T3", "C3")}  # fmt: skip
_ARTIFACTS = {
    "blink": "eyem",
    "movement": "movement",
    "saturation": "extreme",
    "muscle": "hfnoise",
    "chewing": "chewing",
}
LABELS = {
    "spsw run": "spsw", "deep sleep": "slow_wave", "blink": "eyem", "gaze": "eyer+", "saturation": "extreme",
    "muscle": "hfnoise", "fast": "fast_activity", "low voltage": "low_voltage",
    "generalized slowing": "slowing", "focal slowing": "slowing",
}  # fmt: skip
"""Names of findings in the vocabulary, where they differ."""


class Finding(NamedTuple):
    """What an option says."""

    name: str
    side: str = ""
    region: str = ""
    site: str = ""
    hz: float = 0.0
    band: str = ""

    def option(self, voice: Voice) -> str:
        """Say it as an option."""
        return voice.say(f"opt {self.name}", **{k: v for k, v in self._asdict().items() if k != "name"})


def key(truth: Truth) -> Finding | None:
    """The finding that a segment of its category is about; None where it does not stand out."""
    return next(_key(truth), None)


def _key(truth: Truth) -> Iterator[Finding]:
    category = truth.category or ""
    if category == "normal":
        state = truth.background.state
        if state in ("wake", "eyes_open"):
            yield Finding("normal waking")
        else:
            yield Finding("normal deep sleep" if state == "n3" else "normal light sleep")
    elif category in ("spikes", "sharp_waves", "spike_wave"):
        yield from _discharge(
            truth, {"spikes": "spike", "sharp_waves": "sharp", "spike_wave": "spsw"}[category]
        )
    elif category in ("eye_artifact", "severe_artifact", "high_frequency_noise", "chewing"):
        yield from _artifact(truth, category)
    elif category in ("k_complexes", "spindles", "drowsy_slowing", "deep_sleep_delta"):
        yield from _sleep(truth, category)
    else:
        yield from _background(truth, category)


def _discharge(truth: Truth, label: str) -> Iterator[Finding]:
    run = facts.spike_wave_run(truth) if label == "spsw" else None
    if run:
        yield Finding("spsw run", hz=round(run.frequency_hz or 3.0, 1))
        return
    found = facts.seen(truth, label)
    if found is None:
        return
    entry = found.largest
    region = next(
        (name for name in (*reversed(FOCI),) if f" {name} " in f" {entry.kind} "), "frontal midline"
    )
    everywhere = [e.peak_channel for e in facts.mentioned(truth, EPILEPTIFORM)]
    both = len({side_of(channel) for channel in everywhere} - {"midline"}) == 2
    side = "bilateral" if both or region == "frontal midline" else entry.kind.split()[0]
    yield Finding(label, side, region, entry.peak_channel)


def _artifact(truth: Truth, category: str) -> Iterator[Finding]:
    by_category: dict[str, tuple[str, ...]] = {
        "eye_artifact": ("blink", "gaze"), "severe_artifact": ("movement", "saturation"),
        "high_frequency_noise": ("muscle",), "chewing": ("chewing",),
    }  # fmt: skip
    names = by_category[category]
    looks = facts.seen(truth, "eyer+") or facts.seen(truth, "eyer-")
    blinks = facts.seen(truth, "eyem")
    if looks and blinks and len(looks.spans) > len(blinks.spans):
        names = names[::-1]
    for name in names:
        if name == "gaze":
            sides = {e.kind.split()[-1] for e in looks.entries} if looks else set()
            if len(sides) == 1:
                yield Finding("gaze", side=sides.pop())
        elif facts.seen(truth, _ARTIFACTS[name]):
            yield Finding(name)


def _sleep(truth: Truth, category: str) -> Iterator[Finding]:
    if category == "k_complexes" and facts.seen(truth, "kcomplex"):
        yield Finding("kcomplex")
    elif category == "spindles" and (found := facts.seen(truth, "spindle")):
        yield Finding("spindle", hz=round(found.frequency_hz or 13.0))
    elif category == "drowsy_slowing" and (facts.drowsy_theta(truth) or facts.seen(truth, "sem")):
        yield Finding("drowsiness")
    elif category == "deep_sleep_delta" and facts.slow_wave_share(truth) >= facts.DEEP_SHARE:
        yield Finding("deep sleep")


def _background(truth: Truth, category: str) -> Iterator[Finding]:
    found = truth.background
    if category == "alpha_rhythm" and (rhythm := facts.posterior(truth)):
        yield Finding("alpha", hz=round(rhythm.frequency_hz, 1))
    elif category == "temporal_variation" and (turn := facts.change(truth)):
        if turn in facts.slowing(truth):
            yield Finding("variation", band=facts.band(turn))
    elif category == "spatial_asymmetry" and found.asymmetry is not None:
        yield Finding("asymmetry", side=describe.lower_side(truth)[0])
    elif category == "slowing":
        for slow in facts.slowing(truth):
            side = "" if slow.extent == "generalized" else str(slow.side)
            yield Finding(f"{slow.extent} slowing", side=side, band=facts.band(slow))
    elif category == "fast_activity" and (found.fast_activity_rms_uv or 0) >= facts.CLEAR_FAST_UV:
        yield Finding("fast")
    elif category == "low_voltage" and found.low_voltage:
        yield Finding("low voltage")


def imagined(name: str, rng: np.random.Generator) -> Finding:
    """Draw a finding of this name as it might have been."""
    side = "left" if rng.random() < 0.5 else "right"
    if name in ("spike", "sharp", "spsw"):
        region = str(rng.choice(tuple(FOCI)))
        site = str(rng.choice(FOCI[region]))
        return Finding(name, side, region, site if side == "left" else mirror(site))
    band = "theta" if rng.random() < 0.4 else "delta"
    hz = {
        "alpha": rng.uniform(8.3, 11.2),
        "spsw run": rng.uniform(2.8, 3.4),
        "spindle": float(rng.integers(11, 15)),
    }
    return Finding(
        name,
        side=side if name in ("asymmetry", "focal slowing", "gaze") else "",
        hz=round(hz.get(name, 0.0), 1),
        band=band if name in ("variation", "generalized slowing", "focal slowing") else "",
    )


def varied(finding: Finding, rng: np.random.Generator) -> Finding | None:
    """The same finding on the other side or at another frequency; None where it has neither."""
    other = {"left": "right", "right": "left"}.get(finding.side)
    if other:
        return finding._replace(side=other, site=mirror(finding.site) if finding.site else "")
    if finding.name == "alpha":
        away = float(rng.uniform(2.2, 3.2))
        return finding._replace(hz=round(finding.hz - away if finding.hz > 9.7 else finding.hz + away, 1))
    if finding.name == "spsw run":
        return finding._replace(hz=round(finding.hz + float(rng.uniform(1.6, 2.6)), 1))
    return None


def evidence(truth: Truth, finding: Finding, voice: Voice) -> str:
    """One sentence on why a finding is right."""
    name = finding.name
    if name in NORMAL:
        return voice.say("normal evidence")
    if name == "alpha":
        return voice.say("alpha evidence", hz=finding.hz)
    waves = _wave_evidence(truth, name, voice)
    return next(waves, "") or _background_evidence(truth, name, voice)


def _wave_evidence(truth: Truth, name: str, voice: Voice) -> Iterator[str]:
    if name == "deep sleep":
        yield describe.slow_sleep(truth, voice)
    elif name == "drowsiness":
        yield from describe.drowsiness(truth, voice)
    elif name == "spsw run" and (run := facts.spike_wave_run(truth)):
        yield describe.run_sentence(run, voice)
    elif name in describe.PLURALS and (found := facts.seen(truth, name)):
        yield describe.wave(truth, found, voice)
    elif name in (*_ARTIFACTS, "gaze"):
        looks = "eyer+" if facts.seen(truth, "eyer+") else "eyer-"
        if seen := facts.seen(truth, _ARTIFACTS.get(name, looks)):
            yield from describe.artifact(truth, seen, voice)


def _background_evidence(truth: Truth, name: str, voice: Voice) -> str:
    turn = facts.change(truth)
    if name == "variation" and turn:
        return describe.changing(truth, turn, voice)
    if name == "asymmetry":
        return describe.asymmetry(truth, voice)
    if name == "low voltage":
        return voice.say("background low_voltage", uv=round(truth.background.rms_uv))
    if name == "fast":
        return voice.say("fast", uv=round(truth.background.fast_activity_rms_uv or 0.0))
    return describe.slowing(truth, facts.slowing(truth)[0], voice)
