"""The embedded brain as a chat model: it plans tool calls from the intent and writes from their facts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from agent.embedded.compose import compose
from agent.embedded.draft import Situation
from agent.embedded.plan import next_calls
from agent.facts import Facts


class EmbeddedBrain(BaseChatModel):
    """Answers without a language model.

    It reads the resolved question from the human message's ``intent`` and what the tools established
    from their artifacts; the words of a file never reach it.
    """

    @property
    def _llm_type(self) -> str:
        return "glossa-embedded"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> EmbeddedBrain:
        """Accept the tools; their names are known to the planner."""
        return self

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: Any = None,
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self._next(messages))])

    def _next(self, messages: Sequence[BaseMessage]) -> AIMessage:
        at = max(i for i, message in enumerate(messages) if isinstance(message, HumanMessage))
        asked, since = messages[at], messages[at + 1 :]
        answers = [m for m in since if isinstance(m, ToolMessage)]
        known = next(m for m in messages if "situation" in m.additional_kwargs)
        situation = Situation.model_validate(
            known.additional_kwargs["situation"]
            | {
                "intent": asked.additional_kwargs["intent"],
                "asked_on": asked.additional_kwargs["page"],
                "facts": [Facts.model_validate(m.artifact) for m in answers if m.artifact],
                "refusals": [m.text for m in answers if m.status == "error"],
                "called": [m.name or "" for m in answers],
            }
        )
        calls = next_calls(situation)
        if calls:
            numbered = [
                {"name": name, "args": args, "id": f"call_{len(since)}_{i}", "type": "tool_call"}
                for i, (name, args) in enumerate(calls)
            ]
            return AIMessage("", tool_calls=numbered)
        draft = compose(situation)
        return AIMessage(
            draft.text(),
            additional_kwargs={
                "findings": [f.model_dump(mode="json") for f in draft.findings()],
                "remarks": draft.remarks(),
                "choice": draft.choice,
                "not_analysed": [n.model_dump(mode="json") for n in draft.not_analysed],
            },
        )
