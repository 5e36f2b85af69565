import told
from bokeh.io import curdoc
from bokeh.layouts import column
from bokeh.models import Button, PreText

answer = PreText(text="")


def ask():
    answer.text = told.ask()


button = Button(label="Ask")
button.on_click(ask)
curdoc().add_root(column(PreText(text=told.who()), button, answer))
