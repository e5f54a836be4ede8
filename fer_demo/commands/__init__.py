"""The batch commands, one file each: `add` describes it on the command line, `run` does it."""
