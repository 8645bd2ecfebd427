"""An item that is asked in parts: each is a question of its own in a fresh conversation, the replies stay together.

So one sample holds all that was answered on one segment, and whether the answers agree can be graded like anything
else.
"""

from __future__ import annotations

from pathlib import Path

from evals.records import Item, Reply, System


def parts_of(item: Item) -> tuple[Item, ...]:
    """The questions an item is made of; none where it is one itself."""
    return tuple(Item.model_validate(part) for part in item.expects.get("parts", ()))


def ask(system: System, item: Item, folder: Path) -> Reply:
    """Ask a system an item, or every part of it apart from the others.

    Parameters
    ----------
    system : System
        Whatever answers items.
    item : Item
        Its ``expects`` holds ``parts`` where it has any.
    folder : Path
        Where the files of the parts lie.

    Returns
    -------
    Reply
        As many texts as the parts have turns, empty where none came; the letter of the part with options. It is an
        error only if no part was answered, or a server fails and may come back.
    """
    parts = parts_of(item)
    if not parts:
        return system.reply(item, folder)
    replies: list[Reply] = []
    for part in parts:
        replies.append(system.reply(part, folder))
        if replies[-1].passing:
            return replies[-1]  # a server that fails now: the whole is asked again
    texts = [text for part, reply in zip(parts, replies, strict=True) for text in _filled(part, reply)]
    choices = [reply.choice for part, reply in zip(parts, replies, strict=True) if part.options]
    errors = [reply.error for reply in replies if reply.error is not None]
    answered = any(text.strip() for text in texts)
    return Reply(
        texts=tuple(texts) if answered else (),
        choice=choices[0] if len(choices) == 1 else None,
        not_analysed=tuple(dict.fromkeys(label for reply in replies for label in reply.not_analysed)),
        tool_calls=tuple(call for reply in replies for call in reply.tool_calls),
        seconds=round(sum(reply.seconds for reply in replies), 3),
        tokens=sum(reply.tokens for reply in replies),
        error=None if answered else next(iter(errors), "no part was answered"),
    )


def split(item: Item, reply: Reply) -> list[tuple[Item, Reply]]:
    """Give each part its own reply back."""
    found: list[tuple[Item, Reply]] = []
    left = list(reply.texts)
    for part in parts_of(item):
        mine, left = left[: len(part.turns)], left[len(part.turns) :]
        said = any(text.strip() for text in mine)
        found.append(
            (part, Reply(texts=tuple(mine) if said else (), choice=reply.choice if part.options else None))
        )
    return found


def _filled(part: Item, reply: Reply) -> list[str]:
    """One text for each turn, empty where the conversation broke off."""
    return [*reply.texts, *[""] * len(part.turns)][: len(part.turns)]
