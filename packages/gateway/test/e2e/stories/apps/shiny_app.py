import told
from shiny import App, reactive, render, ui

page = ui.page_fluid(ui.output_text("who"), ui.input_action_button("press", "Ask"), ui.output_text("answer"))


def server(input, output, session):
    @render.text
    def who():
        return told.who()

    @render.text
    @reactive.event(input.press)
    def answer():
        return told.ask()


app = App(page, server)
