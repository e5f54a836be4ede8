"""The page: what is loaded once, errors and queues, shared parts, and a tab for each of the app's questions."""
