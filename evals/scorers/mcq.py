"""The letter that an answer to a multiple-choice question gives, or nothing: never a guess.

`agent.verdict.chosen` shows a user the likeliest reading of a draft: the first mark wins, and a letter that is not
offered is passed over. A score must not be kinder to one system than to another, so here an answer counts only if
all that it gives as its answer is one letter, and that letter is offered.

An answer is first rewritten so that every letter which may stand for an option carries a mark: ``⟨B!⟩`` where it is
bold or opens a line, ``⟨B⟩`` for "(B)" and "option B", ``⟨B?⟩`` for a bare capital that is no article by what follows
it. What a letter is worth then depends on the words around it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agent.stance import stance
from evals.records import LETTERS, Item, Reply
from evals.scorers.json_replies import spoken
from tools.types import ToolError

_L, _ANY = "[A-H]", "[A-Ha-h]"
"""Two letters more than can be offered: G is an answer, and none of these."""
_LATEX = re.compile(r"\\(?:text|textbf|mathrm|mathbf)\s*\{")
_BOLD = re.compile(
    rf"[*_]{{2,}}\s*(?:[Oo]ption\s+)?[(\[]?({_ANY})(?:\s*[)\].:]*\s*[*_]{{2,}}[.:)]*|[)\]][.:]?|[.:](?=\s)|(?=\s+[–—-]\s))"
)
_BULLET = re.compile(r"^[ \t]*(?:(?:[->•+]|\d{1,2}[.)])[ \t]+)+", re.MULTILINE)
_OPENING = re.compile(
    rf"^[ \t]*(?:[Oo]ption[ \t]+)?[(\[]?({_ANY})(?:[)\]][.:]?|[.:](?=\s|$)|(?=[ \t.!?]*$)|(?=[ \t]+[–—-]+[ \t]))"
    rf"|^[ \t]*[Oo]ption[ \t]+({_L})\b|^[ \t]*({_L})(?=,?[ \t]+(?:because|since)\b)",
    re.MULTILINE,
)
_ENCLOSED = re.compile(rf"[(\[]({_ANY})[)\]]|\b[Oo]ption\s+({_L})\b|(?<![\w(⟨])({_L})\)")
_BARE = re.compile(
    rf"(?<![\w'’⟨-])({_L})(?![\w'’-])(?=\s*(?:[.,;:!?)\]}}/&+⟨]|$|\n|[–—-]\s|(?:or|and|but|because|since|is|fits|seems|must|"
    r"would|best|rather|instead|not)\b))"
)
_SMALL = re.compile(
    r"((?:answer|choice|letter|option)(?:\s+is)?\s*[:=]?\s*\(?)([a-h])(?=\s*(?:[.,;)}\]]|$|\n))",
    re.IGNORECASE,
)
_E = r"⟨([A-H])[!?]?⟩"
_CUE = re.compile(
    r"(?:\b(?P<final>final\s+|definitive\s+)?(?:answer|choice|option|selection|letter)\b"
    r"(?:\s+(?:here|to\s+(?:the|this|your)\s+question))?"
    r"(?:\s*(?:['’]s|is|was|remains|(?:would|must|should|has\s+to|may|might|could|can\s+only)\s+be)\b\s*:?|\s*[:=→]|\s+-\s|\s*\n|(?=\s*⟨))"
    r"|\b(?:choose|chose|select(?:ed)?|pick(?:ed)?|go(?:ing)?\s+(?:with|for))\b|答案[是为]?\s*:?)"
    r"(?:[\s:(\[{'’]|\b(?:(?:most\s+)?likely|probably|clearly|therefore|thus|definitely|indeed|choice|letter|either)\b)*",
    re.IGNORECASE,
)
_TOKEN = re.compile(_E)
_MORE = re.compile(rf"[\s.)]*(?:,\s*(?:or|and)?|/|&|\+|or|and(?:/or)?)\s*{_E}", re.IGNORECASE)
_TOLD = (
    re.compile(rf"\b(?:it['’]s|is|say|ans)\s*:?\s*{_E}", re.IGNORECASE),
    re.compile(
        rf"\b(?:not|cannot\s+be)\s+⟨[A-H][!?]?⟩\s*[,;–—-]*\s*(?:but|rather)\s+(?:rather\s+)?{_E}",
        re.IGNORECASE,
    ),
    re.compile(rf"{_E}\s*,?\s*(?:rather\s+than|instead\s+of|(?:and\s+)?not)\s+⟨", re.IGNORECASE),
    re.compile(
        rf"{_E}\s+(?:is|fits|seems|must\s+be|would\s+be)\s+(?:\w+ly\s+)*(?:the\s+)?(?:correct|right|best)\b",
        re.IGNORECASE,
    ),
)
_ALONE = re.compile(rf"^\s*{_E}[\s.,:;!?)}}]*$", re.MULTILINE)
_REJECTED = re.compile(
    r"[\s).:,;(–—-]*(?:(?:is|are|was|can|does|do|would\s+be|seems?)\s*)?(?:be\s+)?(?:\w+ly\s+)?"
    r"(?:not?\s+(?:be|correct|right|supported|likely|the\s+(?:answer|case)|present|seen|fit|match|shown|found|true)\b|"
    r"n['’]t\b|cannot\b|no\b(?=\s*(?:$|\n|[.;,]))|incorrect|wrong|false|unlikely|less\s+likely|excluded|rejected|"
    r"ruled\s+out|implausible|contradicted|✗|❌)",
    re.IGNORECASE,
)
_AFFIRMED = re.compile(
    r"[\s).:,;(–—-]*(?:(?:is|are|this|that|it)\s+)*(?:the\s+)?(?:\w+ly\s+)?"
    r"(?:correct\b|(?:right|true|yes)\b(?=\s*(?:$|\n|[.;,!)]))|fits?\b|matches\b|best\b|supported\b|✓|✔|✅)",
    re.IGNORECASE,
)
_DENIED_AHEAD = re.compile(r"(?:\bnot|n['’]t|\bcannot|\bnever|\bnor)(?:\s+\w+){0,2}\s*$", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s.:)–—-]*")
_ARTICLE = re.compile(r"[\s.:)'’]*(?:(?:[A-H]|an?|the)\s+)?", re.IGNORECASE)
_STOP = re.compile(r"\s*(?:$|\n|[.,;:!?)\]}(⟨]|[–—-]\s)")
_SHORT = frozenset(("yes", "no", "true", "false", "none"))


class _Vote(NamedTuple):
    """A letter that an answer gives, and where it stands."""

    letter: str
    start: int
    end: int


def choice_of(item: Item, reply: Reply) -> str | None:
    """The letter of a reply: the one it names, else the one its last text gives; None counts as unparsed."""
    if reply.error is not None and not reply.texts:
        return None
    named = reply.choice
    return parse_choice(named if named is not None else reply.text, item.options)


def parse_choice(text: str, options: Sequence[str]) -> str | None:
    r"""Read the chosen letter out of an answer.

    In this order: what is said to be the answer (JSON and ``\boxed{}`` included; a final answer above an earlier one)
    and letters alone on a line; marked letters, bold or at the start of a line; letters in prose; the text of the one
    option that is named.

    Parameters
    ----------
    text : str
        What a system wrote.
    options : sequence of str
        Up to six, as they were shown; the letter may stand in front of each.

    Returns
    -------
    str or None
        A to F. None, to be counted as unparsed, if no letter is given, or two, or one that is not offered, or one
        beside the text of another option.

    Raises
    ------
    ToolError
        If there are more options than letters.

    Notes
    -----
    A walk through the options counts only where one of them is called right, or is named apart from it: a walk that
    breaks off has chosen nothing. Excluding all options but one chooses nothing either.
    """
    if len(options) > len(LETTERS):
        raise ToolError(f"{len(options)} options: at most {len(LETTERS)} can be offered.", field="options")
    given = _Answer(text, options).given()
    letter = given.pop() if len(given) == 1 else ""
    return letter if letter in LETTERS[: len(options)] and letter else None


def _marked(text: str) -> str:
    """Rewrite a text with its candidates marked and its markup gone."""
    text = unicodedata.normalize("NFKC", spoken(text)).replace("⟨", "(").replace("⟩", ")")
    text = re.sub(r"\\boxed\s*\{", " final answer: ", _LATEX.sub("", text))
    text = _BOLD.sub(lambda m: f" ⟨{m[1].upper()}!⟩ ", text)
    text = _BULLET.sub("", re.sub(r"[*`#$\"“”]", "", text.replace("_", " ")))
    text = _OPENING.sub(lambda m: f"⟨{(m[1] or m[2] or m[3]).upper()}!⟩", text)
    text = _ENCLOSED.sub(lambda m: f"⟨{(m[1] or m[2] or m[3]).upper()}⟩", text)
    text = _SMALL.sub(lambda m: f"{m[1]}⟨{m[2].upper()}?⟩", text)
    return _BARE.sub(r"⟨\1?⟩", text)


def _option(text: str, letter: str) -> str:
    """Give the words of an option, without letter and markup."""
    text = unicodedata.normalize("NFKC", text)
    text = re.sub(rf"^\W*{letter}\s*[).:]\W*", "", re.sub(r"[*`#$\"_]", " ", text))
    return " ".join(text.strip(" .,;:").split())


class _Answer:
    """One answer, marked, and what was offered."""

    def __init__(self, text: str, options: Sequence[str]) -> None:
        self.text = _marked(text).strip()
        words = {letter: _option(option, letter) for letter, option in zip(LETTERS, options, strict=False)}
        self.options = {
            letter: re.compile(r"\b" + r"\s+".join(map(re.escape, option.split())) + r"(?!\w)", re.IGNORECASE)
            if option[:1].isalnum()
            else re.compile(re.escape(option) or r"(?!)", re.IGNORECASE)
            for letter, option in words.items()
        }
        self.short = {letter for letter, option in words.items() if option.lower() in _SHORT}

    def given(self) -> set[str]:
        """All letters that are given as the answer, by the plainest way in which any is."""
        told = [*self._told(), *(_Vote(m[1], *m.span()) for m in _ALONE.finditer(self.text))]
        spans = [(vote.start, vote.end) for vote in told]
        tokens = [m for m in _TOKEN.finditer(self.text) if not any(a <= m.start() < b for a, b in spans)]
        strong = [_Vote(m[1], *m.span()) for m in tokens if "!" in m[0]]
        listed = [v for v in (_Vote(m[1], *m.span()) for m in tokens) if self._is_listed(v)]
        if {v.letter for v in strong} & {
            v.letter for v in listed
        }:  # options repeated in a row, within one line
            strong += listed
        walk = len({vote.letter for vote in strong}) > 1
        kept = [v for v in strong if (self._called(v, _AFFIRMED) if walk else not self._called(v, _REJECTED))]
        if told:
            return self._with_texts(told if walk else [*told, *kept])
        if kept or walk:
            return self._with_texts(kept)
        prose = [_Vote(m[1], *m.span()) for m in _TOKEN.finditer(self.text) if m[0][2] == "⟩"]
        if prose or strong:
            return {v.letter for v in prose if not self._called(v, _REJECTED) and not self._denied(v.start)}
        return self._by_text()

    def _told(self) -> list[_Vote]:
        """What is said to be the answer; a final answer takes the place of those before it."""
        cued: list[_Vote] = []
        final: list[_Vote] = []
        for cue in _CUE.finditer(self.text):
            if not self._denied(cue.start()):
                (final if cue["final"] else cued).extend(self._behind(cue))
        said = [_Vote(m[1], m.start(1), m.end(1)) for pattern in _TOLD for m in pattern.finditer(self.text)]
        said = [vote for vote in said if not self._denied(vote.start - 1)]
        return final or [*cued, *said]

    def _behind(self, cue: re.Match[str]) -> Iterator[_Vote]:
        """Letters behind a cue, or the option whose text stands there."""
        match = _TOKEN.match(self.text, cue.end())
        if match is None:
            yield from self._named_at(cue.end())
        while match is not None:
            vote = _Vote(match[1], cue.start(), match.end())
            if not self._called(vote, _REJECTED):
                yield vote
            match = _MORE.match(self.text, match.end())

    def _named_at(self, at: int) -> Iterator[_Vote]:
        """The option whose text stands at a place, a bare letter or an article before it passed over."""
        ahead = _ARTICLE.match(self.text, at)
        found = self._text_at(ahead.end() if ahead else at) or self._text_at(at)
        if found:
            yield found

    def _text_at(self, at: int) -> _Vote | None:
        matches = [(pattern.match(self.text, at), letter) for letter, pattern in self.options.items()]
        whole = [(m.end(), letter) for m, letter in matches if m and _STOP.match(self.text, m.end())]
        if not whole:
            return None
        end, letter = max(whole)
        return _Vote(letter, at, end)

    def _with_texts(self, votes: Sequence[_Vote]) -> set[str]:
        """The letters, and those of the options whose text stands right behind them: a letter may contradict it."""
        letters = {vote.letter for vote in votes}
        for vote in votes:
            beside = self._text_at(self._past(vote.end))
            if beside:
                letters.add(beside.letter)
        return letters

    def _is_listed(self, vote: _Vote) -> bool:
        """Whether a letter stands before its own option, and that is not called wrong."""
        beside = self._text_at(self._past(vote.end))
        return beside is not None and beside.letter == vote.letter and not self._called(vote, _REJECTED)

    def _called(self, vote: _Vote, how: re.Pattern[str]) -> bool:
        """Whether a letter, or the option text behind it, is called wrong or right."""
        own = self.options.get(vote.letter)
        text = own.match(self.text, self._past(vote.end)) if own else None
        return bool(how.match(self.text, text.end() if text else vote.end))

    def _past(self, at: int) -> int:
        """Where the words behind a letter begin."""
        marks = _BETWEEN.match(self.text, at)
        return marks.end() if marks else at

    def _denied(self, at: int) -> bool:
        return bool(_DENIED_AHEAD.search(self.text, max(at - 40, 0), at))

    def _by_text(self) -> set[str]:
        """The one option that is named, and not denied; yes and no only at the very start."""
        first = self._text_at(0)
        if first and first.letter in self.short:
            return {first.letter}
        found = [(m.start(), -m.end(), letter) for letter, pattern in self.options.items()
                 for m in pattern.finditer(self.text) if letter not in self.short]  # fmt: skip
        outer = [f for f in found if not any(o != f and o[0] <= f[0] and o[1] <= f[1] for o in found)]
        denied = any(stance(self.text, start, -end) == "denied" for start, end, _ in outer)
        return set() if denied else {letter for _, _, letter in outer}
