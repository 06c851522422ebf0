-- The user with the zero GUID exists: it is "nobody". An item names it with hyphens, the table without.
-- Expected: 1 orphan that matches but for its spelling, and is relinked; it is no placeholder, as it has a parent to find.
CREATE TABLE users (id TEXT PRIMARY KEY);
CREATE TABLE items (id INTEGER PRIMARY KEY, owner_id TEXT REFERENCES users (id));
INSERT INTO users VALUES ('00000000000000000000000000000000'), ('ann');
INSERT INTO items VALUES (1, 'ann'), (2, '00000000-0000-0000-0000-000000000000');
