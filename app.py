"""Start the app: `python app.py`. `demo` is at module level because `gradio app.py` and Spaces look for it there."""

import gc
import sys

gc.disable()  # a sixth of a start's time went into looking for garbage, of which it leaves 10 MB

from fer_demo.errors import SettingsError  # noqa: E402
from fer_demo.interface.own_files import keep_to_own_folder  # noqa: E402
from fer_demo.settings import from_environment  # noqa: E402

try:
    settings = from_environment()
    own_folder = keep_to_own_folder()  # before Gradio is imported, which asks then where to write
except SettingsError as error:
    sys.exit(str(error))

from fer_demo.interface.context import AppContext  # noqa: E402
from fer_demo.interface.demo import build_demo, launch_options  # noqa: E402
from fer_demo.interface.serving import serve  # noqa: E402

context = AppContext.create(settings)
demo = build_demo(context)
gc.freeze()  # what was built stays, so no visitor waits until all of it is looked through
gc.enable()

if __name__ == "__main__":
    serve(demo, launch_options(context), own_folder)
