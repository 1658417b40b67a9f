"""What to do next for an account: facts gathered, then ranked by what each is expected to bring. The same facts give the same list."""
