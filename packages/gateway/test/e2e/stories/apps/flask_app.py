import os

import portico
import told
from flask import Flask, render_template_string

BASE = os.environ["PORTICO_BASE_PATH"]

app = Flask(__name__)

PAGE = """<!doctype html><p>{{ who }}</p><button>Ask</button><p id="answer"></p><script>
  document.querySelector('button').onclick = async () => {
    const answer = await fetch('{{ base }}/ask');
    document.querySelector('#answer').textContent = answer.ok ? await answer.text() : '';
  };
</script>"""


@app.get(f"{BASE}/")
def home():
    return render_template_string(PAGE, who=told.who(), base=BASE)


@app.get(f"{BASE}/ask")
def ask():
    return told.ask()


@app.get(f"{BASE}/assertion")
def assertion():
    """For whoever wants to try it at another app."""
    return portico.user().assertion


if __name__ == "__main__":
    app.run(host=os.environ["HOST"], port=int(os.environ["PORT"]))
