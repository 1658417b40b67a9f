"""Privacy choices: every surface of the community asks them at the moment of use."""
