"""A Dash app that knows people as apps on Dash Enterprise do: from a header with JSON, in a callback."""

import json

import flask
from dash import Dash, Input, Output, dcc, html

app = Dash(__name__)
app.layout = html.Div([dcc.Input(id="filter", value=""), html.P(id="who")])


@app.callback(Output("who", "children"), Input("filter", "value"))
def who(_filter):
    person = json.loads(flask.request.headers.get("Plotly-User-Data", "{}"))
    return f"username {person.get('username')} groups {','.join(person.get('groups', []))}"


if __name__ == "__main__":
    app.run()
