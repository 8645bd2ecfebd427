"""The EDF reader against files written sample by sample, and against edfio and MNE."""

import os
import threading
import time

import edfio
import mne
import numpy as np
import pytest

from tools.io import open_recording
from tools.types import ToolError


def test_samples_come_back_as_written_in_microvolts(write_edf, edf_of):
    written = edf_of()
    with open_recording(write_edf()) as recording:
        segment = recording.read(0, 20)
    gain = (3276.7 + 3276.8) / 65535
    for row, name in enumerate(written.labels):
        expected = (written.digital[row] + 32768) * gain - 3276.8
        np.testing.assert_allclose(segment.data[segment.channels.index(name)], expected, atol=1e-6)
    assert segment.sfreq == 200
    assert segment.duration == 20


def test_any_stretch_equals_the_same_span_of_the_whole(write_edf):
    with open_recording(write_edf(sfreq=128)) as recording:
        whole = recording.read(0, 20)
        for onset, duration in [(0, 0.5), (3.37, 4.2), (0.999, 0.002), (19.5, 99), (7, 1), (19.999, 1)]:
            part = recording.read(onset, duration)
            start = round(part.onset * 128)
            np.testing.assert_array_equal(part.data, whole.data[:, start : start + part.data.shape[1]])
            assert abs(part.onset - onset) <= (0.5 if onset < 19.99 else 1) / 128
            assert part.onset + part.duration <= 20


@pytest.mark.parametrize("picked", [["O2", "Fp1"], ["C4"], ["C3", "C4", "O1"], ["Fp1", "O1"]])
def test_channels_come_in_the_order_asked_for(write_edf, picked):
    with open_recording(write_edf()) as recording:
        everything = recording.read(2, 3)
        segment = recording.read(2, 3, picked)
    assert list(segment.channels) == picked
    for row, name in enumerate(picked):
        np.testing.assert_array_equal(segment.data[row], everything.data[everything.channels.index(name)])


def test_24_bit_samples_keep_their_sign(write_edf, edf_of):
    digital = [np.tile([-8388608, -1, 0, 1, 8388607, 100000, -100000, 7], 25 * 20)] * 6
    path = write_edf(bdf=True, digital=digital, physical=(-262144, 262143), name="x.bdf", labels=["C3"] * 6)
    with open_recording(path) as recording:
        assert recording.info.format == "BDF"
        segment = recording.read(0, 1, ["C3"])
    gain = (262143 + 262144) / (2**24 - 1)
    np.testing.assert_allclose(
        segment.data[0, :8], (np.array(digital[0][:8]) + 2**23) * gain - 262144, atol=1e-6
    )


def test_mixed_rates_are_kept_apart(write_edf):
    path = write_edf(
        labels=["C3", "C4", "SpO2", "O1"], sfreq=[200, 200, 4, 100], unit=["uV", "uV", "%", "uV"]
    )
    with open_recording(path) as recording:
        rates = {c.name: c.sfreq for c in recording.info.channels}
        assert rates == {"C3": 200, "C4": 200, "SpO2": 4, "O1": 100}
        assert recording.read(0, 2).channels == ("C3", "C4")
        assert recording.read(0, 2, ["SpO2"]).data.shape == (1, 8)
        assert recording.info.channels[2].unit == "%"
        with pytest.raises(ToolError, match="different sampling rates") as error:
            recording.read(0, 2, ["C3", "O1"])
        assert error.value.field == "channels"
        assert any("2 sampling rates" in warning for warning in recording.info.warnings)


def test_gaps_of_a_discontinuous_file_stay_gaps(write_edf, edf_of):
    onsets = [0, 1, 2, 3, 4, 8.5, 9.5, 10.5, 11.5, 12.5, *range(20, 30)]
    written = edf_of(plus="+D", onsets=onsets)
    with open_recording(write_edf(plus="+D", onsets=onsets)) as recording:
        info = recording.info
        assert [(g.onset, g.duration) for g in info.gaps] == [(5, 3.5), (13.5, 6.5)]
        assert info.duration == 30
        segment = recording.read(4, 17, ["C3"])
        blank = np.isnan(segment.data[0])
        times = 4 + np.arange(17 * 200) / 200
        assert np.array_equal(blank, ((times >= 5) & (times < 8.5)) | ((times >= 13.5) & (times < 20)))
        gain, digital = (3276.7 + 3276.8) / 65535, written.digital[2]
        np.testing.assert_allclose(
            recording.read(8.5, 1, ["C3"]).data[0], (digital[1000:1200] + 32768) * gain - 3276.8
        )
        np.testing.assert_allclose(
            recording.read(29, 1, ["C3"]).data[0], (digital[3800:] + 32768) * gain - 3276.8
        )
        assert np.isnan(recording.read(15, 2).data).all()
        assert not any("no numbers" in warning for warning in recording.info.warnings)


def test_overlapping_records_are_refused(write_edf):
    onsets = [*range(10), *range(5, 15)]
    with pytest.raises(ToolError, match="overlap in time"):
        open_recording(write_edf(plus="+D", onsets=onsets))


def test_time_stamps_beyond_a_month_are_refused(write_edf):
    with pytest.raises(ToolError, match="more than a month"):
        open_recording(write_edf(plus="+D", onsets=[*range(19), 10**7]))


def test_continuous_file_whose_clock_contradicts_its_header_is_flagged(write_edf):
    with open_recording(write_edf(plus="+C", onsets=[2 * i for i in range(20)])) as recording:
        assert any("times and frequencies may be wrong" in warning for warning in recording.info.warnings)
    with open_recording(write_edf(plus="+C", onsets=[i + 0.25 for i in range(20)])) as recording:
        assert recording.info.warnings == ()


def test_annotations_are_counted_as_mne_counts_them(write_edf):
    texts = [["a", "b"], [], ["Sleep stage W"], ["x" * 30], *[[]] * 10, ["end", "±"]]
    path = write_edf(plus="+C", texts=texts)
    with open_recording(path) as recording:
        assert recording.info.annotations == 6
    assert len(mne.io.read_raw_edf(path, verbose="ERROR").annotations) == 6


def test_truncated_file_opens_and_says_what_is_lost(write_edf, edf_of):
    size = 256 * 7 + 2 * 200 * 6 * 7 + 100
    with open_recording(write_edf(cut=size)) as recording:
        assert recording.info.duration == 7
        assert any("7 of 20 data records" in w and "13 s are lost" in w for w in recording.info.warnings)
        assert recording.read(6.5, 5).duration == 0.5


def test_unknown_number_of_records_follows_from_the_size(write_edf):
    with open_recording(write_edf(header={"records": b"-1"})) as recording:
        assert recording.info.duration == 20
        assert any("size of the file decides" in warning for warning in recording.info.warnings)


def test_bytes_behind_the_last_record_are_left_out_with_a_note(write_edf):
    with open_recording(write_edf(header={"records": b"12"})) as recording:
        assert recording.info.duration == 12
        assert any("left out" in warning for warning in recording.info.warnings)


@pytest.mark.parametrize("field", ["pmin", "pmax", "dmin", "dmax"])
@pytest.mark.parametrize("value", [b"", b"abc", b"nan", b"inf", b"1e300"])
def test_channel_without_calibration_is_left_out_with_a_note(write_edf, field, value):
    with open_recording(write_edf(header={field: {1: value}})) as recording:
        assert recording.info.names() == ("Fp1", "C3", "C4", "O1", "O2")
        assert any("Channel 2 of the file" in warning for warning in recording.info.warnings)


def test_equal_limits_leave_no_channel_and_are_refused(write_edf):
    with pytest.raises(ToolError, match="no EEG"):
        open_recording(
            write_edf(header={"pmin": dict.fromkeys(range(6), b"5"), "pmax": dict.fromkeys(range(6), b"5")})
        )


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ({"signals": b"0"}, "claims 0 signals"),
        ({"signals": b"-4"}, "claims -4 signals"),
        ({"signals": b"9999"}, "claims 9999 signals; 1 to 640"),
        ({"signals": b"7"}, "contradicts itself"),
        ({"signals": b"abc"}, "number of signals"),
        ({"header_bytes": b"1e9"}, "header size"),
        ({"header_bytes": b"256"}, "contradicts itself"),
        ({"records": b"0"}, "claims 0 data records"),
        ({"records": b"-7"}, "claims -7 data records"),
        ({"records": b"many"}, "number of records"),
        ({"record_duration": b"0"}, "duration of a record"),
        ({"record_duration": b"-1"}, "duration of a record"),
        ({"record_duration": b"nan"}, "duration of a record"),
        ({"record_duration": b"1e-9"}, "sampling rate"),
        ({"record_duration": b"1e7"}, "length"),
        ({"samples": {0: b"-200"}}, "negative number of samples"),
        ({"samples": {0: b"99999999"}}, "no whole data record"),
        ({"samples": {0: b"?"}}, "samples per record"),
        ({"samples": dict.fromkeys(range(6), b"0")}, "no signal any samples"),
    ],
)
def test_header_that_lies_is_refused_in_one_line(write_edf, header, message):
    with pytest.raises(ToolError, match=message) as error:
        open_recording(write_edf(header=header))
    assert error.value.field == "file"
    assert "\n" not in error.value.message


def test_rate_that_is_no_whole_number_keeps_time(write_edf):
    with open_recording(write_edf(header={"record_duration": b"0.7"})) as recording:
        assert recording.info.channels[0].sfreq == pytest.approx(200 / 0.7)
        assert recording.info.duration == pytest.approx(14)
        segment = recording.read(3.5, 3.5)
        assert segment.data.shape == (6, 1000)
        assert segment.onset == pytest.approx(3.5)


def test_large_records_are_read_piecewise_with_the_same_result(tmp_path, edf_of):
    one = edf_of(labels=["C3", "C4"], sfreq=300_000, seconds=2)
    path = tmp_path / "wide.edf"
    path.write_bytes(one.bytes(record_duration=b"1000"))
    with open_recording(path) as recording:
        segment = recording.read(990, 20, ["C4"])
        gain = (3276.7 + 3276.8) / 65535
        expected = (one.digital[1][297_000:303_000] + 32768) * gain - 3276.8
        np.testing.assert_allclose(segment.data[0], expected, atol=1e-6)


def test_samples_equal_edfio_and_mne(tmp_path):
    rng = np.random.default_rng(1)
    signals = [
        edfio.EdfSignal(rng.normal(0, 30, 256 * 30), 256, label=label, physical_dimension="uV")
        for label in ("EEG Fp1-Ref", "EEG O2-Ref", "EEG Cz-Ref")
    ]
    path = tmp_path / "a.edf"
    edfio.Edf(signals).write(path)
    raw = mne.io.read_raw_edf(path, verbose="ERROR")
    with open_recording(path) as recording:
        segment = recording.read(3, 20)
    assert segment.channels == ("Fp1", "O2", "Cz")
    np.testing.assert_allclose(segment.data, raw[:, 768 : 768 + 5120][0] * 1e6, atol=0.01)


def test_file_that_changes_while_open_is_refused_at_the_next_read(write_edf):
    path = write_edf()
    with open_recording(path) as recording:
        recording.read(0, 1)
        with open(path, "r+b") as file:
            file.truncate(5000)
        with pytest.raises(ToolError, match="changed") as error:
            recording.read(0, 1)
        assert error.value.field == "file"


def test_file_that_is_replaced_while_open_is_refused_at_the_next_read(write_edf, tmp_path):
    path, other = write_edf(), write_edf(name="other.edf", seed=5)
    with open_recording(path) as recording:
        os.replace(other, path)
        with pytest.raises(ToolError, match="changed"):
            recording.read(0, 1)


def test_many_threads_read_the_same_samples(write_edf):
    with open_recording(write_edf()) as recording:
        expected = [recording.read(second, 2).data for second in range(18)]
        wrong = []

        def check(worker):
            for i in range(60):
                second = (worker * 7 + i) % 18
                if not np.array_equal(recording.read(second, 2).data, expected[second]):
                    wrong.append(second)

        threads = [threading.Thread(target=check, args=(k,)) for k in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []


def test_reading_after_closing_is_refused(write_edf):
    recording = open_recording(write_edf())
    recording.close()
    recording.close()
    with pytest.raises(ToolError, match="closed"):
        recording.read(0, 1)


def test_no_descriptor_is_left_open(write_edf, tmp_path):
    good, bad = write_edf(), tmp_path / "bad.edf"
    bad.write_bytes(b"0       " + b" " * 300)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        open_recording(good).close()
        with pytest.raises(ToolError):
            open_recording(bad)
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_day_of_annotated_records_opens_well_under_a_fifth_of_a_second(tmp_path, edf_of):
    path = tmp_path / "day.edf"
    one = edf_of(labels=["C3", "C4", "O1", "O2"], seconds=1, plus="+C")
    record, day = one.record(0)[: 4 * 400], 86_400
    with open(path, "wb") as file:
        file.write(one.header(records=str(day).encode()))
        for second in range(day):
            file.write(record + f"+{second}\x14\x14\0+{second}\x14text\x14\0".encode().ljust(120, b"\0"))
    times = []
    for _ in range(5):
        start = time.perf_counter()
        with open_recording(path) as recording:
            assert recording.info.annotations == day
        times.append(time.perf_counter() - start)
    assert min(times) < 0.2
