"""What an error message means for one file."""
