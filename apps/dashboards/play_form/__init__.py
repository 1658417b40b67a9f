"""A play as a form: every input is named by its place in the definition, so that a flaw finds its input and nothing typed is lost on the way."""
