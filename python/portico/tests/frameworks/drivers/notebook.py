"""A marimo notebook that shows who is there; ``drivers/marimo.py`` serves it."""
# mypy: disable-error-code="no-untyped-def"

import marimo

app = marimo.App()


@app.cell
def _():
    import marimo as mo

    from frameworks.drivers import who

    look = mo.ui.slider(0, 1000)
    look
    return look, mo, who


@app.cell
def _(look, mo, who):
    threads = []
    thread = mo.Thread(target=lambda: threads.append(who()))
    thread.start()
    thread.join()
    mo.md(f"[{look.value}|{who()}|{threads[0]}]")
    return


if __name__ == "__main__":
    app.run()
