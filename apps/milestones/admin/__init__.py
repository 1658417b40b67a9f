from . import paths

__all__ = ["paths"]
