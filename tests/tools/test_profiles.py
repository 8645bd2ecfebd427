import io

import numpy as np
import pytest
from PIL import Image

from tools.io import open_recording
from tools.page import render, render_all, write_page
from tools.profiles import CerebraGlossLook, render_cerebragloss, render_profile
from tools.sleep_inputs import SLEEPVLM_CHANNELS, SleepSignals, bench_signals, sleepvlm_signals
from tools.sleep_pictures import draw_bench, draw_sleepvlm
from tools.types import Event, Page, ToolError

COLOURS = ("#FFFF00", "#00FF00", "#FF0000", "#00FFFF", "#FF00FF", "#0000FF")
NIGHT = ("F4-M1", "C4-M1", "O2-M1", "E1-M2", "E2-M2", "Chin")
SCALP = (
    "Fp1", "Fp2", "F7", "F3", "Fz", "F4", "F8", "T3", "C3", "Cz", "C4", "T4", "T5", "P3", "Pz", "P4",
    "T6", "O1", "O2",
)  # fmt: skip


def picture(rendered):
    return np.asarray(Image.open(io.BytesIO(rendered.png)))


def noise(channels, seconds, sfreq, seed=0):
    walk = np.random.default_rng(seed).standard_normal((channels, int(seconds * sfreq))).cumsum(axis=1)
    return 5 * (walk - walk.mean(axis=1, keepdims=True)) / sfreq**0.5


@pytest.fixture
def edf(tmp_path):
    """Write signals in µV to an EDF file; a channel's rate may be given as (data, rate)."""
    from edfio import Edf, EdfSignal

    def write(signals, sfreq=256.0, name="night.edf"):
        made = []
        for label, data in signals.items():
            trace, rate = data if isinstance(data, tuple) else (data, sfreq)
            limit = float(np.ceil(np.abs(trace).max() + 1))
            made.append(
                EdfSignal(trace, rate, label=label, physical_dimension="uV", physical_range=(-limit, limit))
            )
        Edf(made).write(tmp_path / name)
        return tmp_path / name

    return write


def night(seconds=120, sfreq=256.0, channels=NIGHT):
    return dict(zip(channels, noise(len(channels), seconds, sfreq), strict=True))


def signals(data, channels):
    return SleepSignals(data, channels, tuple((name,) for name in channels))


def published_drawing(data, channels):
    """The published sequence of pyplot calls, as far as it decides pixels, to compare with ours."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(4.48, 2.24), dpi=100)
    figure.patch.set_facecolor("black")
    axes.set_facecolor("black")
    bands = len(channels)
    for i, name in enumerate(channels):
        span = 80.0 if name == "Chin" else 100.0
        y = (bands - i - 0.5) * (1 / bands) + data[i] / span * (1 / bands)
        colour = COLOURS[SLEEPVLM_CHANNELS.index(name)]
        axes.plot(np.linspace(0, 30, data.shape[1]), y, color=colour, linewidth=0.6)
    for second in range(1, 30):
        five = second % 5 == 0
        axes.axvline(second, color="#404040", alpha=0.8 if five else 0.6, linewidth=0.8 if five else 0.5)
    for band in range(1, bands):
        axes.axhline(band * (1 / bands), color="#404040", alpha=0.8, linewidth=0.8)
    axes.set(xlim=(0, 30), ylim=(0, 1), xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set_visible(False)
    plt.subplots_adjust(left=0, right=1, top=1, bottom=0)
    buffer = io.BytesIO()
    plt.savefig(buffer, facecolor="black", bbox_inches="tight", pad_inches=0, dpi=100)
    plt.close(figure)
    return np.asarray(Image.open(buffer))


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6])
def test_sleepvlm_pictures_are_the_published_ones_pixel_for_pixel(count):
    channels = SLEEPVLM_CHANNELS[-count:]
    data = noise(count, 30, 100.0) * 40  # far beyond the bands
    ours = picture(draw_sleepvlm(signals(data[:, None], channels), 0))
    assert ours.shape == (224, 448, 4)
    assert (ours == published_drawing(data, channels)).all()


def test_a_users_matplotlib_style_does_not_reach_the_picture():
    import matplotlib

    data = signals(noise(6, 30, 100.0)[:, None], SLEEPVLM_CHANNELS)
    plain = draw_sleepvlm(data, 0).png
    with matplotlib.rc_context({"path.simplify": False, "lines.antialiased": False, "figure.dpi": 50}):
        assert draw_sleepvlm(data, 0).png == plain


def test_sleepvlm_bands_are_positive_up_and_as_high_as_their_range():
    data = np.zeros((6, 1, 3000))
    data[0] = 49.0
    data[5] = -39.0
    rendered = draw_sleepvlm(signals(data, SLEEPVLM_CHANNELS), 0)
    shown = picture(rendered)[..., :3].astype(int)
    yellow = (shown[..., 0] > 90) & (shown[..., 1] > 90) & (shown[..., 2] < 60)
    blue = (shown[..., 2] > 90) & (shown[..., 0] < 60) & (shown[..., 1] < 60)
    assert np.nonzero(yellow)[0].max() <= 2
    assert np.nonzero(blue)[0].min() >= 221
    assert [axis.channel for axis in rendered.axes] == list(SLEEPVLM_CHANNELS)
    assert rendered.axes[0].uv_per_px == pytest.approx(-100 / (224 / 6))


def test_sleepvlm_writes_three_files_and_tells_of_the_target(edf, tmp_path):
    with open_recording(edf(night())) as opened:
        page = Page(onset=40, duration=30, profile="sleepvlm")
        described = write_page(opened, page, tmp_path / "epoch.png")
        pictures = render_all(opened, page)
        assert render(opened, page).png == pictures["target"].png
    names = {role: tmp_path / f"epoch_{role}.png" for role in ("previous", "target", "next")}
    assert described["paths"] == {role: str(path) for role, path in names.items()}
    assert described["path"] == str(names["target"])
    assert len({path.read_bytes() for path in names.values()}) == 3
    assert names["next"].read_bytes() == pictures["next"].png
    assert [axis["channel"] for axis in described["axes"]] == list(SLEEPVLM_CHANNELS)


@pytest.mark.parametrize("onset", [0.0, 29.0, 90.0, 119.0])
def test_the_first_and_last_epoch_cannot_be_a_target(edf, onset):
    with open_recording(edf(night())) as opened:
        with pytest.raises(ToolError, match="first and the last") as refused:
            render(opened, Page(onset=onset, duration=30, profile="sleepvlm"))
        assert refused.value.field == "start"
        assert "between 30 and 89 s" in refused.value.message


def test_a_recording_of_two_epochs_has_no_target(edf):
    with open_recording(edf(night(seconds=70))) as opened, pytest.raises(ToolError, match="three epochs"):
        render(opened, Page(onset=30, duration=30, profile="sleepvlm"))


def test_channels_that_are_missing_leave_their_band_to_the_others(edf):
    with open_recording(edf(night(channels=("C4-M1", "E1-M2")))) as opened:
        rendered = render(opened, Page(onset=30, duration=30, profile="sleepvlm"))
    assert [(axis.channel, axis.y0, axis.y1) for axis in rendered.axes] == [("C4", 0, 112), ("LOC", 112, 224)]
    assert any("F4, O2, ROC, Chin" in note for note in rendered.notes)


def test_a_recording_without_any_of_the_six_is_refused(edf):
    with open_recording(edf(night(channels=("C3-M2", "O1-M2")))) as opened:
        with pytest.raises(ToolError) as refused:
            render(opened, Page(onset=30, duration=30, profile="sleepvlm"))
        assert refused.value.field == "profile"


def test_the_other_ear_is_subtracted_where_it_was_recorded_and_two_chins_make_one(edf):
    labels = ("F4", "C4", "M1", "M2", "E1", "EMG Chin1", "EMG Chin2")
    with open_recording(edf(night(channels=labels))) as opened:
        found = sleepvlm_signals(opened)
        assert found.channels == ("F4", "C4", "LOC", "Chin")
        assert found.sources[0] == ("F4", "M1")
        assert found.sources[2] == ("E1", "M2")
        assert len(found.sources[3]) == 2
        own = sleepvlm_signals(opened, {"O2": "C4"})
        assert own.sources[own.channels.index("O2")] == ("C4",)
        with pytest.raises(ToolError):
            sleepvlm_signals(opened, {"O2": "O7"})


def test_sleepvlm_filters_and_resamples_as_published(edf):
    t = np.arange(180 * 256) / 256
    mains, passing, chin = (np.sin(2 * np.pi * f * t) for f in (50.0, 10.0, 70.0))
    with open_recording(edf({"F4-M1": 40 * passing + 30, "C4-M1": 40 * mains, "Chin": 30 * chin})) as opened:
        found = sleepvlm_signals(opened)
    assert found.data.shape == (3, 6, 3000)
    alpha, line, folded = found.data[:, 3]
    assert np.ptp(alpha) == pytest.approx(80, rel=0.03)
    assert abs(alpha.mean()) < 0.5
    assert np.ptp(line) < 1
    spectrum = np.abs(np.fft.rfft(folded))  # 70 Hz at 100 samples/s is 30 Hz
    assert np.argmax(spectrum) / 30 == pytest.approx(30, abs=0.1)


def test_missing_samples_stay_where_they_are(edf):
    from tools.sleep_inputs import _bench_filter, _sleepvlm_filter

    trace = noise(1, 90, 200.0)[0]
    broken = trace.copy()
    broken[6000:6200] = np.nan
    for filtered in (_sleepvlm_filter(broken, 200.0, "F4"), _bench_filter(broken, 200.0, "EEG", None)):
        assert np.isnan(filtered[3005:3095]).all()
        assert np.isfinite(filtered[:2990]).all()
        assert np.isfinite(filtered[3110:]).all()
    assert np.isnan(_sleepvlm_filter(np.full(18000, np.nan), 200.0, "F4")).all()


def test_the_benchmarks_picture_is_a_white_square_with_three_panels(edf):
    with open_recording(edf(night(channels=("C4-M1", "E1-M2", "Chin")))) as opened:
        rendered = render(opened, Page(onset=30, duration=30, profile="sleepvlm-bench"))
        found = bench_signals(opened)
    shown = picture(rendered)
    assert shown.shape == (336, 336, 3)
    assert (shown[:84] == 255).all()
    assert (shown[252:] == 255).all()
    assert [axis.channel for axis in rendered.axes] == ["EEG", "EOG", "EMG"]
    inside = shown[round(rendered.axes[0].y0) + 2 : round(rendered.axes[0].y1) - 2]
    assert (inside < 150).any()
    assert (picture(draw_bench(found, 1, size=224)).shape) == (224, 224, 3)
    assert picture(draw_bench(found, 1, size=None)).shape == (900, 1800, 4)


def test_the_benchmark_filters_each_kind_in_its_own_band(edf):
    t = np.arange(120 * 256) / 256
    with open_recording(
        edf({name: 40 * np.sin(2 * np.pi * 20 * t) for name in ("C4-M1", "E1-M2", "Chin")})
    ) as opened:
        eeg, eog, emg = bench_signals(opened).data[:, 1].std(axis=1) * 2**0.5
    assert eeg == pytest.approx(40, rel=0.02)
    assert eog < 0.5
    assert emg == pytest.approx(40, rel=0.02)


def test_the_benchmark_refuses_what_it_cannot_show(edf):
    page = Page(onset=30, duration=30, profile="sleepvlm-bench")
    with (
        open_recording(edf(night(channels=("C4-M1", "Chin")))) as opened,
        pytest.raises(ToolError, match="no EOG"),
    ):
        render(opened, page)
    slow = night(channels=("C4-M1", "E1-M2")) | {"Chin": (noise(1, 120, 64.0)[0], 64.0)}
    with open_recording(edf(slow, name="slow.edf")) as opened, pytest.raises(ToolError, match="too few"):
        render(opened, page)
    with (
        open_recording(edf(night(channels=("C4-M1", "E1-M2", "Chin")), name="n.edf")) as opened,
        pytest.raises(ToolError, match="Start before 120"),
    ):
        render(opened, page.model_copy(update={"onset": 125.0}))


def test_the_cerebragloss_page_says_that_it_is_unverified(edf):
    with open_recording(edf(night(channels=SCALP, seconds=30))) as opened:
        page = Page(onset=5, duration=10, profile="cerebragloss")
        rendered = render(opened, page)
        assert any(note.startswith("unverified") for note in rendered.notes)
        assert [axis.channel.split("-")[0] for axis in rendered.axes] == list(SCALP)
        look = CerebraGlossLook(order=SCALP[::-1], header=True)
        assert render_cerebragloss(opened, page, look).png != rendered.png
        noted = render_profile(opened, page, [Event(label="spike", onset=6, duration=1, source="test")])
        assert noted["page"].png == rendered.png
        assert any("Events are not drawn" in note for note in noted["page"].notes)
        with pytest.raises(ToolError, match="10 s"):
            render(opened, page.model_copy(update={"duration": 20.0}))


def test_the_clinical_page_is_no_published_profile(edf):
    with open_recording(edf(night(seconds=30))) as opened, pytest.raises(ToolError) as refused:
        render_profile(opened, Page(onset=5, duration=10))
    assert "sleepvlm" in refused.value.choices
