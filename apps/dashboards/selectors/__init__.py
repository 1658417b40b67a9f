"""Read models of the staff pages; every list goes through `for_user`."""
