import panel as pn
import told

pn.extension()

answer = pn.pane.Str("")


def ask(_event):
    answer.object = told.ask()


pn.Column(pn.pane.Str(told.who()), pn.widgets.Button(name="Ask", on_click=ask), answer).servable()
