"""Start the app: `python app.py`. `demo` is at module level because `gradio app.py` and Spaces look for it there."""

from fer_demo.interface.starting import start

app = start()
context, demo = app.context, app.demo

if __name__ == "__main__":
    app.serve()
