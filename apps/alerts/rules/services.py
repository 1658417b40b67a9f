"""Rules for the outside: written, turned, tried and read; what watches them is in watching.py and early.py, started by the jobs."""

__all__ = [
    *("Flaws", "USEFUL_WORDS", "checked", "create", "describe", "ensure", "figure_words", "figures", "house", "in_words", "known", "open_alerts"),
    *("plain", "read", "remove_draft", "save_version", "stop_trial", "try_out", "turn"),
]
