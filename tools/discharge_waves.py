"""Sharp waves of any origin: where they are, and the measurements by which their origin is judged.

All channels are looked at together. For every source of a small dictionary, a spatial filter that lets its field
through and suppresses the background of the recording gives one combined channel, in which a wave of that source
stands out more than in any electrode.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.conditioning import Array, at_rate, band, mend, moving_mean, robust_sd
from tools.discharge_shape import log_of, rivals, shape_of, usual_width
from tools.fields import Sources, gaze_field, known_channels, single_fields, sources
from tools.types import Segment

Ints = NDArray[np.int64]

SCALES = (0.009, 0.020)
"""Seconds: widths of the Gaussians that look for spikes and for sharp waves, less one three times as wide."""
LEAST_Z = 3.6
"""Robust deviations by which a wave has to stand out in a combined channel to be measured at all."""
EDGE = 0.3
"""Seconds at either end in which neither baseline nor after-going wave can be seen."""
_REACH = 0.8
_BLOCK = 10.0
_DETECT, _MEASURE = 0.05, 0.3
"""Share of the mean variance added to the covariance: how far a spatial filter trusts it."""


class View(NamedTuple):
    """The channels that are searched, prepared once."""

    data: Array  # (channels, samples), above 1 Hz, average reference where channels are referential
    channels: tuple[str, ...]
    sfreq: float
    onset: float
    sources: Sources
    broken: NDArray[np.bool_]  # (samples,): something is missing nearby


class Waves(NamedTuple):
    """Candidates with their measurements, one row each; times in seconds, negative waves count as up."""

    at: Ints
    """Sample of the peak in the view."""
    source: Ints
    """Row of the dictionary that the field fits best."""
    fields: Array  # (waves, channels), µV at the peak above what is around it
    left: Array
    right: Array
    """Seconds from the peak to half of its prominence."""
    height: Array
    """In the combined channel, above the 0.25 s before."""
    after: Array
    """Height of the slow wave that follows, as a share of `height`."""
    after_at: Array
    usual_width: Array
    """Mean length in seconds of the half-waves around, 0.15 to 0.8 s away."""
    features: Array  # (waves, features) in the order of `FEATURES`
    traces: Array  # (waves, samples) of the combined channel, 0.8 s to both sides


FEATURES = (
    "z", "z_spike", "z_sharp", "height_sd", "prominence_sd", "width", "width_off", "asymmetry", "slope_ratio",
    "after", "after_sd", "before", "after_dip", "rebound", "rival_near", "rival_far", "counter_near",
    "counter_far", "alike_near", "alike_far", "mirror_near", "mirror_far", "map", "single", "gaze", "electrodes",
    "fast", "fast_burst", "calm_after", "fast_before", "vertex", "wide", "vertex_width",
)  # fmt: skip


def view_of(segment: Segment) -> View | str:
    """Choose, mend and filter the channels that can be searched, or tell why there are too few.

    Channels that are flat or far louder than the rest enter no combined channel.
    """
    names = known_channels(segment.channels)
    if len(names) < 4:
        return "fewer than 4 EEG channels at known places: a field cannot be judged"
    part = segment.pick(names)
    mended, missing = mend(part.data)
    step = max(1, int(part.sfreq // 190))
    part = at_rate(replace(part, data=mended), part.sfreq / step)
    data = band(part.data, part.sfreq, 1.0, None, order=2)
    spread = robust_sd(data[:, :: max(1, data.shape[1] // 500)])
    middle = float(np.median(spread[spread > 0])) if np.any(spread > 0) else 0.0
    good = (spread < 4 * middle) & (spread > 0.1 * middle) & (missing.mean(axis=1) < 0.5)
    if good.sum() < 4:
        return "fewer than 4 channels with a signal that can be compared"
    chosen = tuple(name for name, use in zip(names, good, strict=True) if use)
    data = data[good]
    averaged = len(chosen) >= 6 and "-" not in _plain(chosen[0])
    if averaged:
        data = data - data.mean(axis=0)
    gone = missing[good].any(axis=0)[::step][: data.shape[1]]
    return View(
        np.ascontiguousarray(data, dtype=np.float32),
        chosen,
        part.sfreq,
        segment.onset,
        sources(chosen, averaged),
        np.pad(gone, (0, data.shape[1] - len(gone))),
    )


def _plain(channel: str) -> str:
    from tools.labels import electrodes

    return "-".join(electrodes(channel))


def spatial_filter(fields: Array, data: Array, share: float) -> Array:
    """Weights that pass each field with gain 1 and the variance of the data as little as possible.

    Notes
    -----
    The linearly constrained minimum-variance filter of Van Veen et al. (1997), IEEE Trans Biomed Eng 44:867,
    https://doi.org/10.1109/10.623056, with `share` of the mean variance added for stability.
    """
    covariance = data[:, ::2] @ data[:, ::2].T / max(1, data[:, ::2].shape[1])
    covariance = covariance.astype(float)
    load = share * np.trace(covariance) / len(covariance) + 1e-9
    weights = np.linalg.solve(covariance + load * np.eye(len(covariance)), fields.T).T
    return np.asarray(weights / np.einsum("ij,ij->i", weights, fields)[:, None], dtype=np.float32)


def _block_sd(data: Array, sfreq: float) -> Array:
    """Robust deviation of each row in every block of about 10 s, shape (rows, blocks)."""
    blocks = max(1, round(data.shape[1] / sfreq / _BLOCK))
    edges = np.linspace(0, data.shape[1], blocks + 1).astype(int)
    parts = [_middle(np.abs(data[:, a : b : max(1, (b - a) // 400)])) for a, b in pairwise(edges.tolist())]
    return np.asarray(np.maximum(1.4826 * np.stack(parts, axis=1), 1e-6))


def _middle(data: Array) -> Array:
    """Median of every row, without numpy's care for NaN: there is none, and this is called often."""
    at = data.shape[1] // 2
    return np.asarray(np.partition(data, at, axis=1)[:, at])


def _of_block(spread: Array, rows: Ints, at: Ints, length: int) -> Array:
    return np.asarray(spread[rows, np.minimum(at * spread.shape[1] // length, spread.shape[1] - 1)])


class Field(NamedTuple):
    """What stands out of the background, for every source and instant."""

    lumps: tuple[Array, Array]  # per scale (channels, samples): the signal less its surroundings
    z: tuple[Array, Array]  # per scale (sources, samples), robust deviations


def stand_out(view: View) -> Field:
    """Filter a view for sharp waves of both widths and of every source."""
    from scipy.ndimage import gaussian_filter1d

    def smooth(seconds: float) -> Array:
        return np.asarray(gaussian_filter1d(view.data, seconds * view.sfreq, axis=1, truncate=3.0))

    def surroundings(seconds: float) -> Array:
        # Two means over a window come close to a wide Gaussian, in a fraction of its time.
        return moving_mean(moving_mean(view.data, view.sfreq, 2.45 * seconds), view.sfreq, 2.45 * seconds)

    lumps, z = [], []
    for scale in SCALES:
        lump = smooth(scale) - surroundings(3 * scale)
        seen = spatial_filter(view.sources.fields, lump, _DETECT) @ lump
        spread = _block_sd(seen, view.sfreq)
        edges = np.linspace(0, seen.shape[1], spread.shape[1] + 1).astype(int)
        seen /= np.repeat(spread, np.diff(edges), axis=1).astype(np.float32)
        lumps.append(lump)
        z.append(seen)
    return Field((lumps[0], lumps[1]), (z[0], z[1]))


def find_waves(view: View, least: float = LEAST_Z) -> Waves | None:
    """Find and measure every negative sharp wave of a view; None where there is none."""
    from scipy.signal import find_peaks

    field = stand_out(view)
    score = np.maximum(field.z[0].max(axis=0), field.z[1].max(axis=0))
    peaks, _ = find_peaks(score, height=least, distance=max(1, int(0.1 * view.sfreq)))
    edge = int(EDGE * view.sfreq)
    peaks = peaks[(peaks >= edge) & (peaks < len(score) - edge)]
    peaks = peaks[~view.broken[peaks]]
    return measure(view, field, peaks) if len(peaks) else None


def measure(view: View, field: Field, peaks: Ints) -> Waves:
    """Measure the waves at these samples, each in the combined channel of the source that fits it best."""
    from scipy.ndimage import gaussian_filter1d

    length, rate = view.data.shape[1], view.sfreq
    both = np.concatenate([field.z[0][:, peaks], field.z[1][:, peaks]])
    best = both.argmax(axis=0)
    scale, source = best // len(field.z[0]), best % len(field.z[0])
    smoothed = gaussian_filter1d(view.data, 0.005 * rate, axis=1, truncate=3.0)
    weights = spatial_filter(view.sources.fields, view.data, _MEASURE)
    combined = weights @ smoothed
    near = np.arange(-round(0.04 * rate), round(0.04 * rate) + 1)
    around = combined[source[:, None], np.clip(peaks[:, None] + near, 0, length - 1)]
    at = np.clip(peaks + near[around.argmax(axis=1)], 0, length - 1)
    reach = round(_REACH * rate)
    span = np.arange(-reach, reach + 1)
    traces = combined[source[:, None], np.clip(at[:, None] + span, 0, length - 1)].astype(float)
    z = np.where(
        (scale == 0)[:, None],
        *(zs[source[:, None], np.clip(peaks[:, None] + span, 0, length - 1)] for zs in field.z),
    ).astype(float)
    fields = np.where((scale == 0)[:, None], *(lump[:, peaks].T for lump in field.lumps)).astype(float)
    used, which = np.unique(source, return_inverse=True)
    spread = _of_block(_block_sd(combined[used], rate), which, at, length)
    shape = shape_of(traces, spread, rate)
    company = rivals(traces, z, rate)
    seen = _map_features(view, fields)
    # A lump is lower than the wave it stands for, in all channels alike.
    lump = np.maximum(np.einsum("ij,ij->i", weights[source], fields), 1e-6)
    fields *= np.clip(shape.height / lump, 1.0, 4.0)[:, None]
    fast = _fast_features(view, smoothed, traces, shape.height, at)
    columns = [
        np.log(z[:, reach]), field.z[0][source, peaks], field.z[1][source, peaks], *shape.columns, *company,
        *seen, *fast[:4], *_vertex(view, source, shape.width),
    ]  # fmt: skip
    features = np.nan_to_num(np.clip(np.stack(columns, axis=1), -20, 20))
    return Waves(
        at.astype(np.int64), source, fields, shape.left, shape.right, shape.height, shape.after, shape.after_at,
        usual_width(traces, rate), features, traces,
    )  # fmt: skip


def taking_part(view: View, fields: Array) -> NDArray[np.bool_]:
    """Which channels carry 35 % of the largest, with its sign unless bipolar, shape (waves, channels)."""
    sizes = np.abs(fields) if view.sources.bipolar else np.maximum(-fields, 0)
    return np.asarray(sizes >= 0.35 * np.maximum(sizes.max(axis=1, keepdims=True), 1e-9))


def _map_features(view: View, fields: Array) -> list[Array]:
    unit = fields / np.maximum(np.linalg.norm(fields, axis=1, keepdims=True), 1e-9)
    best = (unit @ view.sources.fields.T).max(axis=1)
    single = np.abs(unit @ single_fields(view.channels, not view.sources.bipolar).T).max(axis=1)
    gaze = np.abs(unit @ gaze_field(view.channels))
    return [best, single - best, gaze - best, np.minimum(taking_part(view, fields).sum(axis=1), 8)]


def _fast_features(view: View, smoothed: Array, traces: Array, height: Array, at: Ints) -> list[Array]:
    """Muscle and other fast activity: against the wave, against the rest of the page, before and after."""
    from scipy.ndimage import gaussian_filter1d, uniform_filter1d

    rate = view.sfreq
    power = uniform_filter1d((view.data - smoothed) ** 2, max(1, round(0.2 * rate)), axis=1)
    usual = _middle(power[:, ::8])
    here = power[:, at]
    size = np.maximum(np.abs(height) * np.linalg.norm(view.sources.fields, axis=1).mean(), 1e-3)
    burst = np.sqrt(np.maximum(here - usual[:, None], 0).mean(axis=0))
    middle = traces.shape[1] // 2
    quick = traces - gaussian_filter1d(traces, 0.03 * rate, axis=1)
    a, b, c, d = (middle + round(t * rate) for t in (-0.5, -0.1, 0.1, 0.4))
    before, after = quick[:, a:b].std(axis=1), quick[:, c:d].std(axis=1)
    return [
        log_of(np.sqrt(here.mean(axis=0)) / size), log_of(1 + burst / size),
        log_of((after + 0.1) / (before + 0.1)), before / height,
    ]  # fmt: skip


def _vertex(view: View, source: Ints, width: Array) -> list[Array]:
    central = np.array(["Cz" in name for name in view.sources.names], dtype=float)[source]
    return [central, view.sources.wide[source].astype(float), central * log_of(width / 0.05)]
