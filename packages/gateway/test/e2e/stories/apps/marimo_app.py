import marimo

app = marimo.App()


@app.cell
def _():
    import marimo as mo
    import told

    mo.plain_text(told.who())
    return mo, told


@app.cell
def _(mo):
    press = mo.ui.run_button(label="Ask")
    press
    return (press,)


@app.cell
def _(mo, press, told):
    mo.plain_text(told.ask() if press.value else "")
    return


if __name__ == "__main__":
    app.run()
