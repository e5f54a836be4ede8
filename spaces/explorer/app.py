"""The Space's app: datasets and maps."""

from fer_demo.interface.shown_page import EXPLORER
from fer_demo.interface.starting import start

app = start(EXPLORER)
context, demo = app.context, app.demo

if __name__ == "__main__":
    app.serve()
