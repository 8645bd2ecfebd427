"""The header of EDF, EDF+ and BDF files: parsed strictly, refused in one line that names the field.

Every number of the header is checked before anything is read by it, and the size of the file
decides where the two differ: a header may claim what it likes, memory follows the file.

References
----------
Kemp et al., Electroencephalogr Clin Neurophysiol 82, 391 (1992), doi:10.1016/0013-4694(92)90009-7;
Kemp and Olivan, Clin Neurophysiol 114, 1755 (2003), doi:10.1016/S1388-2457(03)00123-8.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from tools.source import unreadable

MAX_SIGNALS = 640
"""More than any amplifier in use; a header that claims more is taken for a broken one."""
MAX_SFREQ = 200_000.0
MAX_DURATION = 31 * 86_400.0
MAX_RECORDS = 10_000_000
EDF_MAGIC = b"0       "
BDF_MAGIC = b"\xffBIOSEMI"

_WIDTHS = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)
_INTEGER = re.compile(r"[+-]?\d{1,18}(\.0*)?")
_DECIMAL = re.compile(r"[+-]?(\d+[.,]?\d*|[.,]\d+)([eE][+-]?\d{1,3})?")


class EdfSignal(NamedTuple):
    """One signal of the file: where its samples lie in a record and how they become physical."""

    label: str
    unit: str
    column: int
    samples_per_record: int
    gain: float
    offset: float


@dataclass(frozen=True)
class EdfHeader:
    """Everything the header says, checked."""

    format: str
    patient: str
    recording: str
    date: str
    time: str
    data_offset: int
    record_duration: float
    records: int
    samples_per_record: int
    sample_bytes: int
    signals: tuple[EdfSignal, ...]
    annotation_signals: tuple[EdfSignal, ...]
    warnings: tuple[str, ...]

    @property
    def record_bytes(self) -> int:
        """Size of one data record."""
        return self.samples_per_record * self.sample_bytes

    @property
    def discontinuous(self) -> bool:
        """Whether the file says that time is missing between its records."""
        return self.format.endswith("+D")


def parse_header(head: bytes, size: int) -> EdfHeader:
    """Check and translate the header of a file of ``size`` bytes.

    Parameters
    ----------
    head : bytes
        Beginning of the file, at least 256 bytes for each signal and 256 more, if it is that long.
    size : int
        Size of the whole file in bytes.

    Raises
    ------
    ToolError
        Where the header breaks a rule without which the samples cannot be found.
    """
    if size < 256 or len(head) < 256:
        raise unreadable("The file ends within its EDF header of 256 bytes; copy it again from its source.")
    is_bdf = head[:8] == BDF_MAGIC
    warnings: list[str] = []
    count = _count_signals(head, size)
    reserved = _text(head[192:236]).upper()
    plus = next((kind for kind in ("+C", "+D") if reserved.startswith(("EDF" + kind, "BDF" + kind))), "")
    data_offset = 256 * (count + 1)
    columns = _columns(head, count)
    samples = _samples_per_record(columns[8])
    sample_bytes = 3 if is_bdf else 2
    signals, annotation_signals = _signals(columns, samples, is_bdf, warnings)
    duration = _record_duration(head, bool(signals))
    record_bytes = sum(samples) * sample_bytes
    records = _count_records(head, (size - data_offset), record_bytes, warnings)
    _check_time(signals, duration, records)
    return EdfHeader(
        format=("BDF" if is_bdf else "EDF") + plus,
        patient=_text(head[8:88]),
        recording=_text(head[88:168]),
        date=_text(head[168:176]),
        time=_text(head[176:184]),
        data_offset=data_offset,
        record_duration=duration,
        records=records,
        samples_per_record=sum(samples),
        sample_bytes=sample_bytes,
        signals=signals,
        annotation_signals=annotation_signals,
        warnings=tuple(warnings),
    )


def _text(field: bytes) -> str:
    return field.split(b"\0")[0].decode("latin-1").strip()


def _integer(field: bytes, name: str) -> int:
    text = _text(field)
    if not _INTEGER.fullmatch(text):
        raise unreadable(
            f"The EDF header field '{name}' is no whole number; export the recording again from its source."
        )
    return int(text.split(".")[0])


def _decimal(field: bytes) -> float:
    """Value of a decimal field; NaN where it is none. A comma for the point is let pass."""
    text = _text(field)
    return float(text.replace(",", ".")) if _DECIMAL.fullmatch(text) else math.nan


def _count_signals(head: bytes, size: int) -> int:
    count = _integer(head[252:256], "number of signals")
    if not 1 <= count <= MAX_SIGNALS:
        raise unreadable(
            f"The EDF header claims {count} signals; 1 to {MAX_SIGNALS} can be read. "
            "Export the recording with fewer channels or again from its source."
        )
    needed = 256 * (count + 1)
    claimed = _integer(head[184:192], "header size")
    if claimed != needed:
        raise unreadable(
            f"The EDF header contradicts itself: {count} signals need a header of {needed} bytes and it "
            f"claims {claimed}; export the recording again from its source."
        )
    if size < needed or len(head) < needed:
        raise unreadable(
            f"The file ends within its EDF header: {count} signals need {needed} bytes and it has {size}; "
            "copy it again from its source."
        )
    return count


def _columns(head: bytes, count: int) -> list[list[bytes]]:
    """Cut the signal part of the header into its ten fields, each a list over signals."""
    columns, at = [], 256
    for width in _WIDTHS:
        columns.append([head[at + i * width : at + (i + 1) * width] for i in range(count)])
        at += count * width
    return columns


def _samples_per_record(fields: list[bytes]) -> list[int]:
    samples = [_integer(field, "samples per record") for field in fields]
    if min(samples) < 0:
        raise unreadable("The EDF header gives a signal a negative number of samples; export it again.")
    return samples


def _record_duration(head: bytes, has_signals: bool) -> float:
    duration = _decimal(head[244:252])
    if not math.isfinite(duration) or duration < 0 or (duration == 0 and has_signals):
        raise unreadable(
            "The EDF header field 'duration of a record' must be a number above 0, or no sampling rate "
            "follows from it; export the recording again from its source."
        )
    return duration


def _signals(
    columns: list[list[bytes]], samples: list[int], is_bdf: bool, warnings: list[str]
) -> tuple[tuple[EdfSignal, ...], tuple[EdfSignal, ...]]:
    """Build the signals; one whose calibration is undefined is left out with a warning."""
    starts = [0]
    for n in samples:
        starts.append(starts[-1] + n)
    limit = 1 << (23 if is_bdf else 15)
    signals, annotation_signals, wide = [], [], 0
    for i, (column, _) in enumerate(pairwise(starts)):
        label = _text(columns[0][i])
        if label in ("EDF Annotations", "BDF Annotations"):
            annotation_signals.append(EdfSignal(label, "", column, samples[i], 1.0, 0.0))
            continue
        calibration = _calibration(*(columns[k][i] for k in (3, 4, 5, 6)))
        if calibration is None or samples[i] == 0:
            cause = "has no samples" if samples[i] == 0 else "has no usable calibration in the header"
            warnings.append(f"Channel {i + 1} of the file {cause} and is left out.")
            continue
        wide += _decimal(columns[5][i]) < -limit or _decimal(columns[6][i]) >= limit
        signals.append(EdfSignal(label, _text(columns[2][i]), column, samples[i], *calibration))
    if wide:
        warnings.append(
            f"The digital limits of {wide} channels are wider than a sample; large waves may be cut off."
        )
    return tuple(signals), tuple(annotation_signals)


def _calibration(*fields: bytes) -> tuple[float, float] | None:
    """Gain and offset from physical and digital limits, or None where they define no line."""
    pmin, pmax, dmin, dmax = (_decimal(field) for field in fields)
    if not all(math.isfinite(v) and abs(v) < 1e12 for v in (pmin, pmax, dmin, dmax)):
        return None
    if pmin == pmax or dmin >= dmax:
        return None
    gain = (pmax - pmin) / (dmax - dmin)
    return gain, pmin - gain * dmin


def _count_records(head: bytes, data_bytes: int, record_bytes: int, warnings: list[str]) -> int:
    """Number of whole records: what the header claims, as far as the file holds them."""
    claimed = _integer(head[236:244], "number of records")
    if record_bytes == 0:
        raise unreadable("The EDF header gives no signal any samples; export the recording again.")
    whole, rest = divmod(data_bytes, record_bytes)
    if min(whole, abs(claimed)) > MAX_RECORDS:
        raise unreadable(f"The EDF header claims {claimed} data records; up to {MAX_RECORDS} can be read.")
    if whole == 0:
        raise unreadable(
            f"The file holds no whole data record: one takes {record_bytes} bytes and {data_bytes} follow "
            "the header; copy the file again from its source."
        )
    if claimed == -1:
        warnings.append("The header does not say how long the recording is; the size of the file decides.")
        return whole
    if claimed < 1:
        raise unreadable(f"The EDF header claims {claimed} data records; export the recording again.")
    if claimed > whole:
        duration = _decimal(head[244:252])
        warnings.append(
            f"The file is truncated: {whole} of {claimed} data records are whole, the last "
            f"{(claimed - whole) * duration:g} s are lost."
        )
    elif claimed < whole or rest:
        warnings.append(
            f"{data_bytes - claimed * record_bytes} bytes lie behind the last record that the header counts; "
            "they are left out."
        )
    return min(claimed, whole)


def _check_time(signals: tuple[EdfSignal, ...], record_duration: float, records: int) -> None:
    if not signals:
        return
    fastest = max(signal.samples_per_record for signal in signals) / record_duration
    if fastest > MAX_SFREQ:
        raise unreadable(
            f"The EDF header gives a sampling rate of {fastest:.6g} Hz; up to {MAX_SFREQ:g} Hz can be true. "
            "Export the recording again from its source."
        )
    if records * record_duration > MAX_DURATION:
        raise unreadable(
            f"The EDF header gives a length of {records * record_duration:.6g} s; up to {MAX_DURATION:g} s "
            "can be read. Export a part of the recording."
        )
