"""The vital signs of the system: small checks, declared once in `registry`, for page, banner, doors, alerts and widgets."""
