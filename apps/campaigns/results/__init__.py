"""What campaigns changed: against those held out, beside what is usually counted; and what follows from it."""
