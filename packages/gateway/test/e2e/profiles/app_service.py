"""A Streamlit app as people write it for Azure App Service; it knows nothing of Portico."""

import base64
import json

import streamlit as st

headers = st.context.headers
principal = json.loads(base64.b64decode(headers["X-MS-CLIENT-PRINCIPAL"]))
claims = {claim["typ"]: claim["val"] for claim in principal["claims"]}
roles = [claim["val"] for claim in principal["claims"] if claim["typ"] == principal["role_typ"]]

st.title("Orders")
st.text(f"name {headers['X-MS-CLIENT-PRINCIPAL-NAME']} by {headers['X-MS-CLIENT-PRINCIPAL-IDP']}")
st.text(f"display {claims['name']}")
st.text(f"object {headers['X-MS-CLIENT-PRINCIPAL-ID']}")
st.text(f"roles {','.join(roles)}")
st.text(f"token {headers.get('X-MS-TOKEN-AAD-ACCESS-TOKEN', 'none')}")
st.markdown("[Sign out](/.auth/logout?post_logout_redirect_uri=/.auth/signed-out?from=app)")
