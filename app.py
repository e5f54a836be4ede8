"""Start the app: `python app.py`. `demo` is at module level because `gradio app.py` and Spaces look for it there."""

import gc

gc.disable()  # a sixth of a start's time went into looking for garbage, of which it leaves 10 MB

from fer_demo.interface.context import AppContext  # noqa: E402
from fer_demo.interface.demo import build_demo, launch_options  # noqa: E402
from fer_demo.settings import from_environment  # noqa: E402

context = AppContext.create(from_environment())
demo = build_demo(context)
gc.freeze()  # what was built stays, so no visitor waits until all of it is looked through
gc.enable()

if __name__ == "__main__":
    demo.launch(**launch_options(context))
