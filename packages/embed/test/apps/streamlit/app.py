"""Everything that portico.bridge does in Streamlit, for python-bridge.browser.test.ts."""

import portico
import streamlit as st

st.set_page_config(page_title=st.query_params.get("title", "Bridge"))
st.session_state.runs = st.session_state.get("runs", 0) + 1
st.text(f"runs: {st.session_state.runs}")
st.text(f"query: {st.query_params.get('region', 'none')}")
heard = st.session_state.setdefault("heard", [])


@portico.bridge.on("note")
def note(text: str) -> None:
    heard.append(text)


@portico.bridge.on("broken")
def broken(_data: object) -> None:
    raise ValueError("a secret of the app")


st.text(f"heard: {','.join(heard)} latest: {portico.bridge.latest('note', 'none')}")
if st.button("Ask"):
    st.session_state.asking = True
if st.session_state.get("asking"):
    try:
        st.text(f"price: {portico.bridge.request('price', {'id': 7})}")
    except portico.bridge.RequestFailed as failure:
        st.text(f"no price: {failure.reason}")
if st.button("Many"):
    for number in range(20):
        portico.bridge.send("number", number)
    st.rerun()
