import told
from dash import Dash, Input, Output, html

app = Dash(__name__)
app.layout = lambda: html.Main([html.P(told.who()), html.Button("Ask", id="ask"), html.P(id="answer")])


@app.callback(Output("answer", "children"), Input("ask", "n_clicks"), prevent_initial_call=True)
def ask(_clicks):
    return told.ask()


if __name__ == "__main__":
    app.run()
