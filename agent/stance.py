"""What a sentence does with a phenomenon it names: assert it, deny it, leave it open, or only mention it."""

from __future__ import annotations

import re
from typing import Literal

Stance = Literal["asserted", "denied", "not analysed", "mentioned"]

_BREAK = re.compile(
    r"[;:]\s|\s[–—]\s|\s(?:but|however|although|whereas|while|though|because|and then)\s|\.\s|\n"
)
_COMMA = re.compile(r",\s")
_AUX = r"(?:is|are|was|were|be|been|being|has|have|had|do|does|did|can|could|will|would)"
_VERB = re.compile(
    rf"\b(?:{_AUX}(?=n't)|(?:{_AUX}|shows?|appears?|occurs?|begins?|"
    rf"starts?|lies?|there|found|seen|remains?|contains?)\b)",
    re.IGNORECASE,
)
_NO_AHEAD = re.compile(
    r"\b(?:no(?! fewer| less| more)|without|neither|nor|absence of|lack(?:s|"
    r"ed|ing)?(?: of)?|free of|free from|devoid of|rul(?:e|ed|es|ing) out|"
    r"rather than|instead of|not (?:an?|any|the)|never|nothing|"
    r"none of(?: the)?|exclud(?:e|es|ed|ing)|fail(?:s|ed)? to|"
    rf"{_AUX}(?:n't| not|not)(?! only| confined| limited| restricted))\b",
    re.IGNORECASE,
)
_NO_BEHIND = re.compile(
    r"(?:\s+\w+ly)?(?:\s?n't|\s+not)(?:\s+(?:been|be|\w+ly))*\s*(?:found|"
    r"seen|present|detected|observed|identified|visible|"
    r"evident|noted|recorded|there|any\w*|apparent|recogni[sz]able|demonstrated|$|[.,;:)|])|"
    r"\s+(?:\w+\s+){0,2}?(?:absent|missing|lacking|unlikely|ruled out|excluded|nil|none|nowhere|neither)\b",
    re.IGNORECASE,
)
_NONE_LISTED = re.compile(r"^(?:e?s)?[\s*_]*[:|–—=(-][\s*_]*(?:none|no\b|absent|"
                          r"not (?:found|seen|present|detected)|0\b(?![.,]\d)|nil)",
                          re.IGNORECASE)  # fmt: skip
_NOT_FOUND_LIST = re.compile(
    r"\bnot (?:found|seen|detected|present|observed)\b[^:.]*:|\babsent\b[^:.]*:", re.IGNORECASE
)
_UNSEEN = re.compile(
    r"\b(?:not|n't) (?:yet )?(?:been )?(?:analy[sz]ed|looked for|"
    r"assessed|examined|checked|searched|evaluated|judged|tested)|"
    r"\bno detector|\b(?:could|can)\s?(?:not|n't) (?:be )?(?:look|"
    r"analy|assess|judge|check|search|evaluat|tell|say)|"
    r"\bnot part of\b|\bunable to\b|\bopen\b|\bunknown whether\b|\bwas not possible\b|\bnot available\b",
    re.IGNORECASE,
)
_OPEN_WORDS = re.compile(
    r"\b(?:whether|if|would|mistaken|confused with|look-alikes?|"
    r"mimics?|imitates?|asked about|ask (?:me|about)|definition|"
    r"defined|criteri(?:on|a) (?:for|of)|you could|distinguish(?:es)?|differs?|versus|vs|unlike|"
    r"separates?|would need)\b",
    re.IGNORECASE,
)
_SOUGHT = re.compile(
    r"\b(?:look(?:ed|ing|s)? for(?! and)|search(?:ed|ing|es)? (?:for|"
    r"of)|check(?:ed|ing)? for|such as|for example|ask for|"
    r"detectors? (?:for|of))\b",
    re.IGNORECASE,
)
_SHOWN = re.compile(
    rf"\b(?:there {_AUX}|looked for and found|{_AUX} (?:\w+ly )?(?:seen|found|"
    rf"present|visible|evident|detected|noted|observed|identified|clear)|"
    r"shows?|occurs?|begins?|starts?|reveals?|contains?|appears?)\b",
    re.IGNORECASE,
)


def stance(sentence: str, start: int, end: int) -> Stance:
    """Judge what stands at ``sentence[start:end]``.

    A denial ahead reaches over a list until a verb ends it; one behind counts only as the first
    predicate after the word, so that "spindles were found and K-complexes were not" denies one.
    """
    after_break = max((m.end() for m in _BREAK.finditer(sentence, 0, start)), default=0)
    stop = _BREAK.search(sentence, end)
    behind = sentence[end : stop.start() if stop else len(sentence)]
    clause = sentence[after_break:end] + behind
    comma = max((m.end() for m in _COMMA.finditer(sentence, after_break, start)), default=after_break)
    near_comma = _COMMA.search(sentence, end)
    part = sentence[comma : near_comma.start() if near_comma else end + len(behind)]
    if sentence.rstrip().endswith("?"):
        return "mentioned"
    if _unseen(sentence, start, after_break, clause):
        return "not analysed"
    if _OPEN_WORDS.search(part):
        return "mentioned"
    if _NONE_LISTED.match(sentence[end:]) or _denied(sentence, start, after_break, comma, behind):
        return "denied"
    if _SOUGHT.search(part) and not _SHOWN.search(part):
        return "mentioned"
    return "asserted"


def _unseen(sentence: str, start: int, after_break: int, clause: str) -> bool:
    if _UNSEEN.search(clause):
        return True
    lead = re.match(r"[^:]*:", sentence)  # "Not analysed: spikes, sharp waves."
    return bool(
        lead and lead.end() <= start and _UNSEEN.search(lead.group()) and after_break <= lead.end() + 1
    )


def _denied(sentence: str, start: int, after_break: int, comma: int, behind: str) -> bool:
    if any(m.end() <= start for m in _NOT_FOUND_LIST.finditer(sentence)):
        return True
    ahead = [m for m in _NO_AHEAD.finditer(sentence, after_break, start) if m.end() <= start]
    if ahead:
        reaches = ahead[-1].start() >= comma or not _VERB.search(sentence, ahead[-1].end(), start)
        # "No spikes and there are spindles": a verb that asserts ends the reach of the denial.
        if reaches and not _SHOWN.search(sentence[ahead[-1].end() : start]):
            return True
    first = _VERB.search(behind)
    return bool(first and _NO_BEHIND.match(behind, first.end()))
