"""How the page is shown: filters, montage and sensitivity that a question asks to change."""

from __future__ import annotations

import math
import re

from agent.intent import ViewChange
from agent.understanding.text import Reading
from tools.types import Page

_F = r"(\d{1,3}(?:\.\d{1,3})?)"
SENSITIVITIES = (1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 15.0, 20.0, 30.0, 50.0, 70.0, 100.0)
"""Steps of a display, in µV/mm."""
LOWEST_HIGH_CUT = 6.0
"""A bare "filter at x Hz" is a high cut from here on, a low cut below."""

_OFF = r"(?:off|out|without|remove|removed|disable|no|drop|turn off|switch off|take off|take out|kill|lose)"
_LOW_NAME = r"(?:high[- ]?pass|low[- ]?cut|lff|low[- ]frequency filter|low[- ]filter|hp(?:f)?|lf)"
_HIGH_NAME = r"(?:low[- ]?pass|high[- ]?cut|hff|high[- ]frequency filter|high[- ]filter|lp(?:f)?|hf)"
_FILTER = r"(?: ?filters?)?"
_ALL_OFF = re.compile(
    r"\b(?:without|no|remove|disable|turn off|switch off|take off|drop) (?:any |all |the |all the "
    r"|all of the )*filters?\b"
    r"|\b(?:unfiltered|filters? off|all filters? off|raw signal|raw data)\b"
    r"|\bturn (?:all |the )*filters? off\b"
)
_LOW_OFF = re.compile(
    rf"\b{_OFF} (?:of )?(?:the |any )?{_LOW_NAME}{_FILTER}\b|\b{_LOW_NAME}{_FILTER} (?:off|out)\b"
)
_HIGH_OFF = re.compile(
    rf"\b{_OFF} (?:of )?(?:the |any )?{_HIGH_NAME}{_FILTER}\b|\b{_HIGH_NAME}{_FILTER} (?:off|out)\b"
)
_NOTCH_OFF = re.compile(
    rf"\b{_OFF} (?:of )?(?:the |any )?(?:(?:50|60) ?hz )?notch{_FILTER}\b"
    rf"|\bnotch{_FILTER} (?:off|out)\b"
)
_BAND = re.compile(
    r"\b(?:band[- ]?pass(?:ed)?|filter(?:ed|s)?|filtering|bandwidth|pass[- ]?band)(?: it| them| this"
    r"| the (?:page|signal|eeg|data))?(?: filter)?(?: (?:at|to|from|of|between|with|it"
    rf"|is))* {_F} ?(?:hz)? ?(?:-"
    rf"|to|and) ?{_F} ?hz\b"
    rf"|\b{_F} ?(?:hz)? ?(?:-|to) ?{_F} ?hz (?:band[- ]?pass|filter)"
)
_LOW = re.compile(
    rf"\b{_LOW_NAME}{_FILTER}(?: (?:to|at|of|from|with|is|the|it|set|it at|filter|down|up"
    rf"|by))*[ :=]+{_F} ?(?:hz)?\b"
    rf"|\b{_F} ?-?hz {_LOW_NAME}\b|\b{_LOW_NAME}[- ]?(?:ed)?(?: it)? (?:at|to) {_F}"
)
_HIGH = re.compile(
    rf"\b{_HIGH_NAME}{_FILTER}(?: (?:to|at|of|from|with|is|the|it|set|it at|filter|down|up"
    rf"|by))*[ :=]+{_F} ?(?:hz)?\b"
    rf"|\b{_F} ?-?hz {_HIGH_NAME}\b|\b{_HIGH_NAME}[- ]?(?:ed)?(?: it)? (?:at|to) {_F}"
)
_TIME_CONSTANT = re.compile(
    r"\b(?:time constant|tc)(?: (?:to|of|at|is))*[ :=]+(\d(?:\.\d{1,3})?) ?(?:s|sec|seconds?)?\b"
)
_NOTCH = re.compile(
    r"\bnotch(?: filter)?(?: (?:at|to|of|on|is|on at|filter))*[ :=]*(50|60)? ?(?:hz)?\b"
    r"|\b(50|60) ?-?hz notch(?: filter)?\b"
)
_NOTCH_ASKED = re.compile(
    r"\b(?:on|turn|switch|add|apply|use|put|enable|with|please|set|try|50|60|now|activate|and)\b"
    r"|^\W*notch\W*$"
)
_FILTER_AT = re.compile(
    r"\b(?:filter|filters|filtered|filtering|smooth|cut)(?: it| this| them"
    r"| the (?:page|signal|eeg|data|trace))?(?: (?:at|to|with|above|everything above|from|of|off"
    rf"|off at|below|using|a|the|set|it))+ {_F} ?-?hz\b"
    rf"|\b(?:with|at|use|apply|try|add|set|put|under|using|after) (?:a |an |the )?{_F} ?-?hz (?:filter"
    r"|cut-?off)\b"
    rf"|\b{_F} ?-?hz filter\b(?=.*\b(?:please|on|look|again|show|apply|now)\b|\W*$)"
)
_SENSITIVITY = re.compile(
    rf"\b{_F} ?(?:uv|microvolts?) ?(?:/|per) ?(?:mm|millimet(?:er|re))\b"
    rf"|\b(?:sensitivity|gain|scale)(?: (?:to|at|of|is))*[ :=]+{_F}(?: ?uv)?\b"
)
_LOUDER = re.compile(
    r"\b(?:double|increase|raise|turn up|higher|more|bigger|boost|up) (?:the )?(?:gain|sensitivity"
    r"|amplification)"
    r"|\bmagnify|\benlarge the (?:waves|traces)"
    r"|\bmake (?:it|the (?:waves|traces)) (?:bigger|larger|taller)|\bgain up\b"
)
_SOFTER = re.compile(
    r"\b(?:halve|decrease|reduce|lower|turn down|less|smaller) (?:the )?(?:gain|sensitivity|amplification)"
    r"|\bmake (?:it|the (?:waves|traces)) (?:smaller|shorter)|\bgain down\b"
)
_DOUBLE = re.compile(r"\b(?:double|halve)\b")

_MONTAGES: tuple[tuple[str, str], ...] = (
    ("transverse", r"(?:transverse|coronal)(?: bipolar)?"),
    (
        "longitudinal",
        r"(?:longitudinal(?: bipolar)?|double[- ]banana|banana|bipolar|anterior-posterior(?: bipolar)?"
        r"|ap bipolar)",
    ),
    ("laplacian", r"(?:laplacian|hjorth|source|current source density|csd)"),
    ("ears", r"(?:(?:linked|ipsilateral)[- ]?ears?|ear(?:s|lobes?)?|a1 ?[/+-] ?a2)"),
    ("mastoids", r"(?:(?:linked|contralateral)[- ]?mastoids?|mastoids?|m1 ?[/+-] ?m2)"),
    ("cz", r"(?:cz|vertex)"),
    ("average", r"(?:(?:common[- ])?average|avg|car|referential|common reference)"),
    ("as_recorded", r"(?:as[- ]recorded|recorded|original|raw|native|recording)"),
)
_MONTAGE = tuple(
    (
        name,
        re.compile(
            rf"\b{words} (?:montage|reference|derivations?|referenced|view)\b"
            r"|\b(?:re-?reference|montage|referenced?|switch|change|go|convert|set|show (?:it|this|that|me)"
            r"|display (?:it|this)|view (?:it|this)|look at (?:it|this|that))(?: it| this| that"
            r"| the page)?(?: (?:to|in|is|against|back to|with|the|a|an|as|into|it"
            rf"|on))+ {words}(?! (?:electrode|channel|lead|region|page|file|at|and|s\b))\b"
            rf"|^\W*(?:in |try |use |now )?(?:the |a |an )?{words}(?: please| montage| now)?\W*$"
        ),
    )
    for name, words in _MONTAGES
)
_DOUBLE_BANANA = re.compile(
    r"\b(?:double[- ]banana|banana|hjorth|laplacian)\b(?!.*\b(?:what is|mean|explain)\b)"
)
_ASKS_ABOUT = re.compile(
    r"\b(?:which|what) (?:\w+ ){0,4}(?:montage|filters?|filter settings?|reference|sensitivity|notch"
    r"|high-?pass|low-?pass|time constant|gain|cut-?offs?)\b(?!.*\b(?:look|show) again)"
    r"|\b(?:why|recommend|recommended|should|what does|what is|explain|difference|how does|how do"
    r"|which|meaning|definition|advantages?|when|better)\b.*\b(?:montage|filters?|filtering|reference"
    r"|sensitivity|notch|high-?pass|low-?pass)\b"
)


def asks_about_view(text: str) -> bool:
    """Whether a question is about montage or filters rather than a wish to change them."""
    return bool(_ASKS_ABOUT.search(text)) and not re.search(
        r"\b(?:with|without|in) (?:a|an|the) [\w. -]{0,30}(?:filter|montage|reference|notch)", text
    )


def find_view(reading: Reading, page: Page) -> tuple[ViewChange | None, tuple[str, ...]]:
    """Read a wish to change the view and tick it off; notes say what was assumed."""
    if asks_about_view(reading.text):
        return None, ()
    change: dict[str, float | str] = {}
    notes: list[str] = []
    if reading.take(_ALL_OFF):
        change = {"low_cut_hz": 0.0, "high_cut_hz": 0.0, "notch_hz": 0.0}
    _switched_off(reading, change)
    _notch(reading, page, change, notes)
    _cuts(reading, change)
    _gain(reading, page, change)
    for name, pattern in _MONTAGE:
        if "montage" not in change and reading.take(pattern):
            change["montage"] = name
    if "montage" not in change and (match := reading.take(_DOUBLE_BANANA)):
        change["montage"] = "longitudinal" if "banana" in match[0] else "laplacian"
    return (ViewChange.model_validate(change) if change else None), tuple(notes)


def _number(match: re.Match[str]) -> float:
    return float(next(group for group in match.groups() if group))


def _switched_off(reading: Reading, change: dict[str, float | str]) -> None:
    for name, pattern in (("low_cut_hz", _LOW_OFF), ("high_cut_hz", _HIGH_OFF), ("notch_hz", _NOTCH_OFF)):
        if reading.take(pattern):
            change[name] = 0.0


def _notch(reading: Reading, page: Page, change: dict[str, float | str], notes: list[str]) -> None:
    if "notch_hz" in change or not _NOTCH_ASKED.search(reading.text):
        return
    match = reading.take(_NOTCH)
    if match:
        asked = match[1] or match[2]
        change["notch_hz"] = float(asked) if asked else (page.notch_hz or 50.0)
        if not asked and page.notch_hz is None:
            notes.append('The notch is set to 50 Hz; say "60 Hz notch" where the mains run at 60 Hz.')


def _cuts(reading: Reading, change: dict[str, float | str]) -> None:
    if match := reading.take(_BAND):
        low, high = sorted(float(group) for group in match.groups() if group)
        change |= {"low_cut_hz": low, "high_cut_hz": high}
    for name, pattern in (("low_cut_hz", _LOW), ("high_cut_hz", _HIGH)):
        if name not in change and (match := reading.take(pattern)):
            change[name] = _number(match)
    if "low_cut_hz" not in change and (match := reading.take(_TIME_CONSTANT)) and float(match[1]) > 0:
        change["low_cut_hz"] = round(1 / (2 * math.pi * float(match[1])), 2)
    if not change.keys() & {"low_cut_hz", "high_cut_hz"} and (match := reading.take(_FILTER_AT)):
        value = _number(match)
        below = "below" in match[0]
        change["low_cut_hz" if below or value < LOWEST_HIGH_CUT else "high_cut_hz"] = value


def _gain(reading: Reading, page: Page, change: dict[str, float | str]) -> None:
    if (match := reading.take(_SENSITIVITY)) and _number(match) > 0:
        change["sensitivity_uv_per_mm"] = _number(match)
        return
    now = page.sensitivity_uv_per_mm
    for pattern, louder in ((_LOUDER, True), (_SOFTER, False)):
        if match := reading.take(pattern):
            if _DOUBLE.search(match[0]):
                change["sensitivity_uv_per_mm"] = now / 2 if louder else now * 2
            else:
                steps = [s for s in SENSITIVITIES if (s < now if louder else s > now)]
                change["sensitivity_uv_per_mm"] = (steps[-1] if louder else steps[0]) if steps else now
