"""Follow-ups: what a question leaves out because the turn before said it."""

from __future__ import annotations

import re
from typing import Any

from agent.intent import Act, Intent
from agent.understanding.channels import channels_in, mirrored
from agent.understanding.cues import EEG_TERMS
from agent.understanding.phenomena import Mention
from agent.understanding.places import Where
from tools.types import Event, Page, Recording

_OPENS = re.compile(
    r"^(?:ok(?:ay)?,? |so |yes,? |well,? |thanks,? |hm+,? )*(?:and|or|what about|how about|what of"
    r"|also|same|the same|then|but|likewise|now|do the same|again"
    r"|repeat)\b(?! (?:the page|page|go|jump))"
)
_PRONOUN = re.compile(
    r"\b(?:it|its|they|them|their|those|that one|this one|these ones|one|ones|that|these"
    r"|the (?:other|others|rest)|there|either|instead|again|still|as well|too|else|same|the opposite"
    r"|the other side|contralateral)\b"
)
_NOT_A_PRONOUN = re.compile(
    r"\b(?:(?:is|are|was|were) there|that (?:is|are|was)|there (?:is|are)|zoom in on that"
    r"|that (?:page|epoch|recording|file|segment)|those (?:pages|epochs)"
    r"|one (?:page|epoch|second|minute|hour|channel)|at that)\b"
)
_BARE = re.compile(
    r"^(?:where|when|how (?:long|tall|fast|many|often|big|large|high|slow|much|sharp|steep)"
    r"|which (?:channels?|side|leads?|electrodes?|one|ones|hemisphere)"
    r"|at what (?:time|frequency|amplitude)"
    r"|what (?:frequency|amplitude|time|channels?|side|else|duration)|in (?:uv|hz|seconds|ms|s)"
    r"|for how long|since when|how so|on which side|on what side|elsewhere|later|earlier"
    r"|any(?:thing)? (?:else|more|others?)|more|others?|go on|continue|more details?|details"
    r"|tell me more|elaborate|left|right|both sides"
    r"|and)\b[^a-z]*(?:(?:exactly|precisely|is|are|was|were|it|they|does|do|did|last|there|that"
    r"|of them|start|begin|occur|end|happen|then|on the page|involved|affected|show|larger|higher"
    r"|faster|bigger|stronger|worse|taller|slower|lower|smaller|more)\b[^a-z]*)*$"
)
_ORDINAL = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_ONE = re.compile(
    rf"\b(?:the |that |this )?(?P<word>{'|'.join(_ORDINAL)}|last"
    r"|final)(?: (?P<noun>one|of (?:them|these|those)|event|wave|[a-z-]+))?\b(?! (?:half|third|quarter"
    r"|seconds?|minutes?|pages?|epochs?|hours?)\b| ?-?\d)"
    r"|(?:\b(?:number|no\.|event|nr\.?) ?|#)(?P<number>\d{1,3})\b(?!\.\d| ?-?(?:hz|uv|s|sec|seconds?|min"
    r"|minutes?|ms)\b)"
)
_THAT_ONE = re.compile(
    r"\b(?:that|this) (?:one|event|wave|spindle|spike|discharge|complex|blink|seizure)\b"
    r"|\bon (?:that|it)\b|\b(?:how|does|did|is|was) (?:\w+ ){0,2}it\b|\bits\b"
)
_NOUNS = """
one event wave spindle spike blink complex discharge k-complex arousal seizure sharp artifact burst
detection finding transient
"""
_EVENT_NOUNS = frozenset(_NOUNS.split())

_SOUGHT = re.compile(
    r"\b(?:(?:is|are|was|were) there(?: also| still)?(?: any| an?| some)?|any"
    r"|(?:see|find|detect|spot|notice) (?:any|an?|some)) +(?P<thing>[a-z][a-z-]{4,})"
    r"|^\W*what is (?:the |its )?(?P<term>[a-z]{2,}\d+)\W*$"
)
_KNOWN_THINGS = re.compile(
    r"(?:other|another|others|these|those|different|differences?|changes?|further|additional|similar"
    r"|something|anything|nothing|sides?|channels?|later|earlier|during|between|again|events?|findings?"
    r"|examples?|evidence|signs?|doubts?|reasons?|abnormal\w*|elsewhere|where|longer|shorter|larger|smaller"
    r"|faster|slower|bigger|higher|lower|asymmetr\w*|times?|places?|pages?|seconds?|minutes?|anywhere|about"
    r"|patterns?|bursts?|particular|waveforms?|clear\w*|obvious|definite|possible|which|there|after|before|around|within|besides|instead|still)$"
)


def seeks_unknown(left: str) -> bool:
    """Whether what was not understood of a question holds the thing it is about: "any microsleeps?"."""
    match = _SOUGHT.search(left)
    if match is None:
        return False
    thing = match["thing"]
    return thing is None or not (_KNOWN_THINGS.match(thing) or EEG_TERMS.search(thing))


def opens_a_follow_up(text: str) -> bool:
    """Whether a question begins as follow-ups do: "and ...", "what about ..."."""
    return bool(_OPENS.match(text))


def leans(text: str, mentions: tuple[Mention, ...]) -> bool:
    """Whether a question leans on a turn before it."""
    if _OPENS.search(text) or _BARE.match(text):
        return True
    kept = _NOT_A_PRONOUN.sub(" ", text)
    return bool(_PRONOUN.search(kept)) and not (len(mentions) > 1 and not _PRONOUN.search(kept[:30]))


def event_meant(text: str, events: tuple[Event, ...], labels: tuple[str, ...]) -> tuple[int | None, str]:
    """Which event of the last answer is meant, and a note when there is no such one."""
    match = _ONE.search(text)
    if match is None:
        return (0 if _THAT_ONE.search(text) and len(events) == 1 else None), ""
    noun = match["noun"] or "one"
    if match[0] == "last" and match.start():  # "how long do they last?"
        return None, ""
    if match["word"]:
        spoken = noun.split()[0].rstrip("s")
        if (
            spoken != "of"
            and spoken not in _EVENT_NOUNS
            and not (labels and any(spoken in label for label in labels))
        ):
            return None, ""
        index = -1 if match["word"] in ("last", "final") else _ORDINAL.index(match["word"])
    else:
        index = int(match["number"]) - 1
    if not events:
        alone = match["noun"] in ("one", "event") or (match["noun"] is None and match[0] != match["word"])
        return None, "The last answer named no events, so there is no such one." if alone else ""
    if index >= len(events) or index < -1:
        named = "1 event" if len(events) == 1 else f"{len(events)} events"
        return None, f"The last answer named {named}, so there is no such one."

    return index, ""


def place_of(event: Event) -> dict[str, Any]:
    """The fields that put an intent at an event."""
    return {
        "onset": event.onset,
        "duration": event.duration or 1.0,
        "moment": round(event.onset + event.duration / 2, 3),
        "channels": event.channels,
        "labels": (event.label,),
        "place_missing": False,
    }


def act_before(previous: Intent) -> Act:
    """What the thread was about: the act that a why or a confirm of before leant on itself."""
    if previous.act in ("why", "confirm", "view", "thanks", "help", "unclear", "navigate", "info", "choose"):
        return previous.again or "describe"
    return previous.act


def inherit(fields: dict[str, Any], previous: Intent, where: Where, recording: Recording) -> dict[str, Any]:
    """Fill what the question left out from the intent of the turn before."""
    full = dict(fields)
    if not fields["labels"] and not fields.get("stage") and fields.get("aspect") is None:
        full["labels"] = previous.labels
        same = fields["act"] in ("why", "confirm", act_before(previous))
        full["aspect"] = previous.aspect if same else None
        full["stage"], full["stages"] = previous.stage, previous.stages
    if fields["band"] is None and not fields["labels"]:
        full["band"] = previous.band
    if fields["quantity"] is None and fields["act"] == act_before(previous):
        full["quantity"] = previous.quantity
    if fields["onset"] is None and not fields["whole_recording"] and not fields["place_missing"]:
        kept = ("onset", "duration", "moment", "whole_recording", "other")
        full |= {name: getattr(previous, name) for name in kept}
    full |= _place_kept(fields, previous, where, recording)
    return full


def _place_kept(
    fields: dict[str, Any], previous: Intent, where: Where, recording: Recording
) -> dict[str, Any]:
    """Carry the region over: "and on the right?" after "left temporal" is right temporal."""
    if not fields["channels"] and not where.missing and where.side is None:
        return {"channels": previous.channels, "region": previous.region, "groups": previous.groups}
    if where.side in ("left", "right", "opposite") and where.lobe is None and not _named_channels(where):
        side = where.side
        if side == "opposite":
            before = previous.region or ""
            lefts = sum(c[-1:].isdigit() and int(c[-1]) % 2 == 1 for c in previous.channels)
            side = "right" if "left" in before or lefts * 2 > len(previous.channels) else "left"
        lobe = " ".join(
            word for word in (previous.region or "").split() if word not in ("left", "right", "both", "and")
        )
        if lobe and " and " not in (previous.region or ""):
            channels = channels_in(lobe if lobe != "midline" else None, side, recording)
            return {"channels": channels, "region": f"{side} {lobe}", "groups": (channels,)}
        if previous.channels and not previous.region:
            channels = mirrored(previous.channels, side, recording)
            return {"channels": channels, "region": None, "groups": (channels,)}
        channels = channels_in(None, side, recording)
        return {"channels": channels, "region": side, "groups": (channels,)}
    return {}


def _named_channels(where: Where) -> bool:
    return bool(where.channels) and where.region is None


def zoomed(
    page: Page, text: str, fields: dict[str, Any], event: Event | None, end: float
) -> tuple[float, float]:
    """The page after zooming in on an event, a moment or the middle, or out."""
    if re.search(r"\bout\b|\bwiden\b|\bmore context\b", text):
        length = min(page.duration * 2, end)
        center = page.onset + page.duration / 2
    elif event is not None:
        length = min(page.duration, max(2.0, 3 * event.duration))
        center = event.onset + event.duration / 2
    elif fields["moment"] is not None:
        length = min(page.duration / 2, 5.0)
        center = fields["moment"]
    elif fields["onset"] is not None:
        return fields["onset"], fields["duration"]
    else:
        length, center = page.duration / 2, page.onset + page.duration / 2
    onset = min(max(0.0, center - length / 2), max(0.0, end - length))
    return round(onset, 3), round(length, 3)
