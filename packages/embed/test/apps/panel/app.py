"""Everything that portico.bridge does in Panel, for python-bridge.browser.test.ts."""

import asyncio

import panel as pn
import portico

pn.extension(nthreads=2)
heard = pn.pane.Str("heard: ")
latest = pn.pane.Str(f"latest: {portico.bridge.latest('note', 'none')}")
price = pn.pane.Str()


@portico.bridge.on("note")
async def note(text: str) -> None:
    await asyncio.sleep(0)
    heard.object = f"{heard.object.removesuffix(',')},{text}".replace(" ,", " ")
    latest.object = f"latest: {portico.bridge.latest('note')}"


@portico.bridge.on("broken")
def broken(_data: object) -> None:
    raise ValueError("a secret of the app")


async def ask(_event: object) -> None:
    try:
        price.object = f"price: {await portico.bridge.request('price', {'id': 7})}"
    except portico.bridge.RequestFailed as failure:
        price.object = f"no price: {failure.reason}"


def many(_event: object) -> None:
    for number in range(20):
        portico.bridge.send("number", number)


pn.Column(
    heard,
    latest,
    pn.widgets.Button(name="Ask", on_click=ask),
    price,
    pn.widgets.Button(name="Many", on_click=many),
).servable()
