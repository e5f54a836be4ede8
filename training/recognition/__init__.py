"""Learning to recognize expressions: batches, tasks, teachers, objective."""
