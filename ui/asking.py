"""Questions and their answers: a turn is streamed into the chat, and the page follows it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator

import gradio as gr

from agent.settings import Settings
from agent.steps import Step
from tools.io import OpenRecording
from tools.types import ToolError
from ui import resuming, viewer
from ui.desk import BrainChoice, Desk
from ui.identity import NotHereError
from ui.layout import Parts, warn
from ui.messages import INTERRUPTED, Chat, add_step, broken_off, question_message, reopened
from ui.showing import Showing, Updates, asker
from ui.titles import fault_words, named_events
from ui.turns import LeftError, StoppedError
from ui.viewer import View

LOST = "This recording is not here any more. Open it again."
_TURNS_SHOWN = 200
_LOOKING = ("find_waveforms", "describe_page")
"""Tools whose outcome takes the place of the marks on the page, also when it is empty."""
Work = Callable[[OpenRecording], Iterator[Step]]


class Asking:
    """The callbacks that run a turn."""

    def __init__(self, desk: Desk, parts: Parts, show: Showing) -> None:
        self.desk = desk
        self.parts = parts
        self.show = show

    def on_ask(
        self, question: str, view: View, thread: str, chat: Chat, brain: BrainChoice, request: gr.Request
    ) -> Iterator[Updates]:
        """Answer a question, step by step."""
        owner = asker(request)
        try:
            if not question.strip():
                raise ToolError("Type a question first, such as: What does this EEG show?")
            settings = self.desk.settings_for(brain)
            if not view.handle:
                raise ToolError("Open a recording first.")
            thread = thread or self.desk.threads.create(owner, view.handle)
        except ToolError as error:
            warn(error)
            yield self.show.nothing()
            return

        def work(recording: OpenRecording) -> Iterator[Step]:
            from agent.run import ask  # LangGraph is slow to import; the page should not wait for it

            yield from ask(
                question, recording, settings=settings, threads=self.desk.threads, rules=self.desk.rules(),
                owner=owner, thread=thread, page=view.page,
            )  # fmt: skip

        yield {self.parts.question: "", self.parts.thread: thread}
        chat = Chat((*chat.messages, question_message(question)), question=question)
        yield from self._stream(owner, thread, view, chat, work)

    def on_resume(
        self, view: View, thread: str, brain: BrainChoice, request: gr.Request
    ) -> Iterator[Updates]:
        """Take up the turn that a crash or a restart interrupted; where there is none, nothing happens."""
        owner, threads = asker(request), self.desk.threads
        left = threads.unfinished(thread, owner) if thread else None
        if left is None:
            yield self.show.nothing()
            return
        chat = reopened(threads.history(thread, owner, last=_TURNS_SHOWN))
        settings = self._settings_to_resume(resuming.brain_of(threads, thread, left), brain)
        if settings is None:
            yield self.show.talk(broken_off(chat, INTERRUPTED))
            return
        if not self.desk.taken_up.begin(thread, left.n):
            resuming.close(threads, owner, thread, INTERRUPTED)
            yield self.show.talk(broken_off(chat, INTERRUPTED))
            return

        def work(recording: OpenRecording) -> Iterator[Step]:
            from agent.run import resume

            yield from resume(
                recording,
                settings=settings,
                threads=threads,
                rules=self.desk.rules(),
                owner=owner,
                thread=thread,
            )

        try:
            yield from self._stream(owner, thread, view, chat, work)
        finally:
            self.desk.taken_up.end(thread, left.n)

    def _settings_to_resume(self, begun_by: str, choice: BrainChoice) -> Settings | None:
        """A turn goes on with the brain that it was begun with; a server only where this tab agreed to it."""
        if begun_by == "embedded":
            return self.desk.settings_for(BrainChoice())
        if begun_by == "openai" == choice.brain and choice.consent:
            return self.desk.settings_for(choice)
        return None

    def _stream(self, owner: str, thread: str, view: View, chat: Chat, work: Work) -> Iterator[Updates]:
        """Show a turn from its first step to its end, however it ends."""
        turns = self.desk.turns
        token = turns.begin(view)

        def lent() -> Generator[Step]:
            with self.desk.shelf.lend(owner, view.handle) as recording:
                yield from work(recording)

        asked: dict[str, int] = {}
        try:
            yield {self.parts.turn: token} | self.show.talk(chat) | self.show.busy(True)
            for step in turns.run(token, lent):
                if step.kind == "tool_start":
                    asked[step.call_id] = turns.moves(token)
                chat = add_step(chat, step)
                yield self.show.talk(chat) | self._follow(owner, token, step, asked.get(step.call_id, 0))
        except LeftError:
            yield self.show.nothing()  # Gradio shows a stream's last piece again at its end
            return
        except StoppedError:
            chat = broken_off(chat, "Stopped before the answer.")
        except NotHereError:
            chat = broken_off(chat, LOST)
        except ToolError as error:
            chat = broken_off(chat, error.message)
        except Exception as error:  # noqa: BLE001 - the rim: a fault of ours is said, without any text of the file
            chat = broken_off(chat, fault_words(error))
        finally:
            turns.end(token)
        yield self.show.talk(chat) | self.show.thread_list(owner, thread) | self.show.busy(False)

    def _follow(self, owner: str, token: str, step: Step, moves_when_asked: int) -> Updates:
        """Let the viewer follow the agent: to another page unless the user has turned since, and to what it found."""
        turned_since = self.desk.turns.moves(token) != moves_when_asked
        events = named_events(step.answer) if step.answer else step.events
        looked = step.kind == "tool_end" and step.ok and step.name in _LOOKING  # nothing found: no marks

        def change(view: View) -> View:
            if step.page is not None and not turned_since:
                view = viewer.follow(view, step.page)
            return self.show.mark(owner, view, events) if events or looked else view

        before, after = self.desk.turns.agent_moves(token, change)
        return self.show.page(after, before) if after != before else {}
