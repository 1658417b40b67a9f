from . import paths, rewards

__all__ = ["paths", "rewards"]
