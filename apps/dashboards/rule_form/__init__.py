"""The editor of alert rules: from a definition to inputs and back."""
