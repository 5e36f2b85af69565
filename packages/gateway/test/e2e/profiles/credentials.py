"""A Shiny app that asks Shiny itself who is there, as behind Shiny Server or Posit Connect."""

from shiny import App, render, ui


def server(input, output, session):
    @render.text
    def who():
        return f"user {session.user} groups {','.join(session.groups or [])}"


app = App(ui.page_fluid(ui.output_text("who")), server)
