"""Compound interest: a marimo notebook that greets whoever the gateway let in, and shows what an API says to them."""

import marimo

app = marimo.App(width="medium", app_title="Compound interest")


@app.cell
def _():
    import httpx
    import marimo as mo
    import portico

    # Verified; nobody is there when the notebook runs without the gateway.
    user = portico.user(optional=True)
    name = "guest" if user is None else user.email or user.name or user.id
    held = "none: start this app behind Portico" if user is None else ", ".join(user.roles) or "none"
    mo.md(f"# Compound interest\n\nWelcome, **{name}**. Roles: {held}.")
    return httpx, mo, portico


@app.cell
def _(mo):
    rate = mo.ui.slider(0, 12, 0.5, 4, label="Interest, %")
    years = mo.ui.slider(1, 40, 1, 10, label="Years")
    mo.hstack([rate, years], justify="start")
    return rate, years


@app.cell
def _(mo, rate, years):
    mo.md(f"1,000 € become **{1000 * (1 + rate.value / 100) ** years.value:,.2f} €**.")
    return


@app.cell
def _(mo):
    # A click runs the next cell, and so does the clock, every five seconds.
    refresh = mo.ui.refresh(options=["5s", "1m"], default_interval="5s")
    mo.md(f"## Revenue now\n\n{refresh}")
    return (refresh,)


@app.cell
def _(httpx, mo, portico, refresh):
    refresh.value
    # The gateway calls the API with the person's own token, however long the notebook has been open.
    try:
        answer = portico.api("graph").get("/reports").raise_for_status().json()
    except (portico.PorticoError, httpx.HTTPError) as problem:
        shown = f"No figures: {problem}"
    else:
        revenue = ", ".join(f"{row['region']} {row['revenue']:,} €" for row in answer["value"])
        shown = f"{revenue} (token of {answer['token']['issuedAt']})"
    mo.plain_text(shown)
    return


if __name__ == "__main__":
    app.run()
