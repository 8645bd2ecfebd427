"""The browser front: what each control does. State per browser tab lives in ``gr.State`` only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from tools.types import Page, ToolError
from ui import viewer
from ui.asking import Asking
from ui.brain_panel import wire_settings
from ui.desk import BrainChoice, Desk
from ui.layout import CALM, NEW, QUICK, Parts, brain_words, warn
from ui.showing import FIRST_SECONDS, Showing, Updates, asker
from ui.viewer import View

_TURN = "() => document.dispatchEvent(new CustomEvent('glossa-turn', {{detail: {}}}))"
_SURE = "(chosen, ...rest) => [confirm('Delete this conversation for good?') ? chosen : '', ...rest]"


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
        self.show = Showing(desk, parts)
        self.asking = Asking(desk, parts, self.show)

    def wire(self, blocks: gr.Blocks) -> None:
        """Connect events to callbacks. Whatever only moves the page skips the queue."""
        p = self.parts
        page_out = [p.view, p.picture, *p.controls.values()]
        talk_out = [p.thread, p.chat, p.messages, p.threads, p.delete, p.turn, p.ask, p.stop]
        all_out = [*page_out, *talk_out, p.recordings, p.remove, p.open]
        turn_out = [*page_out, *talk_out, p.question]
        brain_out = [p.brain, p.brain_line, p.kind, p.server_fields]
        loaded = blocks.load(self.on_load, p.first_side, [*all_out, *brain_out, p.sides], **CALM)
        self._wire_page(page_out)
        p.recordings.input(self.on_choose_recording, [p.recordings, p.view, p.turn], all_out, **CALM)
        p.open.upload(self.on_upload, [p.open, p.view, p.turn], all_out, **CALM)
        p.remove.click(self.on_remove, [p.view, p.turn], all_out, **CALM)
        told = [p.question, p.view, p.thread, p.chat, p.brain]
        once: dict[str, Any] = {"trigger_mode": "once", "concurrency_limit": 8, **CALM}
        gr.on([p.ask.click, p.question.submit], self.asking.on_ask, told, turn_out, **once)
        picked = p.messages.example_select(_example, None, p.question, **QUICK)
        picked.then(self.asking.on_ask, told, turn_out, **once)
        p.stop.click(self.desk.turns.stop, p.turn, None, **QUICK)
        chosen = p.threads.input(self.on_choose_thread, [p.threads, p.view, p.turn], all_out, **CALM)
        p.new.click(self.on_new, [p.view, p.turn], all_out, **CALM)
        p.delete.click(self.on_delete, [p.threads, p.view, p.turn], all_out, js=_SURE, **CALM)
        agreed = wire_settings(self.desk, p)
        for event in (loaded, chosen, agreed):
            event.then(
                self.asking.on_resume, [p.view, p.thread, p.brain], turn_out, concurrency_limit=8, **CALM
            )

    def _wire_page(self, page_out: list[Any]) -> None:
        p = self.parts
        p.picture.click(self.on_orders, [p.view, p.turn], page_out, trigger_mode="multiple", **QUICK)
        p.back.click(None, js=_TURN.format(-1), api_visibility="private")
        p.forth.click(None, js=_TURN.format(1), api_visibility="private")
        for name, control in p.controls.items():
            listen = control.submit if name == "onset" else control.input
            listen(self._setter(name), [p.view, p.turn, control], page_out, **QUICK)
        p.show_events.input(self.on_show_events, [p.view, p.turn, p.show_events], page_out, **QUICK)
        p.sides.input(self.on_sides, [p.view, p.turn, p.sides], [*page_out, p.first_side], **QUICK)

    # --- recordings -----------------------------------------------------------------------------

    def on_load(self, first_side: str, request: gr.Request) -> Updates:
        """Open what this browser used last, or the recording named at start."""
        p, owner, settings = self.parts, asker(request), self.desk.settings
        handles = [note.handle for note in self.desk.shelf.list(owner)]
        wanted = handles[:1] if self.desk.opens_with_shared else handles
        last = next((t for t in self.desk.threads.threads(owner) if t.recording in wanted), None)
        handle = last.recording if last else next(iter(wanted[-1:]), "")
        brain = BrainChoice(
            brain=settings.brain, base_url=settings.base_url or "", model=settings.model or ""
        )
        before = View(page=Page(onset=0.0, duration=FIRST_SECONDS, left_first=first_side != "right"))
        return self.show.everything(owner, handle, before, last.id if last else NEW) | {
            p.sides: "left" if before.page.left_first else "right",
            p.brain: brain,
            p.brain_line: brain_words(brain),
            p.kind: brain.brain,
            p.server_fields: gr.update(visible=brain.brain == "openai"),
        }

    def on_choose_recording(self, handle: str, view: View, turn: str, request: gr.Request) -> Updates:
        """Open another recording, with a conversation of its own."""
        self.desk.turns.leave(turn)
        return self.show.everything(asker(request), handle, view, NEW)

    def on_upload(self, files: Sequence[str] | None, view: View, turn: str, request: gr.Request) -> Updates:
        """Take uploaded files onto this browser's shelf and open the first recording among them."""
        owner, uploads = asker(request), [Path(name) for name in files or ()]
        emptied = {self.parts.open: None}
        try:
            kept = self.desk.shelf.keep(owner, uploads)
        except ToolError as error:
            warn(error)
            return emptied
        finally:
            for path in uploads:
                path.unlink(missing_ok=True)
        self.desk.turns.leave(turn)
        return self.show.everything(owner, kept[0].handle, view, NEW) | emptied

    def on_remove(self, view: View, turn: str, request: gr.Request) -> Updates:
        """Take the recording in view off the shelf and the disk."""
        owner = asker(request)
        self.desk.turns.leave(turn)
        self.desk.shelf.delete(owner, view.handle)
        self.desk.overviews.forget(view.handle)
        rest = self.desk.shelf.list(owner)
        return self.show.everything(owner, rest[-1].handle if rest else "", view, NEW)

    # --- pages ----------------------------------------------------------------------------------

    def on_orders(self, view: View, turn: str, event: gr.EventData, request: gr.Request) -> Updates:
        """Carry out what the page's script asks for."""
        sent, owner = event._data, asker(request)

        def obey(new: View) -> View:
            for order in sent["orders"]:
                whole = order.get("act") == "label"
                new = (
                    self.show.mark_all(owner, new, str(order["label"])) if whole else viewer.obey(new, order)
                )
            return new

        try:
            return self._moved(turn, view, obey, echo=int(sent["echo"]))
        except (KeyError, TypeError, ValueError):
            return self.show.page(view, view)  # from a script other than ours: the page stays

    def _setter(self, field: str) -> Callable[..., Updates]:
        """Make the callback of one control in the row above the page."""

        def on_control(view: View, turn: str, value: Any) -> Updates:
            try:
                return self._moved(turn, view, lambda now: viewer.set_field(now, field, value))
            except (TypeError, ValueError):
                return self.show.page(view, None)  # an emptied number: show what holds

        return on_control

    def on_show_events(self, view: View, turn: str, show: bool) -> Updates:
        """Draw marks or hide them."""
        return self._moved(turn, view, lambda now: now.model_copy(update={"show_events": bool(show)}))

    def on_sides(self, view: View, turn: str, first_side: str) -> Updates:
        """Draw the left side of each pair first, or the right one; this browser remembers it."""
        moved = self._moved(turn, view, lambda now: viewer.change(now, left_first=first_side != "right"))
        return moved | {self.parts.first_side: first_side}

    def _moved(self, turn: str, view: View, change: Callable[[View], View], echo: int = 0) -> Updates:
        return self.show.page(self.desk.turns.user_moves(turn, view, change), view, echo)

    # --- conversations --------------------------------------------------------------------------

    def on_choose_thread(self, thread: str, view: View, turn: str, request: gr.Request) -> Updates:
        """Show an earlier conversation, its recording, and the page where it was left."""
        owner = asker(request)
        self.desk.turns.leave(turn)
        known = {info.id: info.recording for info in self.desk.threads.threads(owner)}
        handle = known.get(thread, view.handle)
        return self.show.everything(owner, handle, view, thread if thread in known else NEW)

    def on_new(self, view: View, turn: str, request: gr.Request) -> Updates:
        """Start a conversation about the recording in view; the page stays."""
        self.desk.turns.leave(turn)
        page = self.show.page(viewer.mark(view, (), ""), view)
        return page | self.show.conversation(asker(request), NEW, [])

    def on_delete(self, thread: str, view: View, turn: str, request: gr.Request) -> Updates:
        """Delete the conversation for good."""
        if not thread:
            return self.show.nothing()
        try:
            self.desk.threads.delete(thread, asker(request))
        except ToolError as error:
            warn(error)
            return self.show.nothing()
        return self.on_new(view, turn, request)


def _example(event: gr.SelectData) -> str:
    return str(event.value["text"])
