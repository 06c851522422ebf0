"""SQLite as a program: files, snapshots, transactions, deadlines."""
