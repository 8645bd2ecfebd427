"""What goes onto the page: views, conversations and lists as updates of the components."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from agent.findings import Answer
from agent.memory import Turn
from tools.io import OpenRecording
from tools.montage import available_montages
from tools.page import default_page
from tools.types import Event, ToolError
from ui import viewer
from ui.desk import Desk
from ui.identity import NotHereError, owner_of
from ui.layout import NEW, TOAST, Parts, warn
from ui.messages import Chat, turn_messages
from ui.titles import named_events, recording_title, thread_title
from ui.viewer import View

FIRST_SECONDS = 10.0
_TURNS_SHOWN = 200
Updates = dict[Any, Any]


class Showing:
    """Updates for one set of components; what belongs to a user comes in as an argument."""

    def __init__(self, desk: Desk, parts: Parts) -> None:
        self.desk = desk
        self.parts = parts

    def nothing(self) -> Updates:
        """Change nothing."""
        return {self.parts.turn: gr.skip()}

    def everything(self, owner: str, handle: str, before: View, thread: str) -> Updates:
        """Show a recording and a conversation about it, at the page where that was left."""
        p, kept = self.parts, self.desk.shelf.list(owner)
        turns = self.desk.threads.history(thread, owner, last=_TURNS_SHOWN) if thread else []
        try:
            with self.desk.shelf.lend(owner, handle) as recording:
                view = self._where_left(owner, _first_view(recording, before), turns)
        except NotHereError:
            view = View(page=before.page)
        except ToolError as error:
            warn(error)
            return self.nothing()
        own = any(note.handle == view.handle and note.number for note in kept)
        shared = "From the command line" if self.desk.opens_with_shared else "Sample"
        choices = [(recording_title(note, shared), note.handle) for note in kept]
        return {
            p.recordings: gr.update(choices=choices, value=view.handle or None),
            p.remove: gr.update(interactive=own),
            **self.page(view, None),
            **self.conversation(owner, thread, turns),
        }

    def page(self, view: View, before: View | None, echo: int = 0) -> Updates:
        """Show a page, and in the row above it whatever differs from the view before."""
        p = self.parts
        shown: Updates = {p.view: view, p.picture: viewer.for_browser(view, echo)}
        menus, old = viewer.menus(view), viewer.menus(before) if before else {}
        changed = {
            p.controls[name]: gr.update(**menu) for name, menu in menus.items() if menu != old.get(name)
        }
        return shown | changed

    def conversation(self, owner: str, thread: str, turns: Sequence[Turn]) -> Updates:
        """Show a conversation from its beginning."""
        chat = Chat(tuple(message for turn in turns for message in turn_messages(turn)))
        named = {self.parts.thread: thread}
        return named | self.talk(chat) | self.thread_list(owner, thread) | self.busy(False)

    def talk(self, chat: Chat) -> Updates:
        """Show the messages."""
        return {self.parts.chat: chat, self.parts.messages: chat.shown}

    def thread_list(self, owner: str, thread: str) -> Updates:
        """List this browser's conversations, with the one on screen chosen."""
        threads = self.desk.threads.threads(owner)
        choices = [("New conversation", NEW), *((thread_title(info), info.id) for info in threads)]
        return {
            self.parts.threads: gr.update(choices=choices, value=thread),
            self.parts.delete: gr.update(interactive=bool(thread)),
        }

    def busy(self, busy: bool) -> Updates:
        """Offer Stop while a turn runs, and Ask otherwise."""
        return {self.parts.ask: gr.update(visible=not busy), self.parts.stop: gr.update(visible=busy)}

    def mark(self, owner: str, view: View, events: Sequence[Event]) -> View:
        """Put events on the page."""
        return viewer.mark(view, tuple(events), self.desk.marks.keep(owner, events))

    def mark_all(self, owner: str, view: View, label: str) -> View:
        """Put all events of a label on the page; none for a recording that is not here or not searched."""
        try:
            events = self.desk.overviews.events(owner, view.handle, label)
        except NotHereError:
            events = ()
        return viewer.mark(view, events, self.desk.marks.keep(owner, events), label if events else "")

    def _where_left(self, owner: str, view: View, turns: Sequence[Turn]) -> View:
        answers = [Answer.model_validate(turn.answer) for turn in turns if turn.answer]
        if answers and answers[-1].page is not None:
            view = viewer.follow(view, answers[-1].page)
        marked = next((events for a in reversed(answers) if (events := named_events(a))), ())
        return self.mark(owner, view, marked) if marked else view


def asker(request: gr.Request) -> str:
    """Name the owner behind a request."""
    owner = owner_of(dict(request.cookies))
    if owner is None:
        raise gr.Error("Reload this page. If that does not help, allow cookies for 127.0.0.1.", **TOAST)
    return owner


def _first_view(recording: OpenRecording, before: View) -> View:
    page = default_page(recording.info, 0.0, FIRST_SECONDS)
    return viewer.first_view(recording.info, available_montages(recording.info), page, before)
