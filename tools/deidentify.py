"""What may leave a file: age, sex, clock time and names built from known words, nothing else.

An allow-list, not a search for names: a label is let through when each of its tokens is an electrode,
a word of the field or a short number; anything else becomes ``channel 7``. Dates, codes, free text
and annotation text never leave the readers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Literal

from tools.edf_header import EdfHeader
from tools.source import Subject

AGE_TOP_CODED = 90.0
"""Ages above 89 years identify people and are reported as 90 (45 CFR 164.514(b)(2)(i)(C))."""

_SITES = (
    "fp", "af", "f", "ft", "fc", "t", "c", "tp", "cp", "p", "po", "o", "i", "n", "afp", "aff", "ffc", "fft",
    "fcc", "ftt", "ccp", "ttp", "cpp", "tpp", "ppo", "poo", "oi",
)  # fmt: skip
_UPPER_SITES = {"fp": "Fp", "afp": "AFp", "oi": "OI"}
ELECTRODES: dict[str, str] = {
    f"{site}{end}": f"{_UPPER_SITES.get(site, site.upper())}{end}"
    for site in _SITES
    for end in ("z", "zh", *(f"{n}{h}" for n in range(1, 11) for h in ("", "h")))
} | {name.lower(): name for name in ("A1", "A2", "M1", "M2", "Nz", "Sp1", "Sp2", "Pg1", "Pg2", "E1", "E2")}
"""Every electrode name of the 10-5 system and its neighbours: lower case to standard spelling."""

_WORDS = frozenset(
    re.findall(
        r"\S+",
        """
        a aa abd abdo abdomen abdominal acc accelerometer accx accy accz aff air airflow ant anterior ar
        aut aux av average avg battery belt bipolar body bpm c cannula canthus car ch channel chest
        chin cle cpap cpress dc din e ear ecg ecog eeg eegs effort ekg emg emga emgb emgl emgleft emgr
        emgright eog ergo etco2 event events exg flow foot gnd ground gsr gyro h heart heog heogl heogr
        hor horiz horizontal hr hypno hypnogram imp impedance inferior k l lat lateral le leak left
        lefteye leg ler lf light lla lleg lm loc lower lt marker masseter mast mastoid mic microphone
        misc mk mkr ml mouth n na naf nasal neuro neutral nose ntp o2 ocular oral org oro oronasal ox
        pco2 phono photic pht pleth plethysmogram pneumo pol pos position ppg pr press pressure ptaf pulse
        r rat rate rec rectal ref reference res resp respiration right righteye rip rleg rmi roc rt sao2 sec
        seeg sens sensor snore snoring sound sp spo2 spont stade stage stat status sti stim stimulus
        submental sum superior t tcco2 temp temperature therm thermistor thor thoracic thorax tib tibialis
        tidal time trig trigger ul unipolar unspecified upper upward v vab veog veogd veogl veogr veogu
        ver vert vertical vol volume vth x y z
        """,
    )
)
_TOKEN = re.compile(r"[A-Za-z0-9$'+]+")
_WORD_AND_NUMBER = re.compile(r"\$?([a-z]+?)(\d{0,3})")
_SERIES = re.compile(r"([A-Za-z]{1,3})'?(\d{1,3})")
_UNITS = {
    "%": "%", "percent": "%", "bpm": "bpm", "1/min": "1/min", "degc": "degC", "deg": "deg", "°c": "degC",
    "c": "degC", "hz": "Hz", "s": "s", "ms": "ms", "g": "g", "mg": "mg", "l/min": "L/min", "l/s": "L/s",
    "ml": "mL", "l": "L", "mmhg": "mmHg", "cmh2o": "cmH2O", "mbar": "mbar", "pa": "Pa", "kpa": "kPa",
    "hpa": "hPa", "ohm": "Ohm", "kohm": "kOhm", "lux": "lx", "lx": "lx", "db": "dB", "m/s^2": "m/s^2",
    "us": "uS", "a": "A", "ma": "mA", "ua": "uA",
}  # fmt: skip
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_SEXES: dict[str, Literal["female", "male"]] = {"M": "male", "F": "female"}
_SEX_AND_AGE = re.compile(r"(?:female|male|f|m)[ _](\d{1,3}) ?(?:yr|yrs|y|years)", re.IGNORECASE)


def series_names(labels: Sequence[str]) -> frozenset[str]:
    """Letters that carry at least four numbers among the labels, such as ``LA`` of a depth electrode.

    A grid or strip names its contacts that way; a person's initials do not come in series.
    """
    found = {tuple(m.groups()) for label in labels for m in [_SERIES.fullmatch(_last_word(label))] if m}
    counts = Counter(letters.upper() for letters, _ in found)
    return frozenset(letters for letters, n in counts.items() if n >= 4)


def clean_label(label: str, position: int, series: frozenset[str] = frozenset()) -> str:
    """Let a channel label through when all its tokens are known, else give ``channel <position>``."""
    tokens = _TOKEN.findall(label)
    rest = _TOKEN.sub("", label).strip()
    odd = set(rest) - set(" -_.:/()#,")
    if not tokens or odd or len(label) > 40 or not all(_is_known(token, series) for token in tokens):
        return f"channel {position}"
    return " ".join(label.rstrip(". ").split())


def clean_unit(unit: str) -> str:
    """Unit of a quantity that is not a voltage, where it is a known one; else empty."""
    return _UNITS.get(unit.strip().lower(), "")


def subject_of_edf(header: EdfHeader) -> Subject:
    """Age, sex and clock time from the subfields that EDF+ defines; dates are used and dropped."""
    fields = header.patient.split()
    sex = _SEXES.get(fields[1]) if len(fields) > 1 else None
    parts = header.recording.split()
    start = _edf_date(parts[1]) if len(parts) > 1 and parts[0] == "Startdate" else None
    start = start or _header_date(header.date)
    born = _edf_date(fields[2]) if len(fields) > 2 else None
    age = age_between(born, start)
    stated = next((m for m in map(_SEX_AND_AGE.fullmatch, fields[3:4]) if m), None)
    if age is None and stated is not None:
        age = top_coded(float(stated[1]))
    return Subject(age, sex, clock_time(header.time))


def clock_time(text: str) -> str | None:
    """``HH:MM:SS`` from a time of day written with dots or colons; None where it is none.

    Midnight to the second is what programs write when they remove the time, so it counts as none.
    """
    match = re.fullmatch(r"(\d{1,2})[.:](\d{1,2})[.:](\d{1,2})", text.strip())
    if match is None:
        return None
    hours, minutes, seconds = (int(part) for part in match.groups())
    if hours > 23 or minutes > 59 or seconds > 59:
        return None
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}" if hours or minutes or seconds else None


def age_between(born: date | None, start: date | None) -> float | None:
    """Age in years: whole years from the third on, tenths before, 90 for all above 89."""
    if born is None or start is None:
        return None
    whole = start.year - born.year - ((start.month, start.day) < (born.month, born.day))
    exact = (start - born).days / 365.2425
    return top_coded(float(whole) if whole >= 3 else round(exact, 1))


def top_coded(age: float) -> float | None:
    """Age as it may be told; None where it cannot be one."""
    return None if not 0 <= age <= 125 else min(age, AGE_TOP_CODED)


def _is_known(token: str, series: frozenset[str]) -> bool:
    low = token.lower().lstrip("$")
    if low in ELECTRODES or low in _WORDS or (low.isdigit() and len(low) <= 3):
        return True
    contact = _SERIES.fullmatch(low)
    if contact is not None and contact[1].upper() in series:
        return True
    if "+" in low:
        return all(_is_known(part, series) for part in low.split("+") if part)
    if re.fullmatch(r"([acfmop][z1-9])([am][12])+", low):  # C3A2, F4M1, A1A2 written in one word
        return True
    word = _WORD_AND_NUMBER.fullmatch(low)
    return word is not None and word[1] in _WORDS


def _last_word(label: str) -> str:
    words = [
        w
        for w in re.split(r"[\s\-_]+", label.strip().rstrip("."))
        if w.upper() not in ("REF", "LE", "AV", "AVG")
    ]
    return words[-1] if words else ""


def _edf_date(text: str) -> date | None:
    match = re.fullmatch(r"(\d{2})-([A-Za-z]{3})-(\d{4})", text)
    if match is None or match[2].upper() not in _MONTHS:
        return None
    return _valid_date(int(match[3]), _MONTHS.index(match[2].upper()) + 1, int(match[1]))


def _header_date(text: str) -> date | None:
    match = re.fullmatch(r"(\d{2})[./-](\d{2})[./-](\d{2})", text)
    if match is None:
        return None
    day, month, year = (int(part) for part in match.groups())
    return _valid_date(year + (1900 if year >= 85 else 2000), month, day)


def _valid_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
