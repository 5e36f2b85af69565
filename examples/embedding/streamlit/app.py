"""Orders by region, made to stand in a product's page: what is chosen here the page shows, and the other way round."""

import portico
import streamlit as st

ORDERS = {"North": 41, "South": 27, "East": 38, "West": 19}
COLOURS = ("blue", "green", "orange", "red")

# Sent by the page; each message runs this script again.
region = portico.bridge.latest("region", "North")
colour = portico.bridge.parameters().get("colour", "blue")


def chosen() -> None:
    """A click here changes the page."""
    portico.bridge.send("picked", st.session_state.region)


@portico.bridge.on("total")
def total(regions: list[str]) -> int:
    """The page may ask."""
    return sum(ORDERS.get(name, 0) for name in regions)


user = portico.user(optional=True)
st.subheader("Orders")
st.text(f"For {user.name or user.email or user.id}, {', '.join(user.roles) or 'no roles'}" if user else "For guest")
if region in ORDERS and st.session_state.get("told") != region:
    st.session_state.told = st.session_state.region = region
st.selectbox("Region", list(ORDERS), key="region", on_change=chosen)
st.button("Tell the page", on_click=chosen)
shown = st.session_state.region
st.markdown(f":{colour if colour in COLOURS else 'blue'}[{shown}: {ORDERS[shown]} orders]")
# Roles are of the product's token: what somebody may not see is not sent to the browser.
if user and user.has_role("admin"):
    st.text("Margin: 12 %")
