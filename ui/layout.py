"""Where everything stands on the page: components only; what they do is in ``ui.app``."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import gradio as gr

from agent.settings import Settings
from tools.types import ToolError
from ui.desk import BrainChoice
from ui.messages import Chat
from ui.viewer import View

STATIC = Path(__file__).parent / "static"
NEW = ""
"""Value of the thread list for a conversation that has no question yet."""

QUICK: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
"""How an event is wired that must not wait behind a turn."""
CALM: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
TOAST: dict[str, Any] = {"title": "Glossa", "duration": 12, "print_exception": False}
EXAMPLES = (
    "What does this page show?",
    "Are there sleep spindles in the recording?",
    "Compare left and right",
    "What makes an epoch N2?",
)


def look() -> dict[str, Any]:
    """Theme and style for the page: system fonts, nothing fetched from elsewhere."""
    theme = gr.themes.Base(
        primary_hue="teal",
        neutral_hue="slate",
        spacing_size="sm",
        radius_size="sm",
        text_size="sm",
        font=["system-ui", "sans-serif"],
        font_mono=["ui-monospace", "monospace"],
    ).set(body_text_color_subdued="*neutral_600", body_text_color_subdued_dark="*neutral_400")
    return {"theme": theme, "css_paths": [STATIC / "style.css"]}


class Parts:
    """The components of the page, placed when built. One set serves all tabs, so it holds no user's data."""

    def __init__(self, settings: Settings) -> None:
        self.view = gr.State(View())
        self.thread = gr.State(NEW)
        self.turn = gr.State("")
        self.chat = gr.State(Chat())
        self.brain = gr.State(BrainChoice())
        self.first_side = gr.BrowserState(
            "left", storage_key="glossa-first-side", secret="no secret: a taste"
        )
        self._lay_out_bar()
        with gr.Row(elem_id="desk", equal_height=True):
            with gr.Column(scale=2, elem_id="left", min_width=400):
                self._lay_out_controls()
                self.picture = gr.HTML(
                    None,
                    html_template=(STATIC / "viewer.html").read_text(encoding="utf-8"),
                    js_on_load=_script("overview.js", "viewer.js"),
                    apply_default_css=False,
                    elem_id="viewer",
                )
            with gr.Column(scale=1, elem_id="right", min_width=320):
                self._lay_out_chat()
        self._lay_out_settings(settings)

    def _lay_out_bar(self) -> None:
        with gr.Row(elem_id="bar"):
            gr.HTML(
                "<b>Glossa</b><span>For research and education, not for diagnosis.</span>",
                elem_id="brand",
                apply_default_css=False,
            )
            self.recordings = gr.Dropdown(
                [], show_label=False, container=False, filterable=False, elem_id="recordings", min_width=200
            )
            self.open = gr.UploadButton(
                "Open …", file_count="multiple", elem_id="open", size="sm", min_width=70
            )
            self.remove = gr.Button("Remove", size="sm", elem_id="remove", min_width=70, interactive=False)
            self.settings_button = gr.Button("Settings", size="sm", elem_id="settings-button", min_width=70)

    def _lay_out_controls(self) -> None:
        menu = {"filterable": False, "min_width": 20, "container": True}
        with gr.Row(elem_id="controls"):
            self.back = gr.Button("◀", size="sm", elem_id="back", min_width=20)
            self.forth = gr.Button("▶", size="sm", elem_id="forth", min_width=20)
            self.controls: dict[str, Any] = {
                "onset": gr.Number(0, label="Go to, s", minimum=0, elem_id="goto", min_width=20),
                "duration": gr.Dropdown([], label="Page", elem_id="length", **menu),
                "montage": gr.Dropdown([], label="Montage", elem_id="montage", **menu),
                "sensitivity_uv_per_mm": gr.Dropdown([], label="Sensitivity", elem_id="gain", **menu),
                "low_cut_hz": gr.Dropdown([], label="Low cut", elem_id="low", **menu),
                "high_cut_hz": gr.Dropdown([], label="High cut", elem_id="high", **menu),
                "notch_hz": gr.Dropdown([], label="Notch", elem_id="notch", **menu),
            }
            self.show_events = gr.Checkbox(True, label="Marks", elem_id="marks", min_width=20)

    def _lay_out_chat(self) -> None:
        with gr.Row(elem_id="threads"):
            self.threads = gr.Dropdown(
                [("New conversation", NEW)],
                value=NEW,
                show_label=False,
                container=False,
                filterable=False,
                elem_id="thread-list",
                min_width=120,
            )
            self.new = gr.Button("New", size="sm", elem_id="new", min_width=50)
            self.delete = gr.Button("Delete", size="sm", elem_id="delete", min_width=50, interactive=False)
        self.messages = gr.Chatbot(
            [],
            show_label=False,
            elem_id="chat",
            latex_delimiters=[],
            buttons=["copy"],
            sanitize_html=True,
            allow_tags=False,
            feedback_options=None,
            allow_file_downloads=False,
            layout="bubble",
            height="100%",
            placeholder="Ask about the page in view, a time, a channel, or a rule.",
            examples=[{"text": text} for text in EXAMPLES],
        )
        with gr.Row(elem_id="ask-row"):
            self.question = gr.Textbox(
                show_label=False,
                container=False,
                placeholder="What does this EEG show?",
                elem_id="question",
                lines=1,
                max_lines=6,
                max_length=12000,
                scale=1,
                min_width=100,
            )
            self.ask = gr.Button("Ask", variant="primary", size="sm", elem_id="ask", min_width=60, scale=0)
            self.stop = gr.Button("Stop", size="sm", elem_id="stop", min_width=60, scale=0, visible=False)
        self.brain_line = gr.HTML("", elem_id="brain-line", apply_default_css=False)

    def _lay_out_settings(self, settings: Settings) -> None:
        with gr.Column(visible=False, elem_id="settings") as self.settings:
            gr.HTML("<h2>Settings</h2>", apply_default_css=False)
            self.sides = gr.Radio(
                [("Left first", "left"), ("Right first", "right")],
                value="left",
                label="Sides on the page",
                elem_id="sides",
            )
            self.kind = gr.Radio(
                [
                    ("Embedded: works offline, nothing is sent", "embedded"),
                    ("OpenAI-compatible server", "openai"),
                ],
                value="embedded",
                label="Brain",
                elem_id="kind",
            )
            with gr.Column(visible=False, elem_id="server") as self.server_fields:
                self.base_url = gr.Textbox(
                    settings.base_url or "",
                    label="Base URL",
                    placeholder="http://127.0.0.1:8000/v1",
                    elem_id="base-url",
                )
                self.model = gr.Textbox(settings.model or "", label="Model", elem_id="model")
                self.key = gr.Textbox(
                    "",
                    label="API key" + (" (one is set; leave empty to keep it)" if settings.api_key else ""),
                    type="password",
                    elem_id="key",
                )
                self.consent = gr.Checkbox(
                    False, label=consent_text(settings.base_url or ""), elem_id="consent"
                )
            gr.HTML(
                "<p>Conversations and opened recordings are kept on this machine, for this browser only, and "
                f"deleted after {settings.retention_days:g} days without use. "
                "GLOSSA_RETENTION_DAYS and GLOSSA_HOME set how long and where.</p>"
                "<p>Keys: ← → page, ↑ ↓ or + − sensitivity, Home, End, 1–4 montage, N notch, "
                "E epochs of 30 s, , and . event before and after, / question, Esc back to the page.</p>",
                elem_id="retention",
                apply_default_css=False,
            )
            with gr.Row():
                self.apply = gr.Button("Apply", variant="primary", size="sm", elem_id="apply")
                self.close_settings = gr.Button("Close", size="sm", elem_id="close-settings")


def _script(*names: str) -> str:
    """The page's script; its files share one scope."""
    return "\n".join((STATIC / name).read_text(encoding="utf-8") for name in names)


def server_name(base_url: str) -> str:
    """Name the machine that an address points to, in words that cannot carry markup."""
    try:
        name = urlsplit(base_url.strip()).hostname or ""
    except ValueError:
        name = ""
    return (
        name
        if name.replace(".", "").replace("-", "").replace(":", "").isalnum()
        else "the server named above"
    )


def consent_text(base_url: str) -> str:
    """Say what a server is sent, and which."""
    return f"I agree: page pictures and measured numbers will be sent to {server_name(base_url)}."


def brain_words(choice: BrainChoice) -> str:
    """Say under the chat who answers, and whether anything leaves the machine."""
    if choice.brain == "embedded":
        return "Embedded brain. Nothing leaves this machine."
    server = server_name(choice.base_url)
    if not choice.consent:
        return f"Server {server} is chosen, but not agreed to: see Settings."
    return f"Page pictures and measured numbers are sent to {server}."


def warn(error: ToolError) -> None:
    """Show what is wrong and what would work, in one line over the page; nothing else changes.

    A callback that raises would have Gradio write "Error" over whatever it was to change.
    """
    choices = f" Choices: {', '.join(error.choices)}." if error.choices else ""
    gr.Warning(html.escape(error.message + choices), duration=TOAST["duration"], title=TOAST["title"])
