"""Field inputs: what people really bring, each with what is right for it. `python -m tools.field_inputs FOLDER`."""
