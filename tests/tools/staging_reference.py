"""A made-up night and what YASA says about it, stored in ``staging_reference.json``.

The file is made by running this script where YASA 0.8.1 is installed (see ``models/runs/yasa_staging.md``):
``python tests/tools/staging_reference.py``.
"""

import json
import sys
from pathlib import Path

import numpy as np

FILE = Path(__file__).with_suffix(".json")
MINUTES = 20
CASES = (
    ("eeg", 100.0), ("eeg", 200.0), ("eeg+demo", 128.0), ("eeg+eog", 256.0), ("eeg+eog+demo", 100.0),
    ("eeg+emg", 500.0), ("eeg+emg+demo", 173.61), ("eeg+eog+emg", 200.0), ("eeg+eog+emg+demo", 250.0),
)  # fmt: skip
AGE, MALE = 43, True


def channels(sfreq):
    """EEG, eye and chin in microvolts: wake, light sleep, deep sleep and REM in turn, from a frozen generator."""
    draw = np.random.RandomState(20260101)  # its stream never changes, unlike that of default_rng
    n = round(MINUTES * 60 * sfreq) + 7  # a few more than whole epochs
    t = np.arange(n) / sfreq
    turn = (t // 150).astype(int) % 4
    slow, alpha, sigma = (np.array(row)[turn] for row in ((8, 30, 75, 12), (30, 4, 2, 8), (2, 14, 6, 2)))
    noise = draw.standard_normal((3, n))
    walk = np.cumsum(noise[0]) * 40 / np.sqrt(sfreq)
    walk -= np.convolve(walk, np.ones(round(2 * sfreq)) / round(2 * sfreq), "same")
    eeg = (
        0.2 * walk + 2 * noise[1] + slow * np.sin(2 * np.pi * 0.83 * t + np.sin(0.37 * t))
        + alpha * np.sin(2 * np.pi * 10.1 * t) * np.abs(np.sin(0.21 * t))
        + sigma * np.sin(2 * np.pi * 13.3 * t) * np.maximum(np.sin(0.9 * t), 0) ** 4
        + 5 * np.sin(2 * np.pi * 6.1 * t + np.sin(t))
    )  # fmt: skip
    eog = 0.5 * eeg + np.where(turn == 3, 90, 8) * np.tanh(9 * np.sin(2 * np.pi * 0.23 * t + np.sin(1.7 * t)))
    emg = np.array((12, 5, 3, 1))[turn] * noise[2] + 0.5 * noise[1]
    return {"eeg": eeg, "eog": eog, "emg": emg}


def ask_yasa(model, sfreq):
    """Run YASA on one case."""
    import mne
    import yasa

    kinds = [kind for kind in model.split("+") if kind != "demo"]
    volts = 1e-6 * np.stack([channels(sfreq)[kind] for kind in kinds])
    raw = mne.io.RawArray(volts, mne.create_info(kinds, sfreq, kinds), verbose=False)
    named = {f"{kind}_name": kind for kind in kinds[1:]}
    demo = {"age": AGE, "male": MALE} if model.endswith("demo") else None
    night = yasa.SleepStaging(raw, "eeg", **named, metadata=demo).predict()
    table = night.proba[["WAKE", "N1", "N2", "N3", "REM"]].to_numpy()
    stages = [{"WAKE": "W", "REM": "R"}.get(str(stage), str(stage)) for stage in night.hypno]
    return {
        "model": model,
        "sfreq": sfreq,
        "stages": " ".join(stages),
        "probabilities": table.round(7).tolist(),
    }


if __name__ == "__main__":
    answers = [json.dumps(ask_yasa(*case)) for case in CASES]
    FILE.write_text("[\n" + ",\n".join(answers) + "\n]\n", encoding="utf-8")
    sys.stdout.write(f"{FILE.stat().st_size} bytes\n")
