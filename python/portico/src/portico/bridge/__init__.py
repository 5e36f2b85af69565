"""Messages between the app and the page that embeds it: ``portico.bridge``, in Streamlit, Dash, Panel and Bokeh.

The page around the app has the element ``<portico-app>``, the app's page the script ``/.auth/embed/app.js``, which the
gateway puts there (``embed.script``). What goes between the two ends here, in Python. Messages hold values that JSON can
hold, and never a token: whoever can see the app's page can read them, and what they say is no proof of anything.

Each framework has one file here, named like the framework, with ``serving`` and the functions below.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any, Protocol, TypeVar, cast, overload

from portico.bridge.messages import PARAMETERS, RequestFailed, named, plain
from portico.errors import NotConfigured

__all__ = ["PARAMETERS", "RequestFailed", "latest", "on", "on_reply", "parameters", "receiver", "request", "send"]

Handler = Callable[..., Any]
Function = TypeVar("Function", bound=Handler)


class Framework(Protocol):
    """What a file in this folder has; see the functions of the same name."""

    def serving(self) -> bool:
        """Whether this framework runs the calling code."""

    def send(self, name: str, data: Any) -> None: ...
    def on(self, name: str, handler: Handler | None, *arguments: Any, **options: Any) -> Any: ...
    def latest(self, name: str, default: Any) -> Any: ...
    def request(self, name: str, data: Any) -> Any: ...


FRAMEWORKS: tuple[tuple[str, str], ...] = (
    # The framework's module, and its file here. Dash is last: its callbacks are declared where nothing is served yet.
    ("streamlit", "streamlit"),
    ("panel", "panel"),
    ("bokeh", "bokeh"),
    ("dash", "dash"),
)

_loaded: dict[str, Framework] = {}


def send(name: str, data: Any = None) -> None:
    """Tells the page around the app something; its ``app.on(name, …)`` hears it.

    Raises:
        TypeError: JSON cannot hold the data.
        NotConfigured: no framework that has a bridge runs this code.
    """
    _here().send(named(name), plain(data))


@overload
def on(name: str, handler: Function, /) -> Function: ...
@overload
def on(name: str, *dependencies: object, **options: Any) -> Callable[[Function], Function]: ...
def on(name: str, *arguments: Any, **options: Any) -> Any:
    """Calls a function with the data of every message of this name; what it returns is the reply to a request.

    As a decorator, ``@portico.bridge.on("filter")``, or with the function as second argument.

    - Streamlit: call it in each run of the script. A message runs the script again, and the function there.
    - Panel, Bokeh: call it while the page is made. The function may be a coroutine function.
    - Dash: a decorator for a callback, with ``Output``, ``State`` and options as in ``dash.callback``; the message's data
      comes first. With an ``Output`` the result is what is drawn, and requests are replied to with nothing.
    """
    handler: Handler | None = None
    if arguments and callable(arguments[0]):
        handler, *rest = arguments
        arguments = tuple(rest)
    return _here().on(named(name, PARAMETERS), handler, *arguments, **options)


def latest(name: str, default: Any = None) -> Any:
    """The data of the last message of this name, or ``default`` before the first.

    In Dash an ``Input`` of a callback, which may stand in place of a ``State``, too.
    """
    return _here().latest(named(name, PARAMETERS), default)


def parameters() -> Any:
    """What the page gave to the element as ``parameters``: a dictionary, empty until it has come. In Dash an ``Input``.

    Whoever is signed in can change them, as with a query: they may choose what is shown, and not what may be seen.
    """
    return _here().latest(PARAMETERS, {})


def request(name: str, data: Any = None) -> Any:
    """Asks the page, whose ``app.on(name, …)`` replies.

    - Panel, Bokeh: to be awaited.
    - Streamlit: None until the reply has come, which runs the script again. Within a session the same question is asked
      once.
    - Dash: in a callback; the reply goes to the ``on_reply`` of that name.

    Raises:
        RequestFailed: the page did not answer. In Dash it is what the ``on_reply`` function is called with.
    """
    return _here().request(named(name), plain(data))


def on_reply(name: str, *dependencies: object, **options: Any) -> Callable[[Function], Function]:
    """In Dash, decorates the callback for replies to ``request(name)``; otherwise as ``on``."""
    decorator: Callable[[Function], Function] = _dash().on_reply(named(name), *dependencies, **options)
    return decorator


def receiver(*names: str, replies: tuple[str, ...] | list[str] = ()) -> Any:
    """In Dash, a component for the layout, once in a page: it hears these messages and sends those of the app.

    Args:
        names: of ``on`` and ``latest``.
        replies: of ``on_reply``.
    """
    return _dash().receiver([named(name) for name in names], [named(name) for name in replies])


def _dash() -> Any:
    return import_module(f"{__name__}.dash")


def _here() -> Framework:
    for module, name in FRAMEWORKS:
        if module not in sys.modules:
            continue
        framework = _loaded.get(name)
        if framework is None:
            framework = _loaded[name] = cast(Framework, import_module(f"{__name__}.{name}"))
        if framework.serving():
            return framework
    raise NotConfigured(
        "No page is here to send to: portico.bridge works in a Streamlit script, in a Panel or Bokeh session and in Dash. "
        "A thread of your own belongs to no page."
    )
