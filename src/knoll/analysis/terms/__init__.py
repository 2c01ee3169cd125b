"""The terms of one number of a layer's output; the rule of each operation stands in the table of `made_of.py`."""
