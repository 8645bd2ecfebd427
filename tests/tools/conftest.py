"""A writer of EDF and BDF files that can also lie: every header field may be overridden."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

TEN_TWENTY = "Fp1 Fp2 F7 F3 Fz F4 F8 T3 C3 Cz C4 T4 T5 P3 Pz P4 T6 O1 O2".split()  # noqa: SIM905
FIELDS = {
    "version": (0, 8), "patient": (8, 80), "recording": (88, 80), "date": (168, 8), "time": (176, 8),
    "header_bytes": (184, 8), "reserved": (192, 44), "records": (236, 8), "record_duration": (244, 8),
    "signals": (252, 4),
}  # fmt: skip
SIGNAL_WIDTHS = {
    "label": 16, "transducer": 80, "unit": 8, "pmin": 8, "pmax": 8, "dmin": 8, "dmax": 8, "prefilter": 80,
    "samples": 8, "signal_reserved": 32,
}  # fmt: skip


@dataclass
class Edf:
    """An EDF file in memory; digital values stand for themselves unless physical limits say otherwise."""

    labels: Sequence[str] = ("Fp1", "Fp2", "C3", "C4", "O1", "O2")
    sfreq: Sequence[int] | int = 200
    seconds: int = 20
    plus: str = ""
    unit: Sequence[str] | str = "uV"
    physical: tuple[float, float] = (-3276.8, 3276.7)
    onsets: Sequence[float] | None = None
    texts: Sequence[Sequence[str]] = ()
    patient: str = "X X X X"
    recording: str = "Startdate X X X X"
    date: str = "03.04.19"
    time: str = "22.30.15"
    annotation_bytes: int = 120
    bdf: bool = False
    seed: int = 0
    digital: list[np.ndarray] = field(default_factory=list)

    def __post_init__(self) -> None:
        rates = [self.sfreq] * len(self.labels) if isinstance(self.sfreq, int) else list(self.sfreq)
        self.rates = rates
        if not self.digital:
            rng = np.random.default_rng(self.seed)
            self.digital = [rng.normal(0, 200, rate * self.seconds).round().astype(int) for rate in rates]

    def header(self, **override) -> bytes:
        """Header bytes; ``patient=b"..."`` overrides a field, ``unit={0: b"x"}`` one of a signal."""
        labels = [
            *self.labels,
            *(["BDF Annotations" if self.bdf else "EDF Annotations"] if self.plus else []),
        ]
        n, extra = len(labels), int(bool(self.plus))
        units = [self.unit] * len(self.labels) if isinstance(self.unit, str) else list(self.unit)
        low, high = (-8388608, 8388607) if self.bdf else (-32768, 32767)
        size = 3 if self.bdf else 2
        values = {
            "version": "\xffBIOSEMI" if self.bdf else "0", "patient": self.patient,
            "recording": self.recording, "date": self.date, "time": self.time,
            "header_bytes": 256 * (n + 1), "records": self.seconds, "record_duration": 1, "signals": n,
            "reserved": (("BDF" if self.bdf else "EDF") + self.plus) if self.plus else "",
        }  # fmt: skip
        columns = {
            "label": labels, "transducer": [""] * n, "unit": units + [""] * extra,
            "pmin": [f"{self.physical[0]:g}"] * len(units) + ["-1"] * extra,
            "pmax": [f"{self.physical[1]:g}"] * len(units) + ["1"] * extra,
            "dmin": [low] * n, "dmax": [high] * n,
            "prefilter": [""] * n, "samples": self.rates + [self.annotation_bytes // size] * extra,
            "signal_reserved": [""] * n,
        }  # fmt: skip
        out = b"".join(_pad(override.get(key, values[key]), width) for key, (_, width) in FIELDS.items())
        for key, width in SIGNAL_WIDTHS.items():
            changed = override.get(key, {})
            out += b"".join(_pad(changed.get(i, value), width) for i, value in enumerate(columns[key]))
        return out

    def data(self) -> bytes:
        """The records."""
        return b"".join(self.record(second) for second in range(self.seconds))

    def record(self, second: int) -> bytes:
        """One record of a second."""
        parts = []
        for rate, x in zip(self.rates, self.digital, strict=True):
            part = np.asarray(x[second * rate : (second + 1) * rate])
            parts.append(_int24(part) if self.bdf else part.astype("<i2").tobytes())
        if self.plus:
            onset = self.onsets[second] if self.onsets is not None else second
            tal = f"+{onset:.12g}\x14\x14\0".encode()
            texts = self.texts[second] if second < len(self.texts) else ()
            tal += b"".join(f"+{onset:.12g}\x151.5\x14{text}\x14\0".encode() for text in texts)
            size = self.annotation_bytes // (3 if self.bdf else 2) * (3 if self.bdf else 2)
            assert len(tal) <= size
            parts.append(tal.ljust(size, b"\0"))
        return b"".join(parts)

    def bytes(self, **override) -> bytes:
        """The whole file."""
        return self.header(**override) + self.data()


def _pad(value, width: int) -> bytes:
    raw = value if isinstance(value, bytes) else str(value).encode("latin-1")
    assert len(raw) <= width, raw
    return raw.ljust(width)


def _int24(x: np.ndarray) -> bytes:
    return x.astype("<i4").view(np.uint8).reshape(-1, 4)[:, :3].tobytes()


@pytest.fixture(scope="session")
def edf_of() -> type[Edf]:
    """The writer itself."""
    return Edf


@pytest.fixture
def write_edf(tmp_path) -> Callable[..., Path]:
    """Write an EDF file: ``write_edf(labels=..., header={"records": b"-1"})`` gives its path."""

    def write(
        *, header: dict | None = None, name: str = "jdoe1951.edf", cut: int | None = None, **kwargs
    ) -> Path:
        path = tmp_path / name
        path.write_bytes(Edf(**kwargs).bytes(**(header or {}))[:cut])
        return path

    return write
