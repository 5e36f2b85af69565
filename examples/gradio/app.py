"""Text measurer: a Gradio app that greets whoever the gateway let in, and shows what an API says to them."""

from collections import Counter

import gradio as gr
import httpx
import portico


def who() -> str:
    """The signed-in person, verified; nobody is, when the app runs without the gateway."""
    user = portico.user(optional=True)
    return "guest" if user is None else user.email or user.name or user.id


def roles() -> str:
    """What the gateway says the person may do, as of now."""
    user = portico.user(optional=True)
    return "none: start this app behind Portico" if user is None else ", ".join(user.roles) or "none"


def figures() -> str:
    """Fresh numbers of an API: the gateway calls it with the person's own token, however long the page has been open."""
    try:
        answer = portico.api("graph").get("/reports").raise_for_status().json()
    except (portico.PorticoError, httpx.HTTPError) as problem:
        return f"No figures: {problem}"
    revenue = ", ".join(f"{row['region']} {row['revenue']:,} €" for row in answer["value"])
    return f"{revenue} (token of {answer['token']['issuedAt']})"


def greet() -> str:
    return f"Welcome, **{who()}**. Roles: {roles()}."


def measure(text: str, top: int) -> tuple[str, list[list[object]]]:
    """Counts words, and knows who asked."""
    words = [word.strip(".,;:!?()\"'").lower() for word in text.split()]
    counts = Counter(word for word in words if word)
    summary = f"{len(words)} words, {len(counts)} different, measured for {who()}"
    return summary, [[word, count] for word, count in counts.most_common(int(top))]


with gr.Blocks(title="Text measurer") as demo:
    gr.Markdown("# Text measurer")
    greeting = gr.Markdown()
    text = gr.Textbox(label="Text", lines=6, value="The quick brown fox jumps over the lazy dog, and the dog sleeps on.")
    top = gr.Slider(1, 20, value=5, step=1, label="Most frequent words")
    button = gr.Button("Measure", variant="primary")
    summary = gr.Textbox(label="Summary")
    table = gr.Dataframe(label="Words", headers=["word", "count"], interactive=False)
    button.click(measure, [text, top], [summary, table])
    gr.Markdown("## Revenue now")
    revenue = gr.Markdown()
    refresh = gr.Button("Refresh")
    demo.load(greet, None, greeting)
    # On a click, and every five seconds.
    gr.on([demo.load, refresh.click, gr.Timer(5).tick], figures, None, revenue, show_progress="hidden")

if __name__ == "__main__":
    demo.launch()
