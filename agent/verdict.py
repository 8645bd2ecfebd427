"""The last two steps of a turn: is every claim of the draft grounded, and what is shown of it?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage, AnyMessage, ToolMessage

from agent.facts import Facts
from agent.findings import Answer, Certainty, CitedRule, CitedSource, Finding, ToolCall
from agent.intent import Intent, Option
from agent.tracing import Checked, Ledger, Traced, check
from tools.types import Measurement, NotAnalysed, Page

if TYPE_CHECKING:
    from agent.graph import Turn

MEND = (
    "These claims of your draft have no source among the tool results of this conversation:\n{claims}\n"
    "Write the answer again without them, or call the tool that measures them first. Keep what is grounded."
)
NOTHING_LEFT = (
    "Nothing in the draft answer could be traced to a measurement or a rule, so nothing of it is shown."
)
NO_REPLY = (
    "The model gave no answer to this question, only calls of tools or nothing at all; please ask again."
)
EARLIER = 48
"""Facts of earlier turns that a claim may rest on: more than a brain is told of."""
_LONGEST_ARGUMENT = 500
_POSSIBLE = re.compile(
    r"\b(?:may|might|could|possibl[ey]|perhaps|uncertain|suspect|equivocal)\b", re.IGNORECASE
)
_PROBABLE = re.compile(
    r"\b(?:probabl[ey]|likely|suggests?|appears?|consistent with|compatible)\b", re.IGNORECASE
)
_LETTERS = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        # said to be the answer, most plainly first; small letters are words such as "a"
        r"\b(?:[Aa]nswer|ANSWER|[Cc]hoice|[Cc]hosen|[Cc]hoose|[Ss]elect(?:ed)?|[Pp]ick)\b[^.\n]{0,30}?[\s:*(\[]([A-F])\b(?!\w)",
        r"\\boxed\{\s*(?:\\text\{)?\(?([A-F])\)?\}?\s*\}",
        r"^\W{0,4}(?:[Oo]ption\s+)?\(?([A-F])\)?\*{0,2}\s*(?:[.):,;–—-]|$|\*\*|"
        r"\b(?=\s+(?:is(?! (?:not|wrong|incorrect|less|unlikely|excluded|out))|fits|best|because|since|matches)\b))",
        r"\*\*\s*(?:[Oo]ption\s+)?\(?([A-F])\)?(?:[.):]|\s*\*\*|\s+[-–—])",
        r"\b[Oo]ption\s+\(?([A-F])\b(?![^.\n]{0,60}?\b(?:not|wrong|incorrect|n't|less|unlikely|contradict\w*|excluded|ruled)\b)",
        r"\(([A-F])\)",
    )
)


def facts_of(messages: Sequence[AnyMessage]) -> list[Facts]:
    """The facts that the tool messages carry, in order; failed calls carry none."""
    carried = [m.artifact for m in messages if isinstance(m, ToolMessage) and m.artifact]
    return [Facts.model_validate(artifact) for artifact in carried]


def _draft(messages: Sequence[AnyMessage]) -> AIMessage:
    final = messages[-1]
    if not isinstance(final, AIMessage):  # the mending request is answered before this is reached
        raise TypeError("a turn ends with a message of the brain")
    return final


def _checked(messages: Sequence[AnyMessage], turn: Turn) -> Checked:
    text = _draft(messages).text.strip()
    plain = _draft(messages).additional_kwargs.get("remarks", ())
    recording = turn.bench.recording.info
    found = check(text, Ledger(facts_of(messages), recording), plain)
    if found.unsupported:  # only then is it worth reading the earlier turns
        found = check(text, Ledger([*facts_of(messages), *islice(turn.earlier(), EARLIER)], recording), plain)
    return found


def verdict(messages: Sequence[AnyMessage], turn: Turn, *, mended: bool) -> str | None:
    """Give the claims that the brain should mend, or None when the draft may pass to ``conclude``."""
    own = "findings" in _draft(messages).additional_kwargs
    if mended or own:
        return None
    return "\n".join(f"- {entry}" for entry in _checked(messages, turn).unsupported) or None


def conclude(
    messages: Sequence[AnyMessage], intent: dict[str, Any], page: dict[str, Any], turn: Turn
) -> Answer:
    """Build what is shown: the grounded sentences, their findings, sources, and what is missing."""
    draft, facts = _draft(messages), facts_of(messages)
    checked = _checked(messages, turn)
    own = draft.additional_kwargs.get("findings")
    findings = _kept_findings(own, checked) if own is not None else tuple(_found(checked.sentences, facts))
    asked = Intent.model_validate(intent)
    choice = draft.additional_kwargs.get("choice")
    if choice is None and own is None and asked.options:
        choice = chosen(draft.text, asked.options)
    return Answer(
        answer=checked.text or (NOTHING_LEFT if draft.text.strip() else NO_REPLY),
        choice=choice,
        findings=findings,
        citations=tuple(_sources(checked, findings, facts, turn)),
        tool_calls=tuple(_tool_calls(messages)),
        unsupported=checked.unsupported,
        not_analysed=_not_analysed(draft, facts),
        thread=turn.thread,
        brain=turn.brain_name,
        page=Page.model_validate(page),
    )


def _kept_findings(own: list[dict[str, Any]], checked: Checked) -> tuple[Finding, ...]:
    """Drop findings whose statement was struck; the text and its findings must agree."""
    struck = " ".join(checked.unsupported)
    return tuple(f for f in map(Finding.model_validate, own) if f.statement not in struck)


def _found(sentences: Sequence[Traced], facts: Sequence[Facts]) -> Iterator[Finding]:
    events = [event for fact in facts for event in fact.events]
    for traced in sentences:
        if not traced.evidence:
            continue
        places = {(m.onset, m.channels) for m in traced.evidence if isinstance(m, Measurement)}
        mine = tuple(e for e in events if (e.onset, e.channels) in places)
        yield Finding(
            statement=traced.sentence,
            certainty=certainty(traced.sentence),
            events=mine,
            evidence=traced.evidence,
        )


def certainty(sentence: str) -> Certainty:
    """Read how certain a sentence claims to be from its hedges."""
    if _POSSIBLE.search(sentence):
        return "possible"
    return "probable" if _PROBABLE.search(sentence) else "definite"


def chosen(text: str, options: Sequence[Option]) -> str | None:
    """Read the chosen letter out of a reply: a marked letter, else the one option text it holds."""
    letters = {option.letter for option in options}
    for pattern in _LETTERS:
        for match in pattern.finditer(text):
            if match[1] in letters:
                return match[1]
    low = text.lower()
    held = [(low.find(o.text.strip().lower()), o) for o in options if o.text.strip().lower() in low]
    # an option that another one contains is held by it: "spindles" in "no spindles"
    alone = [o.letter for _, o in held
             if not any(o is not p and o.text.strip().lower() in p.text.strip().lower() for _, p in held)]  # fmt: skip
    return alone[0] if len(alone) == 1 else None


def _sources(
    checked: Checked, findings: Sequence[Finding], facts: Sequence[Facts], turn: Turn
) -> Iterator[CitedSource]:
    cited = [e.id for t in checked.sentences for e in t.evidence if isinstance(e, CitedRule)]
    cited += [e.id for f in findings for e in f.evidence if isinstance(e, CitedRule)]
    known = {c.id: c for fact in facts for c in fact.citations}
    if not known.keys() >= set(cited):  # earlier turns are read only for a rule that was read in one
        known = {c.id: c for fact in islice(turn.earlier(), EARLIER) for c in fact.citations} | known
    for identifier in dict.fromkeys(cited):
        if identifier in known:
            rule = known[identifier]
            yield CitedSource(id=rule.id, title=rule.title, source=rule.source)


def _tool_calls(messages: Sequence[AnyMessage]) -> Iterator[ToolCall]:
    outcome = {m.tool_call_id: m.status == "success" for m in messages if isinstance(m, ToolMessage)}
    for message in messages:
        for call in message.tool_calls if isinstance(message, AIMessage) else ():
            yield ToolCall(
                name=call["name"][:80], args=_short(call["args"]), ok=outcome.get(call["id"] or "", False)
            )


def _short(arguments: dict[str, object]) -> dict[str, object]:
    """Arguments as an answer keeps them: what was called is told, not what a model ran on with."""
    if len(str(arguments)) <= _LONGEST_ARGUMENT:
        return arguments
    return {str(name)[:80]: value if len(str(value)) <= 80 else f"{str(value)[:80]} ..."
            for name, value in list(arguments.items())[:12]}  # fmt: skip


def _not_analysed(draft: AIMessage, facts: Sequence[Facts]) -> tuple[NotAnalysed, ...]:
    own = draft.additional_kwargs.get("not_analysed")
    if own is not None:
        return tuple(NotAnalysed.model_validate(entry) for entry in own)
    return tuple({entry.label: entry for fact in facts for entry in fact.not_analysed}.values())
