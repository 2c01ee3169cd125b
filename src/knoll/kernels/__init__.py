"""GENERATE: one file per algorithm; each writes the loop nest for one shape, element type and machine."""
