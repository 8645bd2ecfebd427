"""The command line as a program meets it, in this process or in one of its own, and its contract."""

import io
import json
import math
import os
import re
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from typing import Any, NamedTuple

from tools.labels import LABELS, STAGES
from ui.cli import main


class Said(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout; numbers that are no numbers are refused."""
        assert self.out.count("\n") == 1, "one line on stdout"
        return json.loads(self.out, parse_constant=_refuse)

    @property
    def error(self) -> dict[str, Any]:
        """The refusal on stdout, checked for its form."""
        assert self.code == 2, (self.code, self.out, self.err)
        document = self.document
        assert set(document) == {"error"}
        error = document["error"]
        assert set(error) == {"message", "field", "choices"}
        assert re.fullmatch(r"[^\n]{10,260}\.", error["message"]), error["message"]
        assert error["field"] is None or isinstance(error["field"], str)
        assert error["choices"] is None or (error["choices"] and all(map(str, error["choices"])))
        assert "Traceback" not in self.err
        return error


def _refuse(name: str) -> None:
    raise AssertionError(f"{name} is no JSON number")


def run(*arguments: Any) -> Said:
    """Run a command in this process."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        code = main([os.fspath(a) if isinstance(a, os.PathLike) else str(a) for a in arguments])
    for stream in (out, err):
        stream.flush()
    return Said(code, out.buffer.getvalue().decode(), err.buffer.getvalue().decode())


def spawn(*arguments: Any, stdin: str = "", timeout: float = 60, **env: str) -> Said:
    """Run a command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "ui.cli", *map(str, arguments)],
        input=stdin.encode(), capture_output=True, timeout=timeout, env=os.environ | env, check=False,
    )  # fmt: skip
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())


# --- the contract ---------------------------------------------------------------------------------


class Maybe(NamedTuple):
    """Null, or this."""

    schema: Any


class Each(NamedTuple):
    """An object with any keys, whose values are all like this."""

    schema: Any


class OneOf(NamedTuple):
    """One of these values."""

    values: tuple[Any, ...]


class ByKind(NamedTuple):
    """An object whose ``kind`` says what it holds."""

    schemas: dict[str, Any]


UNIT = "a number from 0 to 1"
TIME = "a number that is not negative"
PLACE = {"onset": TIME, "duration": TIME, "channels": [str]}
KIND = OneOf(("pp", "half_pp", "rms"))
EVENT = PLACE | {
    "label": OneOf(LABELS), "confidence": Maybe(UNIT), "source": str,
    "amplitude": Maybe({"value_uv": float, "kind": KIND}), "frequency_hz": Maybe(float),
    "per_channel": [{"channel": str, "onset": TIME, "duration": TIME}], "masked_by": Maybe(OneOf(LABELS)),
}  # fmt: skip
MISSING = [{"label": str, "reason": str}]
EVIDENCE = ByKind({
    "measurement": PLACE | {"quantity": str, "value": float, "unit": str, "tool": str},
    "citation": {"id": str},
    "observation": {"text": str, "model": str},
})  # fmt: skip
CHANNEL = {"name": str, "original_name": str, "kind": str, "sfreq": float, "unit": str}
ANSWER = {
    "answer": str, "choice": Maybe(OneOf(tuple("ABCDEF"))),
    "findings": [{"statement": str, "certainty": OneOf(("definite", "probable", "possible")),
                  "events": [EVENT], "evidence": [EVIDENCE]}],
    "citations": [{"id": str, "title": str, "source": str}],
    "tool_calls": [{"name": str, "args": Each(object), "ok": bool}],
    "unsupported": [str], "not_analysed": MISSING, "thread": str, "brain": str,
}  # fmt: skip
CONTRACT: dict[str, Any] = {
    "info": {
        "format": str, "duration_s": TIME, "start_time_of_day": Maybe(str), "age_years": Maybe(float),
        "sex": Maybe(str), "channels": [CHANNEL], "montage_guess": str, "annotations": int,
        "gaps": [{"onset": TIME, "duration": TIME}], "warnings": [str],
    },
    "bands": {
        "bands_hz": Each([float]), "onset": TIME, "duration": TIME,
        "channels": [{"name": str, "absolute_uv2": Each(float), "relative": Each(UNIT)}],
    },
    "page": {
        "path": str, "page": {"onset": TIME, "duration": TIME, "montage": str, "profile": str},
        "width": int, "height": int, "axes": [{"channel": str, "y0": float, "y1": float}],
    },
    "describe": {
        "caption": str, "quality": OneOf(("good", "fair", "poor")), "montage": str,
        "background": {
            "dominant": Maybe({"band": str, "frequency_hz": float, "amplitude_uv": float,
                               "amplitude_kind": KIND}),
            "posterior_rhythm": Maybe({"frequency_hz": float, "amplitude_uv": float, "amplitude_kind": KIND,
                                       "channels": [str]}),
            "asymmetry": [Each(object)], "slowing": [Each(object)], "bands_hz": Each([float]),
        },
        "artifacts": [EVENT], "events": [EVENT],
        "patterns": [{"label": OneOf(LABELS), "onset": TIME, "duration": TIME, "frequency_hz": Maybe(float),
                      "side": Maybe(OneOf(("left", "right", "bilateral", "generalized"))),
                      "channels": [str], "confidence": Maybe(UNIT)}],
        "not_analysed": MISSING,
    },
    "detect": {
        "events": [EVENT], "not_analysed": MISSING,
        "analysed": {"labels": [OneOf(LABELS)], "seconds": TIME, "channels": [str]},
    },
    "stage": {
        "epochs": [{
            "onset": TIME, "duration": TIME, "stage": Maybe(OneOf(STAGES)), "reason": Maybe(str),
            "confidence": UNIT, "probabilities": Each(UNIT), "rules": [str], "aliases": [str],
            "measurements": Each(Maybe(float)), "rules_stage": Maybe(OneOf(STAGES)),
            "checks": [{"rule": str, "quantity": str, "value": float, "unit": str, "limit": str, "holds": bool}],
        }],
        "statistics": {"total_sleep_min": TIME, "minutes": Each(TIME), "efficiency": Maybe(UNIT)},
        "channels": Each([str]), "method": str, "not_analysed": MISSING,
    },
    "ask": ANSWER,
    "chat": {"thread": str, "answers": [ANSWER]},
    "knowledge": {"results": [{"id": str, "title": str, "source": str, "score": UNIT, "text": str}]},
}  # fmt: skip


def check(value: Any, schema: Any, at: str = "") -> None:
    """Hold a JSON value to a schema; the message says where it strays."""
    if isinstance(schema, Maybe):
        if value is not None:
            check(value, schema.schema, at)
    elif isinstance(schema, OneOf):
        assert value in schema.values, f"{at}: {value!r} is none of {schema.values}"
    elif isinstance(schema, ByKind):
        assert value.get("kind") in schema.schemas, f"{at}: kind {value.get('kind')!r}"
        check(value, schema.schemas[value["kind"]], at)
    elif isinstance(schema, list):
        assert isinstance(value, list), f"{at}: not a list"
        for i, item in enumerate(value):
            check(item, schema[0], f"{at}[{i}]")
    elif isinstance(schema, dict | Each):
        _check_object(value, schema, at)
    else:
        _check_plain(value, schema, at)


def _check_object(value: Any, schema: Any, at: str) -> None:
    assert isinstance(value, dict), f"{at}: not an object"
    wanted = dict.fromkeys(value, schema.schema) if isinstance(schema, Each) else schema
    assert set(wanted) <= set(value), f"{at}: {sorted(set(wanted) - set(value))} missing"
    for key, part in wanted.items():
        check(value[key], part, f"{at}.{key}")


def _check_plain(value: Any, schema: Any, at: str) -> None:
    if schema in (float, UNIT, TIME):
        assert isinstance(value, int | float), f"{at}: {value!r} is no number"
        assert not isinstance(value, bool), f"{at}: {value!r} is no number"
        assert math.isfinite(value), f"{at}: {value!r} is not finite"
        assert schema is float or value >= 0, f"{at}: {value!r} is negative"
        assert schema is not UNIT or value <= 1, f"{at}: {value!r} is above 1"
    elif schema is not object:
        assert type(value) is schema, f"{at}: {value!r} is no {schema.__name__}"
