"""Unmodified: nothing in it knows of Portico."""

import streamlit as st

st.text(f"{st.user.name} ({st.user.email}), signed in" if st.user.is_logged_in else "nobody")
