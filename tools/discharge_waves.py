"""Sharp waves of any origin: where they are, and the measurements by which their origin is judged."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.conditioning import Array
from tools.discharge_shape import log_of, rivals, shape_of, usual_width
from tools.discharge_view import (
    Field,
    Ints,
    View,
    block_sd,
    of_block,
    spatial_filter,
    stand_out,
    upper_median,
)
from tools.fields import gaze_field, single_fields

LEAST_Z = 3.6
"""Robust deviations by which a wave has to stand out in a combined channel to be measured at all."""
EDGE = 0.3
"""Seconds at either end in which neither baseline nor after-going wave can be seen."""
_REACH = 0.8
_MEASURE = 0.3
"""Share of the mean variance added to the covariance: how far a spatial filter trusts it."""


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


def find_waves(view: View, least: float = LEAST_Z) -> Waves | None:
    """Find and measure every negative sharp wave of a view; None where there is none."""
    from scipy.signal import find_peaks

    field = stand_out(view)
    peaks, _ = find_peaks(field.score, height=least, distance=max(1, int(0.1 * view.sfreq)))
    edge = int(EDGE * view.sfreq)
    peaks = peaks[(peaks >= edge) & (peaks < len(field.score) - edge)]
    peaks = peaks[~view.broken[peaks]]
    return measure(view, field, peaks) if len(peaks) else None


def measure(view: View, field: Field, peaks: Ints) -> Waves:
    """Measure the waves at these samples, each in the combined channel of the source that fits it best."""
    from scipy.ndimage import gaussian_filter1d

    length, rate = view.data.shape[1], view.sfreq
    both = np.concatenate([scale.all_z(peaks) for scale in field.scales])
    best = both.argmax(axis=0)
    sharp, source = best >= len(both) // 2, best % (len(both) // 2)
    smoothed = gaussian_filter1d(view.data, 0.005 * rate, axis=1, truncate=3.0)
    weights = spatial_filter(view.sources.fields, view.data, _MEASURE)
    used, which = np.unique(source, return_inverse=True)
    combined = weights[used] @ smoothed
    near = np.arange(-round(0.04 * rate), round(0.04 * rate) + 1)
    around = combined[which[:, None], np.clip(peaks[:, None] + near, 0, length - 1)]
    at = np.clip(peaks + near[around.argmax(axis=1)], 0, length - 1)
    reach = round(_REACH * rate)
    span = np.arange(-reach, reach + 1)
    traces = combined[which[:, None], np.clip(at[:, None] + span, 0, length - 1)].astype(float)
    z = np.empty(traces.shape)
    fields = np.empty((len(peaks), len(view.channels)))
    for rows, scale in zip((~sharp, sharp), field.scales, strict=True):
        around_peak = np.clip(peaks[rows, None] + span, 0, length - 1)
        z[rows] = scale.z(source[rows], around_peak)
        fields[rows] = scale.lump[:, peaks[rows]].T
    spread = of_block(block_sd(combined, rate), which, at, length)
    shape = shape_of(traces, spread, rate)
    company = rivals(traces, z, rate)
    seen = _map_features(view, fields)
    # A lump is lower than the wave it stands for, in all channels alike.
    lump = np.maximum(np.einsum("ij,ij->i", weights[source], fields), 1e-6)
    fields *= np.clip(shape.height / lump, 1.0, 4.0)[:, None]
    fast = _fast_features(view, smoothed, traces, shape.height, at)
    own_z = [scale.z(source, peaks[:, None])[:, 0] for scale in field.scales]
    columns = [
        np.log(z[:, reach]), *own_z, *shape.columns, *company,
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
    usual = upper_median(power[:, ::8])
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
