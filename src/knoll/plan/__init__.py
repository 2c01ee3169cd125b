"""The compiler from a graph to a plan: passes (`passes/`), lowering (`lower.py`), fusion, layouts, buffers."""
