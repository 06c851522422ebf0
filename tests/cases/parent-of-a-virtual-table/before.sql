-- A key to a virtual table cannot work; and the tables in which a virtual table keeps its content are nobody's to mend.
-- needs: rtree
-- Expected: parent-key-not-unique (virtual). The orphan of the ordinary table becomes NULL; boxes and its shadow tables
-- are as they were.
CREATE VIRTUAL TABLE boxes USING rtree (id, x0, x1);
CREATE TABLE labels (id INTEGER PRIMARY KEY, box_id INTEGER REFERENCES boxes (id));
CREATE TABLE notes (id INTEGER PRIMARY KEY, label_id INTEGER REFERENCES labels (id));
INSERT INTO boxes VALUES (1, 0.0, 1.0), (2, 2.0, 3.0);
INSERT INTO labels VALUES (1, 1), (2, 77);
INSERT INTO notes VALUES (1, 1), (2, 9);
