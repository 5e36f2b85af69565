"""Orders, in Streamlit: the page around it chooses the region, and is told which one was picked here."""

import portico
import streamlit as st
from common import ORDERS, orders, who

# A click in the page runs this script again.
wanted = portico.bridge.latest("region", "North")
region = wanted if wanted in ORDERS else "North"

st.write(f"Streamlit: hello, {who()}")
st.write(orders(region))
if st.button("Pick this region"):
    portico.bridge.send("picked", region)

if st.button("Count"):
    st.session_state.count = st.session_state.get("count", 0) + 1
st.write(f"{who()} counted to {st.session_state.get('count', 0)}")
