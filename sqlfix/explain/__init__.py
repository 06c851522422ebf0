"""Why a row cannot be deleted, and what an error message means."""
