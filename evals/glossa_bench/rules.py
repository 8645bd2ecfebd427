"""Which scoring rules are true of every epoch of a night whose stages and waves are known.

The ids are those of SleepVLM (arXiv 2603.26738), which restate the AASM manual. The answer is a set for each
epoch: a reader who cites one of them is right, and one who cites another is wrong, whichever he prefers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from evals.scoring import COUNTED
from models.hypnogram import EPOCH
from models.truth import Planted

RULES = (
    "W.1", "W.2", "W.3", "N1.1", "N1.2", "N2.1", "N2.2", "N2.3", "N2.4", "N3.1", "R.1", "R.2", "R.3",
    "MBM.1", "MBM.2",
)  # fmt: skip
HALF = EPOCH / 2
_AFTER_K = 1.0
"""An arousal that begins within this many seconds of its end makes a K-complex no sign of N2."""
_DROWSY = ("vertex", "sem", "drowsy theta")


class _Night:
    """The waves of a night, looked up by place."""

    def __init__(self, stages: Sequence[str], planted: Iterable[Planted]) -> None:
        self.stages = tuple(stages)
        self.waves: dict[str, list[Planted]] = {}
        for entry in planted:
            self.waves.setdefault(entry.event.label, []).append(entry)

    def stage(self, epoch: int) -> str:
        """Stage of an epoch; empty outside of the night."""
        return self.stages[epoch] if 0 <= epoch < len(self.stages) else ""

    def within(self, label: str, start: float, stop: float) -> list[Planted]:
        """Waves of a label that begin in a stretch of time."""
        return [w for w in self.waves.get(label, ()) if start <= w.event.onset < stop]

    def seconds(self, label: str, epoch: int) -> float:
        """Time of an epoch that waves of a label cover, overlaps once."""
        start, stop = epoch * EPOCH, (epoch + 1) * EPOCH
        total, reached = 0.0, start
        for wave in sorted(self.waves.get(label, ()), key=lambda w: w.event.onset):
            first = max(reached, wave.event.onset)
            last = min(stop, wave.event.onset + wave.event.duration)
            if last > first:
                total, reached = total + last - first, last
        return total

    def light_sleep(self, start: float, stop: float) -> bool:
        """Whether a spindle, or a K-complex without an arousal, begins in a stretch of time."""
        return bool(self.within("spindle", start, stop)) or any(
            not self.within("arousal", wave.event.onset, wave.event.onset + wave.event.duration + _AFTER_K)
            for wave in self.within("kcomplex", start, stop)
        )

    def makes_alpha(self) -> tuple[bool, bool]:
        """Whether the person can be taken for one who makes alpha, and for one who does not."""
        awake = [w for w in self.waves.get("alpha", ()) if self.stage(int(w.event.onset // EPOCH)) == "W"]
        seen = [w.stratum in COUNTED for w in awake]
        return any(seen) or not awake, not any(seen)


def true_rules(
    stages: Sequence[str], planted: Iterable[Planted], decoys: Iterable[Planted] = ()
) -> tuple[tuple[str, ...], ...]:
    """Tell for every epoch which rules are true of it.

    Parameters
    ----------
    stages : sequence of str
        True stage of every 30-s epoch.
    planted, decoys : iterable of Planted
        Everything that was drawn into the night, in seconds from its start. Of the decoys, drowsy theta counts
        for N1.

    Returns
    -------
    tuple of tuple of str
        Ids of `RULES` in their order, at least one for each epoch.

    Notes
    -----
    The simulator draws chin tone by stage, lowest in R, so low tone is true of every epoch of R and of no other.
    Two rules are read widely: W.2 wants two blinks anywhere in an epoch of W (the manual: through most of it),
    and N2.2 follows every N2 whose next epoch has neither spindle nor K-complex in its first half, even after an
    arousal, since the simulator goes on drawing N2 there.

    References
    ----------
    Danker-Hopfe et al. (2009), https://doi.org/10.1111/j.1365-2869.2008.00700.x (agreement under these rules).
    """
    night = _Night(stages, (*planted, *decoys))
    found = [set(_of_epoch(night, epoch)) for epoch in range(len(night.stages))]
    return tuple(tuple(rule for rule in RULES if rule in one) for one in found)


def _of_epoch(night: _Night, epoch: int) -> Iterable[str]:
    stage, before = night.stage(epoch), night.stage(epoch - 1)
    yield from {"W": _wake, "N1": _drowsy, "N2": _light, "N3": _deep, "R": _dreaming}[stage](night, epoch)
    if before == "N2" and stage != "N2" and (stage != "N1" or _disturbed(night, epoch)):
        yield "N2.4"
    if before == "R" and stage != "R":
        yield "R.3"
    yield from _movement(night, epoch)


def _wake(night: _Night, epoch: int) -> Iterable[str]:
    start, stop = epoch * EPOCH, (epoch + 1) * EPOCH
    blinks, looks = night.within("eyem", start, stop), night.within("rem", start, stop)
    by_alpha = night.seconds("alpha", epoch) > HALF
    if by_alpha or not (blinks or looks):
        yield "W.1"
    if len(blinks) > 1 or (blinks and not by_alpha and not looks):
        yield "W.2"
    if looks:
        yield "W.3"


def _drowsy(night: _Night, epoch: int) -> Iterable[str]:
    start, stop = epoch * EPOCH, (epoch + 1) * EPOCH
    maker, without = night.makes_alpha()
    signs = any(
        wave.event.onset < stop and wave.event.onset + wave.event.duration > start
        for label in _DROWSY
        for wave in night.waves.get(label, ())
    )
    if maker or not signs:
        yield "N1.1"
    if without and signs:
        yield "N1.2"


def _light(night: _Night, epoch: int) -> Iterable[str]:
    start, before = epoch * EPOCH, night.stage(epoch - 1)
    new = night.light_sleep(start, start + HALF)
    begun = new or night.light_sleep(start - HALF, start)
    if begun:
        yield "N2.1"
    if before == "N3":
        yield "N2.3"
    if (before == "N2" and not new) or (not begun and before != "N3"):
        yield "N2.2"


def _deep(night: _Night, epoch: int) -> Iterable[str]:
    del night, epoch  # drawn with slow waves in a fifth of it and more; a test holds the generator to that
    yield "N3.1"


def _dreaming(night: _Night, epoch: int) -> Iterable[str]:
    yield "R.1" if night.within("rem", epoch * EPOCH, (epoch + 1) * EPOCH) else "R.2"


def _disturbed(night: _Night, epoch: int) -> bool:
    """Whether an arousal or a movement lies in this epoch or the one before, as an end of N2 in N1 needs."""
    stretch = (epoch - 1) * EPOCH, (epoch + 1) * EPOCH
    return bool(night.within("arousal", *stretch) or night.within("movement", *stretch))


def _movement(night: _Night, epoch: int) -> Iterable[str]:
    if night.seconds("movement", epoch) <= HALF:
        return
    neighbours = night.stage(epoch - 1), night.stage(epoch + 1)
    if night.stage(epoch) == "W" and (night.seconds("alpha", epoch) > 0 or neighbours == ("W", "W")):
        yield "MBM.1"
    elif night.stage(epoch) == neighbours[1]:
        yield "MBM.2"
