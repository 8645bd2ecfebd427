"""The brains: who reads the question, calls the tools, and writes the draft."""

import os

# LangChain copies every message to a tracing service when the environment of some other project says
# so. What is asked here goes to the brain that was chosen, and nowhere else.
for _name in ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING", "LANGCHAIN_TRACING_V2"):
    os.environ[_name] = "false"
