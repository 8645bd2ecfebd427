"""Pages as published models were shown them, each under its profile's name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tools.clinical import draw
from tools.filters import fit_filters
from tools.prepare import prepare
from tools.sheet import RenderedPage
from tools.sleep_inputs import EPOCH_S, bench_signals, sleepvlm_signals
from tools.types import Event, Filters, Page, Segment, ToolError

if TYPE_CHECKING:
    from tools.io import OpenRecording

PROFILES = ("clinical", "cerebragloss", "sleepvlm", "sleepvlm-bench")


@dataclass(frozen=True)
class CerebraGlossLook:
    """What the CerebraGloss paper states about its pages, and our stand-ins for what it does not.

    Stated: 10 s, 19 channels, average reference, 1.6-70 Hz, a notch at the mains frequency, 200 Hz, names
    that end in ``-AV``. Not stated, hence unverified: the order of channels, colours, scale, size, grid,
    which mains frequency, what becomes of a missing channel (here it is left out).
    """

    order: tuple[str, ...] = (
        "Fp1", "Fp2", "F7", "F3", "Fz", "F4", "F8", "T3", "C3", "Cz", "C4", "T4", "T5", "P3", "Pz", "P4",
        "T6", "O1", "O2",
    )  # fmt: skip
    suffix: str = "-AV"
    capitals: bool = True
    header: bool = False
    low_cut_hz: float = 1.6
    high_cut_hz: float = 70.0
    notch_hz: float = 50.0
    """Where the page names none."""
    sfreq: float = 200.0
    duration: float = 10.0


def render_profile(
    recording: OpenRecording,
    page: Page,
    events: Sequence[Event] = (),
    *,
    look: CerebraGlossLook | None = None,
) -> dict[str, RenderedPage]:
    """Draw a page in a published profile.

    Events are not drawn: the models never saw any.

    Returns
    -------
    dict of RenderedPage
        ``previous``, ``target`` and ``next`` for ``sleepvlm``, else ``page``.

    Raises
    ------
    ToolError
        If the profile has no picture of its own, or the recording lacks what it shows.
    """
    if page.profile == "sleepvlm":
        pictures = _sleepvlm(recording, page)
    elif page.profile == "sleepvlm-bench":
        pictures = {"page": _bench(recording, page)}
    elif page.profile == "cerebragloss":
        pictures = {"page": render_cerebragloss(recording, page, look or CerebraGlossLook())}
    else:
        raise ToolError("No published picture of that name.", field="profile", choices=PROFILES[1:])
    if events:
        remark = "Events are not drawn in this profile: the model was never shown any."
        pictures = {role: one._replace(notes=(*one.notes, remark)) for role, one in pictures.items()}
    return pictures


def _sleepvlm(recording: OpenRecording, page: Page) -> dict[str, RenderedPage]:
    from tools.sleep_pictures import draw_sleepvlm

    epoch, epochs = _epoch(page), int(recording.info.duration // EPOCH_S)
    _check_neighbours(epoch, epochs)  # before a night is read and filtered for nothing
    signals = sleepvlm_signals(recording)
    _check_neighbours(epoch, signals.data.shape[1])
    roles = {"previous": epoch - 1, "target": epoch, "next": epoch + 1}
    return {role: draw_sleepvlm(signals, number) for role, number in roles.items()}


def _check_neighbours(epoch: int, epochs: int) -> None:
    if epochs < 3:
        raise ToolError("This profile needs three epochs of 30 s; the recording is shorter.", field="profile",
                        choices=("clinical",))  # fmt: skip
    if not 1 <= epoch <= epochs - 2:
        raise ToolError(
            "The first and the last 30-s epoch cannot be a target, since both neighbours are shown with it; "
            f"start between {EPOCH_S:g} and {(epochs - 1) * EPOCH_S - 1:g} s.",
            field="start",
        )


def _bench(recording: OpenRecording, page: Page) -> RenderedPage:
    from tools.sleep_pictures import draw_bench

    signals = bench_signals(recording, notch_hz=page.notch_hz)
    epoch, epochs = _epoch(page), signals.data.shape[1]
    if epoch >= epochs:
        raise ToolError(
            f"Start before {epochs * EPOCH_S:g} s, where the last whole epoch ends.", field="start"
        )
    return draw_bench(signals, epoch)


def _epoch(page: Page) -> int:
    """Number of the epoch that the page begins in, counted from 0."""
    return int((page.onset + 1e-6) // EPOCH_S)


def render_cerebragloss(recording: OpenRecording, page: Page, look: CerebraGlossLook) -> RenderedPage:
    """Draw a 10-s page as far as the CerebraGloss paper states it; the rest is ``look`` and unverified.

    Raises
    ------
    ToolError
        If the page is not 10 s long or the recording has no average reference to offer.
    """
    if abs(page.duration - look.duration) > 1e-6:
        raise ToolError(f"This profile shows {look.duration:g} s; ask for that duration.", field="duration")
    wanted = Filters(
        low_cut_hz=look.low_cut_hz, high_cut_hz=look.high_cut_hz, notch_hz=page.notch_hz or look.notch_hz
    )
    rates = [channel.sfreq for channel in recording.info.channels if channel.kind == "eeg"]
    filters, remarks = fit_filters(wanted, min(rates)) if rates else (wanted, ())
    segment = prepare(recording, page.onset, page.duration, montage="average", filters=filters)
    site = {name.split("-")[0].lower(): name for name in segment.channels}
    shown = [site[name.lower()] for name in look.order if name.lower() in site]
    if not shown:
        raise ToolError(
            "The recording has none of the 19 channels of this profile.",
            field="profile",
            choices=("clinical",),
        )
    names = {name: name.split("-")[0] + look.suffix for name in shown}
    if look.capitals:
        names = {name: label.upper() for name, label in names.items()}
    picture = draw(
        page.model_copy(update={"montage": "average", **filters.model_dump()}),
        _at_rate(segment.pick(shown), look.sfreq),
        names=names,
        groups=[shown],
        header=look.header,
    )
    notes = [*picture.notes, *remarks]
    if len(shown) < len(look.order):
        notes.append(
            f"{len(look.order) - len(shown)} of {len(look.order)} channels are not in the recording."
        )
    notes.append(
        "unverified: size, colours, scale, grid and channel order of this profile are not published."
    )
    return picture._replace(notes=tuple(notes))


def _at_rate(segment: Segment, sfreq: float) -> Segment:
    """Sample the drawn line anew; the band is limited to 70 Hz already."""
    if segment.sfreq == sfreq:
        return segment
    at = np.arange(int(segment.duration * sfreq)) / sfreq
    there = np.arange(segment.data.shape[1]) / segment.sfreq
    data = np.stack([np.interp(at, there, trace) for trace in segment.data])
    return Segment(
        data, segment.channels, sfreq, segment.onset, segment.kinds, segment.reference, segment.filters
    )
