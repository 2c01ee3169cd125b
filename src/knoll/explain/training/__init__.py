"""Optimisers and schedules of the learning rate explained: what each argument means, and numbers that they gave."""
