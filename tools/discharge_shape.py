"""The shape of a sharp wave and its company, from combined channels in which it points up."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tools.conditioning import Array, middle


class Shape(NamedTuple):
    """Times in seconds, one value for each wave."""

    left: Array
    right: Array
    width: Array
    height: Array
    after: Array
    after_at: Array
    columns: list[Array]


def log_of(values: Array) -> Array:
    """Logarithm of what may be zero."""
    return np.asarray(np.log(np.maximum(values, 1e-3)))


def shape_of(traces: Array, spread: Array, rate: float) -> Shape:
    """Width, flanks and what comes before and after, from the combined channels."""
    from scipy.ndimage import gaussian_filter1d

    centre = traces.shape[1] // 2

    def part(data: Array, start: float, stop: float) -> Array:
        return data[:, centre + round(start * rate) : centre + round(stop * rate) + 1]

    peak = traces[:, centre]
    before, behind = part(traces, -0.16, 0.0)[:, ::-1], part(traces, 0.0, 0.16)
    base = np.maximum(before.min(axis=1), behind.min(axis=1))
    level = (peak + base) / 2
    left, right = _falls(before, level) / rate, _falls(behind, level) / rate
    steps = np.diff(traces, axis=1)
    rise = part(steps, -0.08, -1 / rate).max(axis=1)
    fall = -part(steps, 0.0, 0.1).min(axis=1)
    ground = middle(part(traces, -0.35, -0.1))
    height = np.maximum(peak - ground, 1e-3)
    slow = gaussian_filter1d(traces, 0.022 * rate, axis=1)
    later = part(slow, 0.11, 0.36)
    after, after_at = later.max(axis=1) - ground, later.argmax(axis=1) / rate + 0.11
    width = np.maximum(left + right, 1 / rate)
    columns = [
        log_of(height / spread), log_of((peak - base) / spread), log_of(width), np.log(width / 0.045) ** 2,
        log_of(right / np.maximum(left, 1e-4)), log_of(rise / np.maximum(fall, 1e-6)), after / height,
        after / spread, (part(slow, -0.36, -0.11).max(axis=1) - ground) / height,
        (part(slow, 0.11, 0.45).min(axis=1) - ground) / height, (base - ground) / height,
    ]  # fmt: skip
    return Shape(left, right, width, height, after / height, after_at, columns)


def usual_width(traces: Array, rate: float) -> Array:
    """Mean length of half-waves between crossings of the mean, to both sides of the wave itself."""
    middle, gap = traces.shape[1] // 2, round(0.15 * rate)
    crossings = np.zeros(len(traces))
    for side in (traces[:, : middle - gap], traces[:, middle + gap :]):
        up = side > side.mean(axis=1, keepdims=True)
        crossings += (up[:, 1:] != up[:, :-1]).sum(axis=1)
    return np.asarray(2 * (middle - gap) / rate / np.maximum(crossings, 1))


def _falls(side: Array, level: Array) -> Array:
    """Samples from the first column to where each row falls below its level, between samples."""
    below = side < level[:, None]
    first = np.where(below.any(axis=1), below.argmax(axis=1), side.shape[1] - 1)
    first = np.maximum(first, 1)
    rows = np.arange(len(side))
    above, under = side[rows, first - 1], side[rows, first]
    return np.asarray(first - 1 + np.clip((above - level) / np.maximum(above - under, 1e-9), 0, 1))


def rivals(traces: Array, z: Array, rate: float) -> list[Array]:
    """How much else nearby stands out as far, or looks the same: rhythms and trains have such company."""
    middle = z.shape[1] // 2
    half = round(0.07 * rate)
    template = traces[:, middle - half : middle + half + 1]
    template = template - template.mean(axis=1, keepdims=True)
    windows = np.lib.stride_tricks.sliding_window_view(traces, 2 * half + 1, axis=1)
    energy = np.maximum((template**2).sum(axis=1), 1e-9)
    alike = np.einsum("nij,nj->ni", windows, template) / energy[:, None]

    def most(data: Array, start: float, stop: float) -> Array:
        centre, a, b = data.shape[1] // 2, round(start * rate), round(stop * rate)
        later, earlier = data[:, centre + a : centre + b + 1], data[:, centre - b : centre - a + 1]
        return np.asarray(np.maximum(later.max(axis=1), earlier.max(axis=1)))

    ratio = z / z[:, middle : middle + 1]
    return [
        most(ratio, 0.07, 0.2), most(ratio, 0.2, 0.7), most(-ratio, 0.07, 0.2), most(-ratio, 0.2, 0.7),
        most(alike, 0.07, 0.2), most(alike, 0.2, 0.72), most(-alike, 0.07, 0.2), most(-alike, 0.2, 0.72),
    ]  # fmt: skip
