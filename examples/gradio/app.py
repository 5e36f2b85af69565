"""Text measurer: the smallest Gradio app that greets whoever the gateway let in."""

from collections import Counter

import gradio as gr


def who(request: gr.Request) -> str:
    """The signed-in person; the gateway sets this header and removes any that a browser sends."""
    return request.headers.get("x-forwarded-email") or request.headers.get("x-forwarded-user") or "guest"


def greet(request: gr.Request) -> str:
    return f"Welcome, **{who(request)}**."


def measure(text: str, top: int, request: gr.Request) -> tuple[str, list[list[object]]]:
    """Counts words; the request tells who asked."""
    words = [word.strip(".,;:!?()\"'").lower() for word in text.split()]
    counts = Counter(word for word in words if word)
    summary = f"{len(words)} words, {len(counts)} different, measured for {who(request)}"
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
    demo.load(greet, None, greeting)

if __name__ == "__main__":
    demo.launch()
