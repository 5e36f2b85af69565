from html import escape

import gradio as gr
import told

with gr.Blocks() as demo:
    who = gr.HTML()
    button = gr.Button("Ask")
    answer = gr.HTML()
    demo.load(lambda: escape(told.who()), None, who)
    button.click(lambda: escape(told.ask()), None, answer)

if __name__ == "__main__":
    demo.launch()
