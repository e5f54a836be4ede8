"""The Space's app: what a class needs."""

from fer_demo.interface.shown_page import LESSON
from fer_demo.interface.starting import start

app = start(LESSON)
context, demo = app.context, app.demo

if __name__ == "__main__":
    app.serve()
