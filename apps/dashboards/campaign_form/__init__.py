"""A campaign as a form, on the parts of the plays' form: every input is named by its place in the definition."""
