"""The settings panel: which brain answers in this tab, and the consent without which no server is asked."""

from __future__ import annotations

from typing import Any

import gradio as gr

from tools.types import ToolError
from ui.desk import BrainChoice, Desk
from ui.layout import CALM, QUICK, Parts, brain_words, consent_text, server_name, warn


def wire_settings(desk: Desk, p: Parts) -> Any:
    """Connect the panel's controls; gives the event of a brain that was chosen."""

    def on_apply(
        kind: str, base_url: str, model: str, key: str, consent: bool, before: BrainChoice
    ) -> dict[Any, Any]:
        """Choose the brain of this tab; a server only with consent."""
        same = server_name(base_url) == server_name(before.base_url)  # a key is for one server only
        choice = BrainChoice(
            brain=kind,
            base_url=base_url.strip(),
            model=model.strip(),
            api_key=key.strip() or (before.api_key if same else ""),
            consent=bool(consent),
        )
        try:
            desk.settings_for(choice)
        except ToolError as error:
            warn(error)
            return {p.brain: before}
        closed = gr.update(visible=False)
        return {p.brain: choice, p.brain_line: brain_words(choice), p.settings: closed, p.key: ""}

    def on_base_url(base_url: str) -> Any:
        """Another server is another consent."""
        return gr.update(label=consent_text(base_url), value=False)

    fields = [p.kind, p.base_url, p.model, p.key, p.consent]
    opened = p.settings_button.click(lambda: gr.update(visible=True), None, p.settings, **QUICK)
    opened.then(None, js="() => document.querySelector('#settings input:checked')?.focus()")
    p.close_settings.click(lambda: gr.update(visible=False), None, p.settings, **QUICK)
    p.kind.input(lambda kind: gr.update(visible=kind == "openai"), p.kind, p.server_fields, **QUICK)
    p.base_url.change(on_base_url, p.base_url, p.consent, **QUICK)
    return p.apply.click(on_apply, [*fields, p.brain], [p.brain, p.brain_line, p.settings, p.key], **CALM)
