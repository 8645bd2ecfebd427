"""An answer set out for reading: findings on lines of their own, numbers with units and rule ids in sight.

Pure text in, Markdown out. Only the shape changes, never a word. A text that a model laid out itself keeps its
lines.
"""

from __future__ import annotations

import re

_SENTENCE = re.compile(r"(?<=[.!?])(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bvs\.)(?<!\bal\.)\s+(?=[A-Z0-9“\"*])")
_LAID_OUT = re.compile(r"\n|[_`|#]")
_RULE = re.compile(r"\[([A-Z]{2,}(?:-[A-Z0-9]+)+)\]")
_SHORTEST_LIST = 3
"""From so many statements on they stand on lines of their own."""
_UNIT = r"(?:Hz|µV²/Hz|µV²|µV|%)(?![\w/²])"
_FIGURE = re.compile(rf"(?<![\w.–-])(\d+(?:\.\d+)?(?:–\d+(?:\.\d+)?)?)\s({_UNIT})")
_PLACE = re.compile(r"(\d) (s|ms|min|h)\b")
_ASIDE = ("Not analysed",)


def set_out(text: str) -> str:
    """Set an answer out as Markdown."""
    if _LAID_OUT.search(text):
        return _RULE.sub(r"`\1`", text)
    first, *rest = _SENTENCE.split(text.strip())
    blocks = [_listed(first)]
    if len(rest) + 1 < _SHORTEST_LIST and not any(map(_items, rest)):
        blocks = [" ".join([_listed(first), *rest])]
    else:
        said = [_bullet(sentence) for sentence in rest if not sentence.startswith(_ASIDE)]
        aside = [f"*{sentence}*" for sentence in rest if sentence.startswith(_ASIDE)]
        blocks += ["\n".join(said)] * bool(said) + aside
    return _stand_out("\n\n".join(blocks))


def _items(sentence: str) -> tuple[str, list[str]] | None:
    """Part an enumeration, ``12 spindles: one; another; and others``, into its head and its items."""
    head, colon, tail = sentence.partition(": ")
    items = tail.split("; ")
    return (head + ":", items) if colon and len(items) >= _SHORTEST_LIST else None


def _listed(sentence: str) -> str:
    parts = _items(sentence)
    return parts[0] + "\n\n" + "\n".join(f"- {item}" for item in parts[1]) if parts else sentence


def _bullet(sentence: str) -> str:
    parts = _items(sentence)
    return "\n  - ".join([f"- {parts[0]}", *parts[1]]) if parts else f"- {sentence}"


def _stand_out(text: str) -> str:
    """Figures with their unit in bold, never broken over two lines; rule ids as code."""
    text = _PLACE.sub("\\1\N{NO-BREAK SPACE}\\2", text)
    bold = "" if "**" in text else "**"  # the writer's own emphasis stands alone
    return _RULE.sub(r"`\1`", _FIGURE.sub(f"{bold}\\1\N{NO-BREAK SPACE}\\2{bold}", text))
