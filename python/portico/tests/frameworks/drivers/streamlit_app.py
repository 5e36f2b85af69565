"""A Streamlit app that shows who is there; ``drivers/streamlit.py`` serves it."""

import threading

import streamlit as st

from frameworks.drivers import who

threads: list[str] = []
thread = threading.Thread(target=lambda: threads.append(who()))
thread.start()
thread.join()
st.text(f"[{who()}|{threads[0]}]")
