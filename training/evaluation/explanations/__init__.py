"""How often explanations of a recognizer can be believed."""
