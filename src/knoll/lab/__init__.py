"""The lab: a page on this computer where a layer, a network or a training run can be tried and watched.

`serve.py` begins it; `app.py` is its Starlette application behind `guard.py`; each view of the page is a file of
`views/` with a function from a setting to what is shown.
"""
