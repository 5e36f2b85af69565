"""Unmodified: nothing in it knows of Portico."""

from shiny import App, render, ui


def server(input, output, session):
    @render.text
    def who():
        return f"({session.user}) {','.join(session.groups or [])}"


app = App(ui.page_fluid(ui.output_text("who")), server)
