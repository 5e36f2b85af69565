"""Loan calculator: a Shiny for Python app that greets whoever the gateway let in, and shows what an API says to them."""

import httpx
import portico
from shiny import App, Inputs, Outputs, Session, reactive, render, ui

page = ui.page_sidebar(
    ui.sidebar(
        ui.input_slider("amount", "Amount, €", 1_000, 50_000, 12_000, step=1_000),
        ui.input_slider("years", "Years", 1, 20, 5),
        ui.input_slider("rate", "Interest, %", 0, 12, 4, step=0.5),
    ),
    ui.output_ui("greeting"),
    ui.output_text("instalment"),
    ui.h2("Revenue now"),
    ui.input_action_button("refresh", "Refresh"),
    ui.output_text("revenue"),
    title="Loan calculator",
)


async def figures() -> str:
    """Fresh numbers of an API: the gateway calls it with the person's own token, however long the page has been open."""
    try:
        async with portico.api("graph").async_client() as graph:
            answer = (await graph.get("/reports")).raise_for_status().json()
    except (portico.PorticoError, httpx.HTTPError) as problem:
        return f"No figures: {problem}"
    revenue = ", ".join(f"{row['region']} {row['revenue']:,} €" for row in answer["value"])
    return f"{revenue} (token of {answer['token']['issuedAt']})"


def server(input: Inputs, output: Outputs, session: Session) -> None:
    @render.ui
    def greeting():
        user = portico.user(optional=True)
        if user is None:
            return ui.p("Welcome, ", ui.strong("guest"), ". Start this app behind Portico.")
        name = user.email or user.name or user.id
        return ui.p("Welcome, ", ui.strong(name), f". Roles: {', '.join(user.roles) or 'none'}.")

    @render.text
    def instalment() -> str:
        months, rate = input.years() * 12, input.rate() / 1200
        share = 1 / months if rate == 0 else rate / (1 - (1 + rate) ** -months)
        return f"{input.amount() * share:,.2f} € a month, {months} times"

    @render.text
    async def revenue() -> str:
        """On a click, and every five seconds."""
        input.refresh()
        reactive.invalidate_later(5)
        return await figures()


app = App(page, server)
