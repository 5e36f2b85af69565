"""Unmodified: nothing in it knows of Portico."""

import panel as pn

info = pn.state.user_info or {}
pn.pane.Str(f"{info.get('name')} ({pn.state.user}) {','.join(info.get('roles', []))}").servable()
