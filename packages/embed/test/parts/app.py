"""A Dash app with what a page without a frame has to be helped with: pictures, fonts, variables, links and addresses."""

from dash import Dash, dcc, html

app = Dash(__name__, title="Parts")
app.layout = html.Main(
    [
        html.P("in variables", id="shaded"),
        html.Img(src=app.get_asset_url("logo.svg"), id="logo", alt="A square"),
        html.A("File", href=app.get_asset_url("logo.svg"), download="square.svg", id="file"),
        dcc.Link("Elsewhere", href="/parts/elsewhere", id="elsewhere"),
        dcc.Location(id="where"),
    ]
)

if __name__ == "__main__":
    app.run()
