"""The staff pages: each view reads one read model and renders one template, whole or one part of it."""
