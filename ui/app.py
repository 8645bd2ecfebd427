"""The browser front: what each control does. State per browser tab lives in ``gr.State`` only."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from agent.findings import Answer
from agent.memory import Turn
from agent.steps import Step
from tools.io import OpenRecording
from tools.montage import available_montages
from tools.page import default_page
from tools.types import Event, ToolError
from ui import viewer
from ui.brain_panel import wire_settings
from ui.desk import BrainChoice, Desk
from ui.layout import CALM, NEW, QUICK, TOAST, Parts, brain_words, trouble
from ui.messages import Chat, add_step, broken_off, question_message, turn_messages
from ui.identity import NotHereError, owner_of
from ui.titles import fault_words, named_events, recording_title, thread_title
from ui.turns import StoppedError
from ui.viewer import View

LOST = "This recording is not here any more. Open it again."
FIRST_SECONDS = 10.0
_TURNS_SHOWN = 200
_LOOKING = ("find_waveforms", "describe_page")
"""Tools whose outcome takes the place of the marks on the page, also when it is empty."""
_TURN = "() => document.dispatchEvent(new CustomEvent('glossa-turn', {{detail: {}}}))"
_SURE = "(chosen, view) => [confirm('Delete this conversation for good?') ? chosen : '', view]"
Updates = dict[Any, Any]


def build_blocks(desk: Desk) -> gr.Blocks:
    """Lay the page out and wire it to the desk."""
    with gr.Blocks(
        title="Glossa", analytics_enabled=False, delete_cache=(3600, 3600), fill_width=True
    ) as blocks:
        Front(desk, Parts(desk.settings)).wire(blocks)
    return blocks


class Front:
    """Callbacks over the desk and the page's components; what belongs to a user comes in as an argument."""

    def __init__(self, desk: Desk, parts: Parts) -> None:
        self.desk = desk
        self.parts = parts

    def wire(self, blocks: gr.Blocks) -> None:
        """Connect events to callbacks. Whatever only moves the page skips the queue."""
        p = self.parts
        page_out = [p.view, p.picture, *p.controls.values()]
        all_out = [
            *page_out,
            p.recordings,
            p.remove,
            p.open,
            p.thread,
            p.chat,
            p.messages,
            p.threads,
            p.delete,
        ]
        brain_out = [p.brain, p.brain_line, p.kind, p.server_fields]
        blocks.load(self.on_load, None, [*all_out, *brain_out], **CALM)
        p.picture.click(self.on_orders, [p.view], page_out, trigger_mode="multiple", **QUICK)
        p.back.click(None, js=_TURN.format(-1), api_visibility="private")
        p.forth.click(None, js=_TURN.format(1), api_visibility="private")
        for name, control in p.controls.items():
            listen = control.submit if name == "onset" else control.input
            listen(self._setter(name), [p.view, control], page_out, **QUICK)
        p.show_events.input(self.on_show_events, [p.view, p.show_events], page_out, **QUICK)
        p.recordings.input(self.on_choose_recording, [p.recordings, p.view], all_out, **CALM)
        p.open.upload(self.on_upload, [p.open, p.view], all_out, **CALM)
        p.remove.click(self.on_remove, [p.view], all_out, **CALM)
        self._wire_chat(all_out, page_out)
        wire_settings(self.desk, p)

    def _wire_chat(self, all_out: list[Any], page_out: list[Any]) -> None:
        p = self.parts
        out = [
            *page_out,
            p.thread,
            p.chat,
            p.messages,
            p.threads,
            p.delete,
            p.question,
            p.turn,
            p.ask,
            p.stop,
        ]
        told = [p.question, p.view, p.thread, p.chat, p.brain]
        once: dict[str, Any] = {"trigger_mode": "once", "concurrency_limit": 8, **CALM}
        gr.on([p.ask.click, p.question.submit], self.on_ask, told, out, **once)
        picked = p.messages.example_select(_example, None, p.question, **QUICK)
        picked.then(self.on_ask, told, out, **once)
        p.stop.click(self.desk.turns.stop, p.turn, None, **QUICK)
        p.threads.input(self.on_choose_thread, [p.threads, p.view], all_out, **CALM)
        p.new.click(self.on_new, [p.view], all_out, **CALM)
        p.delete.click(self.on_delete, [p.threads, p.view], all_out, js=_SURE, **CALM)

    # --- recordings and pages -------------------------------------------------------------------

    def on_load(self, request: gr.Request) -> Updates:
        """Open what this browser used last, or the recording named at start."""
        p, owner, settings = self.parts, _owner(request), self.desk.settings
        handles = [note.handle for note in self.desk.shelf.list(owner)]
        wanted = handles[:1] if self.desk.opens_with_shared else handles
        last = next((t for t in self.desk.threads.threads(owner) if t.recording in wanted), None)
        handle = last.recording if last else next(iter(wanted[-1:]), "")
        brain = BrainChoice(
            brain=settings.brain, base_url=settings.base_url or "", model=settings.model or ""
        )
        return self._everything(owner, handle, View(), last.id if last else NEW) | {
            p.brain: brain,
            p.brain_line: brain_words(brain),
            p.kind: brain.brain,
            p.server_fields: gr.update(visible=brain.brain == "openai"),
        }

    def on_orders(self, view: View, event: gr.EventData) -> Updates:
        """Carry out what the page's script asks for."""
        new, sent = view, event._data
        try:
            for order in sent["orders"]:
                new = viewer.obey(new, order)
            return self._show(new, view, echo=int(sent["echo"]))
        except (KeyError, TypeError, ValueError):
            return self._show(view, view)  # from a script other than ours: the page stays

    def _setter(self, field: str) -> Callable[..., Updates]:
        """Make the callback of one control in the row above the page."""

        def on_control(view: View, value: Any) -> Updates:
            try:
                return self._show(viewer.set_field(view, field, value), view)
            except (TypeError, ValueError):
                return self._show(view, None)  # an emptied number: show what holds

        return on_control

    def on_show_events(self, view: View, show: bool) -> Updates:
        """Draw marks or hide them."""
        return self._show(view.model_copy(update={"show_events": bool(show)}), view)

    def on_choose_recording(self, handle: str, view: View, request: gr.Request) -> Updates:
        """Open another recording, with a conversation of its own."""
        return self._everything(_owner(request), handle, view, NEW)

    def on_upload(self, files: Sequence[str] | None, view: View, request: gr.Request) -> Updates:
        """Take uploaded files onto this browser's shelf and open the first recording among them."""
        owner, uploads = _owner(request), [Path(name) for name in files or ()]
        try:
            kept = self.desk.shelf.keep(owner, uploads)
        except ToolError as error:
            raise trouble(error) from error
        finally:
            for path in uploads:
                path.unlink(missing_ok=True)
        return self._everything(owner, kept[0].handle, view, NEW) | {self.parts.open: None}

    def on_remove(self, view: View, request: gr.Request) -> Updates:
        """Take the recording in view off the shelf and the disk."""
        owner = _owner(request)
        self.desk.shelf.delete(owner, view.handle)
        rest = self.desk.shelf.list(owner)
        return self._everything(owner, rest[-1].handle if rest else "", view, NEW)

    # --- conversations --------------------------------------------------------------------------

    def on_choose_thread(self, thread: str, view: View, request: gr.Request) -> Updates:
        """Show an earlier conversation, its recording, and the page where it was left."""
        owner = _owner(request)
        known = {info.id: info.recording for info in self.desk.threads.threads(owner)}
        return self._everything(
            owner, known.get(thread, view.handle), view, thread if thread in known else NEW
        )

    def on_new(self, view: View, request: gr.Request) -> Updates:
        """Start a conversation about the recording in view; the page stays."""
        return self._conversation(_owner(request), NEW, []) | self._show(viewer.mark(view, (), ""), view)

    def on_delete(self, thread: str, view: View, request: gr.Request) -> Updates:
        """Delete the conversation for good."""
        if not thread:
            return {self.parts.thread: gr.skip()}
        try:
            self.desk.threads.delete(thread, _owner(request))
        except ToolError as error:
            raise trouble(error) from error
        return self.on_new(view, request)

    def on_ask(
        self, question: str, view: View, thread: str, chat: Chat, brain: BrainChoice, request: gr.Request
    ) -> Iterator[Updates]:
        """Answer a question, step by step."""
        p, owner = self.parts, _owner(request)
        if not question.strip():
            raise gr.Error("Type a question first, such as: What does this EEG show?", **TOAST)
        try:
            settings = self.desk.settings_for(brain)
            if not view.handle:
                raise ToolError("Open a recording first.")
            thread = thread or self.desk.threads.create(owner, view.handle)
        except ToolError as error:
            raise trouble(error) from error
        chat, turn = Chat((*chat.messages, question_message(question))), self.desk.turns.begin()
        yield {p.question: "", p.thread: thread, p.turn: turn} | self._talk(chat) | self._busy(True)

        def work() -> Generator[Step]:
            from agent.run import ask  # LangGraph is slow to import; the page should not wait for it

            with self.desk.shelf.lend(owner, view.handle) as recording:
                yield from ask(
                    question, recording, settings=settings, threads=self.desk.threads,
                    rules=self.desk.rules(), owner=owner, thread=thread, page=view.page,
                )  # fmt: skip

        shown = view
        try:
            for step in self.desk.turns.run(turn, work):
                chat, new = add_step(chat, step), self._follow(owner, shown, step)
                yield self._talk(chat) | (self._show(new, shown) if new != shown else {})
                shown = new
        except StoppedError:
            chat = broken_off(chat, "Stopped before the answer.")
        except NotHereError:
            chat = broken_off(chat, LOST)
        except ToolError as error:
            chat = broken_off(chat, error.message)
        except Exception as error:  # noqa: BLE001 - the rim: a fault of ours is said, without any text of the file
            chat = broken_off(chat, fault_words(error))
        yield self._talk(chat) | self._thread_list(owner, thread) | self._busy(False)

    def _follow(self, owner: str, view: View, step: Step) -> View:
        """Let the viewer follow the agent: to another page, and to what it found."""
        page = step.page or (step.answer.page if step.answer else None)
        if page is not None:
            view = viewer.follow(view, page)
        events = named_events(step.answer) if step.answer else step.events
        looked = step.kind == "tool_end" and step.ok and step.name in _LOOKING  # nothing found: no marks
        return self._mark(owner, view, events) if events or looked else view

    def _mark(self, owner: str, view: View, events: Sequence[Event]) -> View:
        return viewer.mark(view, tuple(events), self.desk.marks.keep(owner, events))

    # --- what is shown --------------------------------------------------------------------------

    def _everything(self, owner: str, handle: str, before: View, thread: str) -> Updates:
        """Show a recording and a conversation about it, at the page where that was left."""
        p, kept = self.parts, self.desk.shelf.list(owner)
        turns = self.desk.threads.history(thread, owner, last=_TURNS_SHOWN) if thread else []
        try:
            with self.desk.shelf.lend(owner, handle) as recording:
                view = self._where_left(owner, _first_view(recording, before), turns)
        except NotHereError:
            view = View(page=before.page)
        except ToolError as error:
            raise trouble(error) from error
        own = any(note.handle == view.handle and note.number for note in kept)
        shared = "From the command line" if self.desk.opens_with_shared else "Sample"
        choices = [(recording_title(note, shared), note.handle) for note in kept]
        return {
            p.recordings: gr.update(choices=choices, value=view.handle or None),
            p.remove: gr.update(interactive=own),
            **self._show(view, None),
            **self._conversation(owner, thread, turns),
        }

    def _where_left(self, owner: str, view: View, turns: Sequence[Turn]) -> View:
        answers = [Answer.model_validate(turn.answer) for turn in turns if turn.answer]
        if answers and answers[-1].page is not None:
            view = viewer.follow(view, answers[-1].page)
        marked = next((events for a in reversed(answers) if (events := named_events(a))), ())
        return self._mark(owner, view, marked) if marked else view

    def _show(self, view: View, before: View | None, echo: int = 0) -> Updates:
        p = self.parts
        shown: Updates = {p.view: view, p.picture: viewer.for_browser(view, echo)}
        menus, old = viewer.menus(view), viewer.menus(before) if before else {}
        changed = {
            p.controls[name]: gr.update(**menu) for name, menu in menus.items() if menu != old.get(name)
        }
        return shown | changed

    def _conversation(self, owner: str, thread: str, turns: Sequence[Turn]) -> Updates:
        chat = Chat(tuple(message for turn in turns for message in turn_messages(turn)))
        return {self.parts.thread: thread} | self._talk(chat) | self._thread_list(owner, thread)

    def _talk(self, chat: Chat) -> Updates:
        return {self.parts.chat: chat, self.parts.messages: chat.shown}

    def _thread_list(self, owner: str, thread: str) -> Updates:
        threads = self.desk.threads.threads(owner)
        choices = [("New conversation", NEW), *((thread_title(info), info.id) for info in threads)]
        return {
            self.parts.threads: gr.update(choices=choices, value=thread),
            self.parts.delete: gr.update(interactive=bool(thread)),
        }

    def _busy(self, busy: bool) -> Updates:
        return {self.parts.ask: gr.update(visible=not busy), self.parts.stop: gr.update(visible=busy)}


def _owner(request: gr.Request) -> str:
    owner = owner_of(dict(request.cookies))
    if owner is None:
        raise gr.Error("Reload this page. If that does not help, allow cookies for 127.0.0.1.", **TOAST)
    return owner


def _example(event: gr.SelectData) -> str:
    return str(event.value["text"])


def _first_view(recording: OpenRecording, before: View) -> View:
    page = default_page(recording.info, 0.0, FIRST_SECONDS)
    return viewer.first_view(recording.info, available_montages(recording.info), page, before)
