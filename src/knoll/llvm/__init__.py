"""GENERATE: the small language of kernels → LLVM IR → object code → disk cache."""
