"""What every API endpoint shares: who may enter, how rows are listed, filtered and paged, how bodies are read, and one shape for every error."""
