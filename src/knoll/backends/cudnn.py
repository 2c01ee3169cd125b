"""`torch.backends.cudnn`: switches of the convolutions of graphics cards. They may be set, and change nothing."""

from knoll.backends.library import is_available, version

enabled: bool = False
benchmark: bool = False
benchmark_limit: int = 10
deterministic: bool = False
allow_tf32: bool = False

__all__ = ["allow_tf32", "benchmark", "benchmark_limit", "deterministic", "enabled", "is_available", "version"]
