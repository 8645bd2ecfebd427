"""Looking for events: one way to run the detectors of `tools.detectors` over a recording of any length."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING

from tools.bad_channels import find_bad_channels, unfit_for_average
from tools.detectors import COPIES, DETECTOR_OF, Copy
from tools.labels import LABELS, to_labels
from tools.listing import add_block, listed
from tools.montage import default_montage
from tools.prepare import prepare
from tools.shared import frozen
from tools.types import Analysed, Detection, Event, NotAnalysed, Segment, ToolError

if TYPE_CHECKING:
    from tools.io import OpenRecording

BLOCK = 300.0
"""Seconds that are held in memory at a time."""
CONTEXT = 20.0
"""Seconds read before and after a block: longer than any event that must stay whole, and a baseline."""


def detect(
    recording: OpenRecording,
    *,
    labels: Sequence[str] | None = None,
    onset: float = 0.0,
    duration: float | None = None,
    channels: Sequence[str] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Detection:
    """Look for events of the vocabulary in a stretch of a recording.

    Parameters
    ----------
    recording : OpenRecording
        From ``tools.io.open_recording``.
    labels : sequence of str, optional
        Labels, synonyms or groups; the whole vocabulary when left out.
    onset, duration : float
        The stretch in seconds; to the end when no duration is given.
    channels : sequence of str, optional
        Keep only events that these channels take part in. All channels are searched nevertheless, because
        the field of an event decides what it is.
    progress : callable, optional
        Called with the share that is done, 0 to 1.

    Returns
    -------
    Detection
        Events in order of onset, cut at the limits of the stretch; those that an artifact covers carry its
        label in ``masked_by``. Labels without a detector, or whose detector could not work, are answered
        in ``not_analysed``.

    Raises
    ------
    ToolError
        If the stretch, a label or a channel does not exist.

    Notes
    -----
    Memory is bounded by `BLOCK`, whatever the length. Detectors see `CONTEXT` around each block, so an event
    on a border is found whole, and once.
    """
    wanted = to_labels(list(labels)) if labels is not None else LABELS
    start, stop = _limits(recording, onset, duration)
    _check_channels(recording, channels)
    needed = _needed(wanted)
    found: list[Event] = []
    looks: list[Detection] = []
    blocks = _blocks(start, stop)
    outcomes = _in_order(lambda block: _search(recording, needed, *block), blocks)
    for number, ((first, last), outcome) in enumerate(zip(blocks, outcomes, strict=True)):
        found = add_block(found, outcome.events, first if number else start - CONTEXT, last)
        looks.append(outcome)
        if progress is not None:
            progress((number + 1) / len(blocks))
    events = listed(found, wanted, start, stop, channels)
    return Detection(
        events=events,
        analysed=_analysed(looks, wanted, stop - start, channels),
        not_analysed=_not_analysed(looks, wanted),
    )


def _limits(recording: OpenRecording, onset: float, duration: float | None) -> tuple[float, float]:
    total = recording.info.duration
    if not 0 <= onset < total:
        raise ToolError(f"The start has to lie between 0 and {total:g} s.", field="start")
    if duration is not None and not duration > 0:
        raise ToolError("The duration has to be above 0 s.", field="duration")
    return onset, total if duration is None else min(onset + duration, total)


def _check_channels(recording: OpenRecording, channels: Sequence[str] | None) -> None:
    known = recording.info.names()
    if channels is not None and not set(channels) <= set(known):
        raise ToolError("The recording has no such channel.", field="channels", choices=known)


def _needed(wanted: Sequence[str]) -> tuple[str, ...]:
    """The labels that have a detector, and those that may mask or explain them."""
    known = [label for label in wanted if label in DETECTOR_OF]
    rivals = [
        rival
        for label in known
        for rival in (*DETECTOR_OF[label].masked_by, *DETECTOR_OF[label].explained_by)
    ]
    return tuple(dict.fromkeys([*known, *(rival for rival in rivals if rival in DETECTOR_OF)]))


def _blocks(start: float, stop: float) -> list[tuple[float, float]]:
    """Equal blocks of about `BLOCK` seconds."""
    count = max(1, round((stop - start) / BLOCK))
    borders = [start + (stop - start) * i / count for i in range(count + 1)]
    return list(pairwise(borders))


def _in_order(
    work: Callable[[tuple[float, float]], Detection], blocks: Sequence[tuple[float, float]]
) -> Iterator[Detection]:
    """Do the work of many blocks two at a time: most of it is in libraries that let another thread run."""
    if len(blocks) < 3:
        yield from map(work, blocks)
        return
    pool = ThreadPoolExecutor(2)
    try:
        yield from pool.map(work, blocks)
    finally:
        pool.shutdown(cancel_futures=True)


def _search(recording: OpenRecording, labels: Sequence[str], start: float, stop: float) -> Detection:
    """Run the detectors over one block and its surroundings, each copy of the signal prepared once."""
    first = max(0.0, start - CONTEXT)
    length = min(stop + CONTEXT, recording.info.duration) - first
    copies: dict[Copy, Segment | str] = {}
    bad: tuple[str, ...] = ()
    outcomes: list[Detection] = []
    entries = list(dict.fromkeys(DETECTOR_OF[label] for label in labels))
    if recording.info.names("eeg"):
        raw = frozen(prepare(recording, first, length, montage="as_recorded"))
        copies[_as_far_as_there(COPIES["raw"], recording)] = raw
        # Looked for whatever was asked: no reference may be made of a bad channel.
        outcomes.append(find_bad_channels(raw))
        bad = unfit_for_average(raw, outcomes[0])
        entries = [entry for entry in entries if entry.labels != ("bad_channel",)]
    for entry in entries:
        copy = _as_far_as_there(COPIES[entry.copy], recording)
        if copy not in copies:
            copies[copy] = _prepared(recording, copy, first, length, bad)
        signal = copies[copy]
        if isinstance(signal, str):
            missing = tuple(NotAnalysed(label=label, reason=signal) for label in entry.labels)
            outcomes.append(Detection(not_analysed=missing))
        else:
            outcomes.append(entry.find(signal))
    return _together(outcomes, labels)


def _as_far_as_there(copy: Copy, recording: OpenRecording) -> Copy:
    """The copy without kinds that the recording lacks, so that equal ones are prepared once."""
    return copy._replace(kinds=tuple(kind for kind in copy.kinds if recording.info.names(kind)))


def _together(outcomes: Sequence[Detection], labels: Sequence[str]) -> Detection:
    """What the detectors found and said of these labels, as one."""
    analysed = [outcome.analysed for outcome in outcomes if set(outcome.analysed.labels) & set(labels)]
    return Detection(
        events=tuple(event for outcome in outcomes for event in outcome.events if event.label in labels),
        analysed=Analysed(
            labels=tuple(label for a in analysed for label in a.labels if label in labels),
            channels=tuple(dict.fromkeys(channel for a in analysed for channel in a.channels)),
        ),
        not_analysed=tuple(
            item for outcome in outcomes for item in outcome.not_analysed if item.label in labels
        ),
    )


def _prepared(
    recording: OpenRecording, copy: Copy, onset: float, duration: float, bad: Sequence[str]
) -> Segment | str:
    """The signal a detector needs, or why there is none."""
    if not copy.kinds:
        return "no EEG channel"
    montage = copy.montage or default_montage(recording.info)
    return frozen(
        prepare(recording, onset, duration, montage=montage, filters=copy.filters, kinds=copy.kinds, bad=bad)
    )


def _analysed(
    looks: Sequence[Detection], wanted: Sequence[str], seconds: float, channels: Sequence[str] | None
) -> Analysed:
    done = {label for look in looks for label in look.analysed.labels}
    names = dict.fromkeys(name for look in looks for name in look.analysed.channels)
    return Analysed(
        labels=tuple(label for label in wanted if label in done),
        seconds=round(seconds, 3) if done else 0.0,
        channels=tuple(name for name in names if channels is None or name in channels),
    )


def _not_analysed(looks: Sequence[Detection], wanted: Sequence[str]) -> tuple[NotAnalysed, ...]:
    """One reason per label, the first that came up; labels without a detector among them."""
    reasons: dict[str, str] = {}
    for look in looks:
        for item in look.not_analysed:
            reasons.setdefault(item.label, item.reason)
    missing = {label: "no detector in this version" for label in wanted if label not in DETECTOR_OF}
    return tuple(
        NotAnalysed(label=label, reason=missing.get(label) or reasons[label])
        for label in wanted
        if label in missing or label in reasons
    )
