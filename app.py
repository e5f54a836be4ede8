"""Start the app: `python app.py`. `demo` is at module level because `gradio app.py` and Spaces look for it there."""

from fer_demo.interface.context import AppContext
from fer_demo.interface.demo import build_demo, launch_options
from fer_demo.settings import from_environment

context = AppContext.create(from_environment())
demo = build_demo(context)

if __name__ == "__main__":
    demo.launch(**launch_options(context))
