-- Where a row cannot be made, nothing is done by halves: the orphans are left, with the column to give a value for.
-- options: --on-orphan stand-in
-- Expected: nothing changes but tags, whose row can be made. For items there is no rule for a POINT; a CHECK over two
-- columns refuses the events; a trigger refuses the rooms; each tree needs another one above it, and so on; of codes the
-- key is computed.
CREATE TABLE items (id INTEGER PRIMARY KEY, place POINT NOT NULL);
CREATE TABLE item_notes (id INTEGER PRIMARY KEY, item_id INTEGER NOT NULL REFERENCES items (id));
CREATE TABLE events (id INTEGER PRIMARY KEY, first INT NOT NULL, last INT NOT NULL, CHECK (first < last));
CREATE TABLE visits (id INTEGER PRIMARY KEY, event_id INTEGER NOT NULL REFERENCES events (id));
CREATE TABLE rooms (id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO rooms VALUES (1, 'x');
CREATE TRIGGER rooms_are_built BEFORE INSERT ON rooms BEGIN SELECT RAISE(ABORT, 'ask the architect'); END;
CREATE TABLE beds (id INTEGER PRIMARY KEY, room_id INTEGER NOT NULL REFERENCES rooms (id));
CREATE TABLE trees (id INTEGER PRIMARY KEY, wood_id INTEGER NOT NULL REFERENCES woods (id));
CREATE TABLE woods (id INTEGER PRIMARY KEY, first_tree_id INTEGER NOT NULL REFERENCES trees (id));
CREATE TABLE birds (id INTEGER PRIMARY KEY, tree_id INTEGER NOT NULL REFERENCES trees (id));
CREATE TABLE codes (n INT, code AS (n * 2) STORED UNIQUE);
CREATE TABLE uses (id INTEGER PRIMARY KEY, code INT NOT NULL REFERENCES codes (code));
CREATE TABLE tags (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE tagged (id INTEGER PRIMARY KEY, tag TEXT NOT NULL REFERENCES tags (name));
INSERT INTO items VALUES (1, 'here');
INSERT INTO item_notes VALUES (1, 1), (2, 2);
INSERT INTO events VALUES (1, 2, 3);
INSERT INTO visits VALUES (1, 1), (2, 2);
INSERT INTO beds VALUES (1, 1), (2, 2);
INSERT INTO woods VALUES (1, 1);
INSERT INTO trees VALUES (1, 1);
INSERT INTO birds VALUES (1, 1), (2, 2);
INSERT INTO codes VALUES (1);
INSERT INTO uses VALUES (1, 2), (2, 4);
INSERT INTO tags VALUES ('a');
INSERT INTO tagged VALUES (1, 'a'), (2, 'b'), (3, 'b');
