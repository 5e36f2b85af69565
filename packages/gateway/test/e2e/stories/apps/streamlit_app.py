import streamlit as st
import told

st.text(told.who())
if st.button("Ask"):
    st.text(told.ask())
