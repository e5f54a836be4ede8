"""Interface parts that Gradio lacks: pickable pictures, plots that answer to a click, a photo field that forgets."""
