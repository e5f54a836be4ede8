"""Why a model answers as it does, and whether the explanation can be believed."""
