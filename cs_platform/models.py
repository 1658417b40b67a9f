"""No tables. The module exists so that post_migrate reaches this package, last, when every app's permissions are there for the staff groups."""
