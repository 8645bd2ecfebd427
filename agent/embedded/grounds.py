"""Which rule of the base gives which finding its meaning."""

from __future__ import annotations

RULES: dict[str, tuple[str, ...]] = {
    "spike": ("CE-EP-01", "CE-EP-02"), "sharp": ("CE-EP-01", "CE-EP-03"), "spsw": ("CE-EP-04", "CE-EP-01"),
    "spindle": ("AASM-DEF-08",), "kcomplex": ("AASM-DEF-11",), "slow_wave": ("AASM-DEF-13",),
    "vertex": ("AASM-DEF-03",), "sawtooth": ("AASM-DEF-14",), "rem": ("AASM-DEF-05",),
    "sem": ("AASM-DEF-04",), "arousal": ("AASM-ARO-01",), "alpha": ("CE-BG-05",), "mu": ("CE-BG-15",),
    "eyem": ("CE-ART-01",), "eyer+": ("CE-ART-03",), "eyer-": ("CE-ART-03",), "hfnoise": ("CE-ART-05",),
    "chewing": ("CE-ART-06",), "ecg": ("CE-ART-10",), "respiration": ("CE-ART-12",),
    "sweat": ("CE-ART-09",), "pop": ("CE-ART-08",), "line_noise": ("CE-ART-13",), "flat": ("CE-ART-15",),
    "extreme": ("CE-ART-14",), "bad_channel": ("CE-POL-05",), "movement": ("CE-ART-14",),
    "LPD": ("CE-CC-01", "CE-CC-04"), "GPD": ("CE-CC-01", "CE-CC-04"), "BIPD": ("CE-CC-01", "CE-CC-04"),
    "LRDA": ("CE-CC-02",), "GRDA": ("CE-CC-02",), "seizure": ("CE-SZ-06", "CE-SZ-02"),
    "burst_suppression": ("CE-CC-09",),
}  # fmt: skip

MEASURED_RULES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("posterior rhythm frequency", ("CE-BG-06",)),
    ("posterior rhythm", ("CE-BG-05",)),
    ("amplitude difference between sides", ("CE-AS-01",)),
    ("frequency difference between sides", ("CE-BG-09",)),
    ("asymmetry", ("CE-AS-01",)),
    ("generalized", ("CE-SL-01",)),
    ("focal", ("CE-SL-04",)),
    ("quality", ("CE-ART-16",)),
)
"""By how a measured quantity begins."""

STAGE_RULES: dict[str, tuple[str, ...]] = {
    "W": ("AASM-W-01", "AASM-W-02"), "N1": ("AASM-N1-01", "AASM-N1-02"), "N2": ("AASM-N2-01", "AASM-N2-02"),
    "N3": ("AASM-N3-01", "AASM-N3-02"), "R": ("AASM-R-01", "AASM-R-02"),
}  # fmt: skip
"""What decides a stage."""
