"""A segment's rule as a form: a tree of lines, each with the inputs of its kind, on the parts of the plays' form."""
