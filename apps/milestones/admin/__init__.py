from . import paths, rewards, winning

__all__ = ["paths", "rewards", "winning"]
