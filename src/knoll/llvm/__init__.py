"""Code generation: the builder of kernels (`builder.py`) → LLVM IR → object code → disk cache → executable pages."""
