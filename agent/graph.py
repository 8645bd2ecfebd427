"""The agent as a LangGraph graph: understand → model ⇄ tools → verify → answer.

One graph runs one turn. Its state is small and plain (strings, numbers, messages), so that a
checkpoint after every step costs little and a turn can be taken up again after a crash.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypedDict

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_core.tools import BaseTool
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.graph.state import CompiledStateGraph
from pydantic import ValidationError

from agent.facts import Facts
from agent.findings import Answer
from agent.intent import Intent
from agent.toolbox import build_toolbox
from agent.verdict import MEND, conclude, verdict
from agent.workbench import Workbench
from tools.types import Page, ToolError

LONGEST_ARGUMENTS = 10_000
"""Characters of the arguments of one call; no tool has use for more."""
SPARE_CALLS = 3
"""Calls beyond the limit that are refused with a word, before the turn ends without the brain's consent."""
_LONGEST_REFUSAL = 1200
ENOUGH = "No more tool calls in this turn: answer now from what was measured."


class TurnState(TypedDict, total=False):
    """State of a turn in flight."""

    question: str
    page: dict[str, Any]
    """The page in view; tools move it."""
    intent: dict[str, Any]
    """Set once by ``understand``."""
    messages: Annotated[list[AnyMessage], add_messages]
    """From the question on; each tool message carries its ``Facts`` as a plain dict."""
    mended: bool
    """The brain has been asked once to mend a draft with untraceable claims."""
    answer: dict[str, Any]
    """Set by ``answer``: the last thing that happens."""


@dataclass(frozen=True)
class Turn:
    """Everything a turn depends on; the graph holds no globals."""

    brain: BaseChatModel
    bench: Workbench
    understand: Callable[[str], Intent]
    before: Callable[[Intent, Page], Sequence[BaseMessage]]
    """System prompt, context and earlier turns, given what the question asks."""
    outgoing: Callable[[Sequence[BaseMessage]], Sequence[BaseMessage]]
    """Last change before messages leave for the brain: page references become pictures, or words."""
    earlier: Callable[[], Iterable[Facts]]
    """Facts of the thread's earlier turns, read only when a claim needs them."""
    thread: str
    brain_name: str
    max_tool_calls: int = 12


def build_graph(turn: Turn, checkpointer: Any = None) -> CompiledStateGraph[Any, Any, Any, Any]:
    """Connect the steps of one turn."""
    toolbox = build_toolbox(turn.bench)
    by_name = {tool.name: tool for tool in toolbox}

    def understand(state: TurnState) -> dict[str, Any]:
        intent = turn.understand(state["question"])
        asked = HumanMessage(
            state["question"],
            additional_kwargs={"intent": intent.model_dump(mode="json"), "page": state["page"]},
        )
        return {"intent": intent.model_dump(mode="json"), "messages": [asked]}

    def model(state: TurnState) -> dict[str, Any]:
        intent = Intent.model_validate(state["intent"])
        page = Page.model_validate(state["page"])
        messages = [*turn.before(intent, page), *state["messages"]]
        brain: Any = turn.brain
        if _calls_made(state) < turn.max_tool_calls:
            brain = turn.brain.bind_tools(toolbox)
        try:
            said = brain.invoke(turn.outgoing(messages))
        except ToolError:
            if not state.get("mended"):
                raise
            said = _drafted(state)  # the server failed at the mending: what was grounded still stands
        return {"messages": [_numbered(said, state["messages"])]}

    def tools(state: TurnState) -> dict[str, Any]:
        page = Page.model_validate(state["page"])
        answers: list[AnyMessage] = []
        left = turn.max_tool_calls - _calls_made(state)
        for k, call in enumerate(_calls(state["messages"][-1])):
            turn.bench.page = page
            turn.bench.progress = _teller(call)
            answers.append(_call(by_name, call) if k < left else _refusal(call, ENOUGH))
            moved = (getattr(answers[-1], "artifact", None) or {}).get("page")
            page = Page.model_validate(moved) if moved else page
        return {"messages": answers, "page": page.model_dump(mode="json")}

    def verify(state: TurnState) -> dict[str, Any]:
        found = verdict(state["messages"], turn, mended=state.get("mended", False))
        if found is None:
            return {}
        return {"mended": True, "messages": [HumanMessage(MEND.format(claims=found))]}

    def answer(state: TurnState) -> dict[str, Any]:
        final: Answer = conclude(state["messages"], state["intent"], state["page"], turn)
        return {"answer": final.model_dump(mode="json")}

    def after_model(state: TurnState) -> str:
        """A brain that calls on without end is heard with what it has said so far."""
        spent = _calls_made(state) >= turn.max_tool_calls + SPARE_CALLS
        return "tools" if _calls(state["messages"][-1]) and not spent else "verify"

    graph: StateGraph[TurnState] = StateGraph(TurnState)
    for node in (understand, model, tools, verify, answer):
        graph.add_node(node.__name__, node)
    graph.add_edge(START, "understand")
    graph.add_edge("understand", "model")
    graph.add_conditional_edges("model", after_model, ["tools", "verify"])
    graph.add_edge("tools", "model")
    graph.add_conditional_edges("verify", _after_verify, ["model", "answer"])
    graph.add_edge("answer", END)
    return graph.compile(checkpointer=checkpointer)


def _teller(call: dict[str, Any]) -> Callable[[float], None]:
    """Tell whoever listens to the turn how much of a long search is done."""
    from langgraph.config import get_stream_writer

    write = get_stream_writer()

    def tell(share: float) -> None:
        if share < 1:  # a short search is done before anyone could read it
            write({"call_id": call["id"] or "", "name": call["name"] or "", "share": share})

    return tell


def _after_verify(state: TurnState) -> str:
    return "model" if isinstance(state["messages"][-1], HumanMessage) else "answer"


def _calls(message: AnyMessage) -> list[dict[str, Any]]:
    """Tool calls of a message, those with unreadable arguments included (args None)."""
    if not isinstance(message, AIMessage):
        return []
    broken = [dict(call) | {"args": None} for call in message.invalid_tool_calls]
    return [dict(call) for call in message.tool_calls] + broken


def _calls_made(state: TurnState) -> int:
    return sum(isinstance(message, ToolMessage) for message in state["messages"])


def steps_at_most(turn: Turn) -> int:
    """Steps of the graph that a turn may take: each tool call with its reply, twice for the mending, and the ends."""
    return 2 * (turn.max_tool_calls + SPARE_CALLS) + 10


def _drafted(state: TurnState) -> AIMessage:
    """The draft that was to be mended, as a message of its own."""
    drafts = [m for m in state["messages"] if isinstance(m, AIMessage) and not _calls(m)]
    return AIMessage(drafts[-1].text, additional_kwargs=drafts[-1].additional_kwargs)


def _numbered(said: AIMessage, earlier: Sequence[AnyMessage]) -> AIMessage:
    """Give every call an id of its own in the turn; servers count from nought in each reply."""
    used = {call["id"] for message in earlier for call in _calls(message)}
    if not isinstance(said, AIMessage) or not used & {call["id"] for call in _calls(said)}:
        return said
    n = sum(isinstance(message, AIMessage) for message in earlier)

    def renamed(calls: Sequence[Any]) -> list[Any]:
        return [call | {"id": f"{call['id']}_{n}"} for call in calls]

    return said.model_copy(
        update={
            "tool_calls": renamed(said.tool_calls),
            "invalid_tool_calls": renamed(said.invalid_tool_calls),
        }
    )


def _call(by_name: dict[str, BaseTool], call: dict[str, Any]) -> ToolMessage:
    """Run one tool; what the brain asked wrong goes back to it, anything else is ours and stops the run."""
    name, tool = call["name"] or "", by_name.get(call["name"] or "")
    if tool is None:
        trouble = f"There is no tool of that name. Tools: {', '.join(by_name)}."
    elif call["args"] is None:
        trouble = "The arguments were not valid JSON; call the tool again."
    elif len(str(call["args"])) > LONGEST_ARGUMENTS:
        trouble = "The arguments are too long; call the tool again with fewer words."
    else:
        try:
            result: ToolMessage = tool.invoke(
                {"type": "tool_call", "name": name, "args": call["args"], "id": call["id"] or ""}
            )
            return result
        except ToolError as error:
            choices = f" Choices: {', '.join(error.choices)}." if error.choices else ""
            trouble = error.message + choices
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            trouble = f"The arguments do not fit: {wrong}."
    return _refusal(call, trouble)


def _refusal(call: dict[str, Any], trouble: str) -> ToolMessage:
    words = trouble if len(trouble) <= _LONGEST_REFUSAL else f"{trouble[:_LONGEST_REFUSAL]} ..."
    return ToolMessage(words, tool_call_id=call["id"] or "", name=(call["name"] or "")[:80], status="error")
