"""Streamlit: the headers of the WebSocket that this browser tab has open now.

After a reconnect Streamlit keeps the session and gets a new WebSocket, so this follows the person who is connected,
not the one who was.
"""

from __future__ import annotations

from streamlit.runtime import get_instance
from streamlit.runtime.scriptrunner import get_script_run_ctx

from portico.frameworks import HEADER


def assertion() -> str | None:
    """The assertion of the script run or callback in this thread; see ``portico.frameworks``.

    A thread of the app's own belongs to nobody until Streamlit's ``add_script_run_ctx`` says to whom.
    """
    run = get_script_run_ctx(suppress_warning=True)
    if run is None:
        return None
    client = get_instance().get_client(run.session_id)
    if client is None or client.client_context is None:
        return ""
    wanted = HEADER.lower()
    return next((value for name, value in client.client_context.headers if name.lower() == wanted), "")
