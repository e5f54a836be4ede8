"""The Space's app: all tabs on the models that came with it."""

from fer_demo.interface.starting import start

app = start()
context, demo = app.context, app.demo

if __name__ == "__main__":
    app.serve()
