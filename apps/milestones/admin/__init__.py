from . import paths, winning

__all__ = ["paths", "winning"]
