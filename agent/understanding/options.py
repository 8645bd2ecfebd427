"""Multiple choice: the stem and its options, in lines, in a row, in brackets or as a bulleted list."""

from __future__ import annotations

import re

from agent.intent import Aspect, Option
from agent.understanding.phenomena import Mention, find_mentions, labels_of
from agent.understanding.places import find_places
from agent.understanding.text import Reading
from tools.types import Recording

LETTERS = "ABCDEF"
MOST_MARKS = 60
"""Marks that may open an option; a text with more is no multiple-choice question."""
_BULLET = r"(?:[-*•]\s*)?"
_MARK = re.compile(
    rf"(?:(?<=\s)|^){_BULLET}(?:\*\*)?(?:\(([A-Fa-f1-6])\)|([A-Fa-f1-6])\)|([A-Fa-f])[.:](?=\*|\s)"
    r"|([1-6])\.(?=\s))(?:\*\*)?(?=\s*\S)"
)
_LINE_MARK = re.compile(
    rf"^[ \t]*{_BULLET}(?:\*\*)?(?:\(([A-Fa-f1-6])\)|([A-Fa-f])[).:]|([1-6])[).](?=\s)"
    r"|([A-F])(?=[ \t]+[-–—]?[ \t]*\S))(?:\*\*)?",
    re.MULTILINE,
)
_BULLET_LINE = re.compile(r"^[ \t]*[-*•][ \t]+(\S.*)$", re.MULTILINE)
_ASKED = re.compile(
    r"\b(?:which|what|choose|select|pick|best|correct|option|following|is it|does|is)\b|[?:]", re.IGNORECASE
)
_REPLIES = (
    (
        "none of these",
        re.compile(
            r"\b(?:none|neither|nothing) (?:of (?:the|these) (?:above|others?|options?)?|of (?:them|these))"
            r"|^none\b|^neither\b"
        ),
    ),
    (
        "all of these",
        re.compile(
            r"\ball of (?:the above|these|them)|^all(?: (?:two|three|four|five|options))?\W*$"
            r"|\bboth [a-f] and [a-f]\b"
        ),
    ),
    ("yes", re.compile(r"^(?:yes|true|present|correct)\b")),
    ("no", re.compile(r"^(?:no|false|absent|incorrect)\b(?=\W*$|[,.;:])")),
)
_DENIES = re.compile(r"\b(?:no|not|without|absence|absent|lack|free of|neither|none|nothing)\b")


def split_options(question: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Divide a question into its stem and its options as letter and text; no options when it has none.

    Options must run A, B, C ... (or 1, 2, 3 ...) without a gap, two to six of them.
    """
    question = "".join(
        c if c.isprintable() or c == "\n" else " " for c in question.replace("\r\n", "\n").replace("\r", "\n")
    )
    for pattern in (_LINE_MARK, _MARK):
        marks = _run(
            [(m.start(), m.end(), next(g for g in m.groups() if g)) for m in pattern.finditer(question)]
        )
        if len(marks) >= 2:
            return _cut(question, marks)
    bullets = list(_BULLET_LINE.finditer(question))
    if 2 <= len(bullets) <= len(LETTERS) and _ASKED.search(question[: bullets[0].start()]):
        texts = [_clean(m[1]) for m in bullets]
        return question[: bullets[0].start()].strip(), tuple(zip(LETTERS, texts, strict=False))
    return question, ()


def _run(marks: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Keep the marks that continue a run from A (or 1); the last complete run wins over earlier mentions."""
    best: list[tuple[int, int, str]] = []
    marks = marks[:MOST_MARKS]
    for first in (mark for mark in marks if mark[2] in "Aa1"):
        run = [first]
        for mark in marks:
            follows = ord(mark[2]) == ord(run[-1][2]) + 1 and mark[2] != "G"
            if mark[0] > run[-1][0] and follows and len(run) < len(LETTERS):
                run.append(mark)
        if len(run) >= max(2, len(best)):
            best = run
    return best


def _cut(question: str, marks: list[tuple[int, int, str]]) -> tuple[str, tuple[tuple[str, str], ...]]:
    ends = [mark[0] for mark in marks[1:]] + [len(question)]
    texts = [_clean(question[mark[1] : end]) for mark, end in zip(marks, ends, strict=True)]
    if not all(texts):
        return question, ()
    stem = question[: marks[0][0]].strip()
    last = texts[-1].split("\n\n", 1)  # an instruction after the options belongs to the stem
    texts[-1] = last[0].strip()
    stem = f"{stem} {last[1].strip()}".strip() if len(last) > 1 else stem
    return stem, tuple(zip(LETTERS, [" ".join(text.split()) for text in texts], strict=False))


def _clean(text: str) -> str:
    text = re.sub(r"^[\s*:–—-]+|[\s*;,?]+$", "", text)
    return re.sub(r"\s+(?:or|and)$", "", text)


def read_option(letter: str, text: str, recording: Recording) -> Option:
    """Say what an option claims: phenomena, places, stage, or a plain yes or no."""
    reading = Reading(text)
    where = find_places(reading, recording)
    mentions = find_mentions(reading)
    reply = next((name for name, pattern in _REPLIES if pattern.search(reading.text)), None)
    stage = next((m.meaning.stage for m in mentions if m.meaning.stage), None)
    return Option.model_validate(
        {
            "letter": letter,
            "text": text,
            "labels": labels_of([m for m in mentions if not m.meaning.aspect]),
            "channels": where.channels,
            "region": where.region,
            "stage": stage,
            "band": next((m.meaning.band for m in mentions if m.meaning.band), None),
            "aspect": _aspect(mentions, reading),
            "reply": reply,
            "denies": bool(_DENIES.search(reading.text)) and reply not in ("yes", "no"),
        }
    )


def _aspect(mentions: list[Mention], reading: Reading) -> Aspect | None:
    return next((m.meaning.aspect for m in mentions if m.meaning.aspect), None)
