"""Sales explorer: a Streamlit app that greets whoever the gateway let in, and shows what an API says to them."""

import httpx
import numpy as np
import pandas as pd
import portico
import streamlit as st

st.set_page_config(page_title="Sales explorer", page_icon="📈", layout="wide")


@st.cache_data
def sales() -> pd.DataFrame:
    """Two years of made-up weekly sales; the seed makes every run the same."""
    weeks = pd.date_range("2024-01-01", periods=104, freq="W")
    random = np.random.default_rng(7)
    season = 1 + 0.25 * np.sin(np.arange(104) / 52 * 2 * np.pi)
    return pd.DataFrame(
        {
            region: (base * season + random.normal(0, 2.5, 104).cumsum()).round(1)
            for region, base in {"North": 120, "South": 90, "East": 140, "West": 75}.items()
        },
        index=weeks,
    )


def figures() -> str:
    """Fresh numbers of an API: the gateway calls it with the person's own token, however long the page has been open."""
    try:
        answer = portico.api("graph").get("/reports").raise_for_status().json()
    except (portico.PorticoError, httpx.HTTPError) as problem:
        return f"No figures: {problem}"
    revenue = ", ".join(f"{row['region']} {row['revenue']:,} €" for row in answer["value"])
    return f"{revenue} (token of {answer['token']['issuedAt']})"


# Verified; nobody is there when the app runs without the gateway.
user = portico.user(optional=True)
st.title("Sales explorer")
st.markdown(f"Welcome, **{user.name or user.email or user.id}**." if user else "Welcome, **guest**.")

with st.sidebar:
    st.subheader("Signed in as")
    # Streamlit's own, which the gateway fills, too; it has no roles.
    st.write(st.user.to_dict().get("email") or "nobody: start this app behind Portico")
    if user:
        st.write(f"Roles: {', '.join(user.roles) or 'none'}")
    chosen = st.multiselect("Regions", list(sales().columns), default=["North", "East"])
    weeks = st.slider("Weeks", min_value=8, max_value=104, value=52)

shown = sales()[chosen].tail(weeks)
if chosen:
    columns = st.columns(len(chosen))
    for column, region in zip(columns, chosen):
        last, before = shown[region].iloc[-1], shown[region].iloc[-5]
        column.metric(region, f"{last:.0f} k€", f"{last - before:+.1f} in 4 weeks")
    st.line_chart(shown, height=320)
else:
    st.info("Choose at least one region.")



@st.fragment(run_every="5s")
def live() -> None:
    """Runs again by itself and on a click, on the WebSocket that was opened with the page."""
    st.subheader("Revenue now")
    st.button("Refresh")
    st.text(figures())


live()

st.subheader("Your own numbers")
upload = st.file_uploader("A CSV file; it stays in this session's memory", type="csv")
if upload is not None:
    try:
        table = pd.read_csv(upload)
    except (ValueError, UnicodeDecodeError) as problem:
        st.error(f"That file could not be read as CSV: {problem}")
    else:
        st.success(f"{upload.name}: {len(table)} rows, {len(table.columns)} columns")
        st.dataframe(table.head(100))
